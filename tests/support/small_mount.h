#pragma once
// A small file system of its own, for tests of full and read-only disks; gone with the object.
#include <string>

namespace foreshard::test {

class SmallMount {
public:
    // A tmpfs of `size` ("64k", "8m") on the existing folder `path`.
    SmallMount(std::string path, const std::string& size);
    ~SmallMount();
    SmallMount(const SmallMount&) = delete;
    SmallMount& operator=(const SmallMount&) = delete;

    // Mounting takes a right that this process has not.
    bool denied() const { return error_ == kDenied; }
    // Why it is not there; empty when it is.
    std::string problem() const;
    // "size=64m", "ro", "rw". True when it was done.
    bool change(const std::string& options);

private:
    static const int kDenied;

    std::string path_;
    int error_ = 0;
};

}  // namespace foreshard::test

// The kernel lets only the privileged mount; the simulated disk covers the same rules for everybody
// (tests/engine/env/sim, tests/engine/simulation). Any other failure fails the test.
#define FS_NEED_MOUNT(mount)                                                          \
    if ((mount).denied()) QSKIP("mounting a small tmpfs needs root (CAP_SYS_ADMIN)"); \
    QVERIFY2((mount).problem().empty(), (mount).problem().c_str())
