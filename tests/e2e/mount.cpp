#include "tests/e2e/mount.h"

#include "tests/e2e/program.h"

#include <unistd.h>

namespace foreshard::e2e {

Mount::Mount(QString path, int megabytes) : path_(std::move(path))
{
    if (::geteuid() != 0) {
        problem_ = QStringLiteral("only root can mount a file system");
        return;
    }
    const QString size = QStringLiteral("size=%1m").arg(megabytes);
    const Outcome outcome = runOther(QStringLiteral("mount"),
                                     {QStringLiteral("-t"), QStringLiteral("tmpfs"),
                                      QStringLiteral("-o"), size, QStringLiteral("tmpfs"), path_});
    if (outcome.exitCode != 0) problem_ = QStringLiteral("mount: ") + described(outcome);
}

Mount::~Mount()
{
    if (problem_.isEmpty()) runOther(QStringLiteral("umount"), {path_});
}

bool Mount::change(const QString& options)
{
    const QString all = QStringLiteral("remount,") + options;
    return runOther(QStringLiteral("mount"), {QStringLiteral("-o"), all, path_}).exitCode == 0;
}

}  // namespace foreshard::e2e
