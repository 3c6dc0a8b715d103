#pragma once
// A small file system of its own, for tests of full and read-only disks. Needs root; gone with the
// object.
#include <QString>

namespace foreshard::e2e {

class Mount {
public:
    // A tmpfs of `megabytes` on the existing folder `path`.
    Mount(QString path, int megabytes);
    ~Mount();
    Mount(const Mount&) = delete;
    Mount& operator=(const Mount&) = delete;

    // Why it is not there; empty when it is.
    const QString& problem() const { return problem_; }
    // "size=64m", "ro". True when it was done.
    bool change(const QString& options);

private:
    QString path_;
    QString problem_;
};

}  // namespace foreshard::e2e
