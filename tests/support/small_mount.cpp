#include "tests/support/small_mount.h"

#include <cerrno>
#include <sys/mount.h>
#include <system_error>
#include <utility>

namespace foreshard::test {

const int SmallMount::kDenied = EPERM;

SmallMount::SmallMount(std::string path, const std::string& size) : path_(std::move(path))
{
    const std::string options = "size=" + size;
    if (::mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) error_ = errno;
}

SmallMount::~SmallMount()
{
    if (error_ == 0) ::umount2(path_.c_str(), MNT_DETACH);
}

std::string SmallMount::problem() const
{
    if (error_ == 0) return {};
    return "mount a tmpfs on " + path_ + ": " + std::generic_category().message(error_);
}

bool SmallMount::change(const std::string& options)
{
    unsigned long flags = MS_REMOUNT;
    if (options == "ro") flags |= MS_RDONLY;
    const bool size = options.starts_with("size=");
    return ::mount("tmpfs", path_.c_str(), "tmpfs", flags, size ? options.c_str() : nullptr) == 0;
}

}  // namespace foreshard::test
