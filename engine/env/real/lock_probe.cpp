#include "engine/env/real/lock_probe.h"

#include "engine/env/real/posix_io.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>

namespace foreshard {

Result<std::optional<std::string>> lockHolder(const std::string& path)
{
    const Result<UniqueFd> fd = openFile(path, O_RDONLY, "look at lock");
    if (!fd.ok() && fd.error().code == Errc::kNotFound) return std::optional<std::string>{};
    if (!fd.ok()) return fd.error();
    if (::flock(fd->get(), LOCK_SH | LOCK_NB) == 0) {
        ::flock(fd->get(), LOCK_UN);
        return std::optional<std::string>{};
    }
    if (errno != EWOULDBLOCK) return posixError(errno, "look at lock", path);
    return std::optional<std::string>{lockHolderText(fd->get(), path)};
}

}  // namespace foreshard
