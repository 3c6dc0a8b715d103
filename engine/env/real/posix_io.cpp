#include "engine/env/real/posix_io.h"

#include "engine/base/crash_point.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace foreshard {
namespace {

constexpr mode_t kFileMode = 0640;

struct Words {
    Errc code;
    std::string cause;
    std::string nextStep;
};

Words wordsFor(int error)
{
    switch (error) {
        case ENOSPC:
            return {Errc::kNoSpace, "the disk is full",
                    "free some space or choose another folder, then start again"};
        case EDQUOT:
            return {Errc::kNoSpace, "the disk quota is used up",
                    "free some space or raise the quota, then start again"};
        case EROFS:
            return {Errc::kReadOnly, "the file system is mounted read-only",
                    "mount it writable or choose another folder"};
        case EACCES:
        case EPERM:
            return {Errc::kReadOnly, "permission denied",
                    "run as the owner of the file or change its permissions"};
        case ENOENT:
            return {Errc::kNotFound, "no such file or folder", "check the path"};
        case ELOOP:
            return {Errc::kReadOnly, "a symbolic link stands in its place",
                    "remove the link: it could lead to somebody else's file"};
        case ENXIO:
            return {Errc::kInvalid, "it is a device, a pipe or a socket",
                    "what is kept there is read again: name a file"};
        case EISDIR:
            return {Errc::kInvalid, "it is a folder", "name a file"};
        case ENOTDIR:
            return {Errc::kInvalid, "a part of the path is not a folder", "check the path"};
        case EFBIG:
            return {Errc::kIo, "the file would pass the size limit of the process or file system",
                    "raise the limit (ulimit -f) and start again"};
        case EMFILE:
        case ENFILE:
            return {Errc::kIo, "too many open files",
                    "raise the limit (ulimit -n) and start again"};
        case EIO:
            return {Errc::kIo, "the device reports an input/output error",
                    "check the disk and the system log before going on"};
        default:
            return {Errc::kIo, std::generic_category().message(error),
                    "see the system log and try again"};
    }
}

}  // namespace

Error posixError(int error, const std::string& what, const std::string& path)
{
    const Words words = wordsFor(error);
    return {words.code, what + " " + path + ": " + words.cause + ": " + words.nextStep};
}

std::string folderOf(const std::string& path)
{
    const std::string folder = std::filesystem::path(path).parent_path().string();
    return folder.empty() ? "." : folder;
}

Result<UniqueFd> openFile(const std::string& path, int flags, const std::string& what)
{
    int fd = -1;
    do {
        fd = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) return posixError(errno, what, path);
    UniqueFd owner(fd);
    struct stat info = {};
    if (::fstat(fd, &info) != 0) return posixError(errno, what, path);
    if (S_ISDIR(info.st_mode)) return posixError(EISDIR, what, path);
    return owner;
}

Result<UniqueFd> openRegular(const std::string& path, int flags, const std::string& what)
{
    // Of a pipe nobody reads, opening would wait.
    FS_TRY(UniqueFd fd, openFile(path, flags | O_NONBLOCK, what));
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0) return posixError(errno, what, path);
    if (!S_ISREG(info.st_mode)) return posixError(ENXIO, what, path);
    return fd;
}

Result<UniqueFd> openPrivate(const std::string& path, int flags, const std::string& what)
{
    FS_TRY(UniqueFd fd, openRegular(path, flags | O_NOFOLLOW, what));
    struct stat info = {};
    if (::fstat(fd.get(), &info) != 0) return posixError(errno, what, path);
    const uid_t self = ::geteuid();
    if (info.st_uid != self && info.st_uid != 0 && self != 0) {
        return Error{Errc::kReadOnly, what + " " + path + ": it belongs to user "
                                          + std::to_string(info.st_uid)
                                          + ": run as its owner, or choose another folder"};
    }
    constexpr mode_t kOthers = 077;
    constexpr mode_t kOwnerOnly = 0600;
    const bool open = (flags & O_ACCMODE) != O_RDONLY && (info.st_mode & kOthers) != 0;
    if (open && info.st_uid == self && ::fchmod(fd.get(), kOwnerOnly) != 0)
        return posixError(errno, "protect", path);
    return fd;
}

Status refuseLinks(const std::string& root, const std::string& path)
{
    for (std::size_t end = path.find('/', root.size()); end != std::string::npos;
         end = path.find('/', end + 1)) {
        const std::string folder = path.substr(0, end);
        struct stat info = {};
        if (::lstat(folder.c_str(), &info) == 0 && S_ISLNK(info.st_mode))
            return posixError(ELOOP, "use", folder);
    }
    return {};
}

Status writeAt(int fd, BytesView data, std::uint64_t position, const std::string& path)
{
    crashPoint("write.before");
    while (!data.empty()) {
        const std::size_t wanted =
            crashPointArmed("write.half") && data.size() > 1 ? data.size() / 2 : data.size();
        const ssize_t count = ::pwrite(fd, data.data(), wanted, static_cast<off_t>(position));
        if (count < 0 && errno == EINTR) continue;
        // Nothing written and no error would repeat for ever.
        if (count <= 0) return posixError(count < 0 ? errno : EIO, "write", path);
        data.remove_prefix(static_cast<std::size_t>(count));
        position += static_cast<std::uint64_t>(count);
        if (!data.empty()) crashPoint("write.half");
    }
    crashPoint("write.after");
    return {};
}

Result<Bytes> readAt(int fd, std::uint64_t position, std::size_t length, const std::string& path)
{
    if (position > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max())) return Bytes{};
    Bytes data(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
        const ssize_t count = ::pread(fd, data.data() + filled, length - filled,
                                      static_cast<off_t>(position + filled));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return posixError(errno, "read", path);
        if (count == 0) break;
        filled += static_cast<std::size_t>(count);
    }
    data.resize(filled);
    return data;
}

std::string lockHolderText(int fd, const std::string& path)
{
    constexpr std::size_t kPidTextMax = 32;
    const Result<Bytes> text = readAt(fd, 0, kPidTextMax, path);
    const std::string pid = text.ok() ? text->substr(0, text->find('\n')) : std::string();
    return pid.empty() ? "another process" : "process " + pid;
}

Result<std::uint64_t> sizeOf(int fd, const std::string& path)
{
    struct stat info = {};
    if (::fstat(fd, &info) != 0) return posixError(errno, "look at", path);
    return static_cast<std::uint64_t>(info.st_size);
}

Status syncData(int fd, const std::string& path)
{
    // Not repeated on any error: the kernel may have thrown the pages away already, and a second
    // call would then report success.
    crashPoint("sync.before");
    if (::fdatasync(fd) == 0) {
        crashPoint("sync.after");
        return {};
    }
    Error error = posixError(errno, "sync", path);
    // Even for want of space: unlike a write, a sync that failed leaves nobody knowing what is on
    // the disk, so nothing may go on as if only room were missing.
    error.code = Errc::kIo;
    return error;
}

Status syncFolder(const std::string& folder)
{
    crashPoint("folder.sync.before");
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.valid()) return posixError(errno, "open folder", folder);
    if (::fsync(fd.get()) != 0) return posixError(errno, "sync folder", folder);
    crashPoint("folder.sync.after");
    return {};
}

}  // namespace foreshard
