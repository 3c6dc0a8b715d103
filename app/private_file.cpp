#include "app/private_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace foreshard {
namespace {

Error failed(const std::string& what, const std::string& path)
{
    const int code = errno;
    return {code == ENOENT   ? Errc::kNotFound
            : code == ENOSPC ? Errc::kNoSpace
                             : Errc::kIo,
            what + " " + path + ": " + std::strerror(code)
                + ": check the folder, its owner and its room"};
}

Status syncFolderOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && ::fsync(fd) == 0;
    const Status status = synced ? Status{} : Status{failed("sync the folder of", path)};
    if (fd >= 0) ::close(fd);
    return status;
}

}  // namespace

Status writePrivate(const std::string& path, BytesView bytes)
{
    const std::string temporary = path + ".tmp";
    ::unlink(temporary.c_str());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          S_IRUSR | S_IWUSR);
    if (fd < 0) return failed("make", temporary);
    const bool written =
        ::fchmod(fd, S_IRUSR | S_IWUSR) == 0
        && ::write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())
        && ::fsync(fd) == 0;
    Status status = written ? Status{} : Status{failed("write", temporary)};
    ::close(fd);
    if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = failed("replace", path);
    if (!status.ok()) {
        ::unlink(temporary.c_str());
        return status;
    }
    return syncFolderOf(path);
}

Result<Bytes> readPrivate(const std::string& path, std::size_t size)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return failed("open", path);
    struct stat about {};
    Bytes bytes(size + 1, '\0');
    const bool read = ::fstat(fd, &about) == 0;
    const ssize_t got = read ? ::read(fd, bytes.data(), bytes.size()) : -1;
    const Error error = failed("read", path);
    ::close(fd);
    if (got < 0) return error;
    const bool ours = S_ISREG(about.st_mode) && (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    if (!ours) {
        return Error{Errc::kInvalid, path
                                         + " is open to others: a secret must not be: look who can "
                                           "have read it, then `chmod 600` it"};
    }
    bytes.resize(static_cast<std::size_t>(got));
    if (bytes.size() == size) return bytes;
    return Error{Errc::kCorrupt,
                 path + " has not the " + std::to_string(size)
                     + " bytes of a secret: it was damaged: restore it from a copy"};
}

}  // namespace foreshard
