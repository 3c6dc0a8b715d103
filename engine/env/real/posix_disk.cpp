#include "engine/env/real/posix_disk.h"

#include "engine/base/crash_point.h"
#include "engine/env/real/posix_file.h"
#include "engine/env/real/posix_input.h"
#include "engine/env/real/posix_io.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <utility>

namespace foreshard {
namespace {

constexpr mode_t kOwnerOnly = 0700;
constexpr mode_t kAnybody = 0777;  // less the umask

int flagsFor(OpenMode mode)
{
    switch (mode) {
        case OpenMode::kRead:
            return O_RDONLY;
        case OpenMode::kAppend:
            return O_RDWR;
        case OpenMode::kCreate:
            return O_RDWR | O_CREAT;
    }
    return O_RDONLY;
}

class LockHolder {
public:
    explicit LockHolder(UniqueFd fd) : fd_(std::move(fd)) {}
    // Said aloud, because a forked child that still holds the descriptor would keep the lock.
    ~LockHolder() { ::flock(fd_.get(), LOCK_UN); }
    LockHolder(const LockHolder&) = delete;
    LockHolder& operator=(const LockHolder&) = delete;

private:
    UniqueFd fd_;
};

// The error for a lock that somebody else has.
Error lockBusy(int fd, const std::string& path)
{
    return {Errc::kBusy, "lock " + path + ": held by " + lockHolderText(fd, path)
                             + ": stop that program or choose another folder"};
}

// Tries for a few moments: somebody may only be looking at the lock (lock_probe.h).
bool lockSoon(int fd)
{
    constexpr int kTries = 6;
    constexpr timespec kPause{0, 10'000'000};
    for (int i = 0; i < kTries; ++i) {
        if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return true;
        if (errno != EWOULDBLOCK || i + 1 == kTries) return false;
        ::nanosleep(&kPause, nullptr);
    }
    return false;
}

std::string normal(const std::string& path)
{
    return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace

void PosixDisk::keepPrivate(std::string folder) { private_ = normal(folder + "/"); }

bool PosixDisk::isPrivate(const std::string& path) const
{
    return !private_.empty() && normal(path).starts_with(private_);
}

Result<UniqueFd> PosixDisk::openHere(const std::string& path, int flags,
                                     const std::string& what) const
{
    if (!isPrivate(path)) return openFile(path, flags, what);
    FS_TRY_STATUS(refuseLinks(private_, normal(path)));
    return openPrivate(path, flags, what);
}

Status PosixDisk::writeTemporary(const std::string& path, BytesView data) const
{
    FS_TRY(const UniqueFd fd, openHere(path, O_WRONLY | O_CREAT | O_TRUNC, "create"));
    FS_TRY_STATUS(writeAt(fd.get(), data, 0, path));
    return syncData(fd.get(), path);
}

PosixDisk::PosixDisk()
{
    for (std::size_t i = 0; i < kHelpers; ++i)
        helpers_[i] = std::make_shared<AppendHelper>("fs-disk-" + std::to_string(i));
}

PosixDisk::~PosixDisk()
{
    for (const auto& helper : helpers_)
        helper->stop();
}

Result<std::unique_ptr<File>> PosixDisk::open(const std::string& path, OpenMode mode)
{
    if (mode == OpenMode::kCreate) crashPoint("create.before");
    FS_TRY(UniqueFd fd, isPrivate(path) ? openHere(path, flagsFor(mode), "open")
                                        : openRegular(path, flagsFor(mode), "open"));
    if (mode == OpenMode::kCreate) crashPoint("create.after");
    FS_TRY(const std::uint64_t size, sizeOf(fd.get(), path));
    if (mode == OpenMode::kCreate) FS_TRY_STATUS(syncFolder(folderOf(path)));
    const std::size_t turn = filesOpened_.fetch_add(1, std::memory_order_relaxed);
    std::unique_ptr<File> file = std::make_unique<PosixFile>(
        std::make_shared<FileState>(path, std::move(fd), mode, size), helpers_[turn % kHelpers]);
    return file;
}

Result<std::unique_ptr<Input>> PosixDisk::openInput(const std::string& path)
{
    return openPosixInput(path);
}

Result<std::vector<std::string>> PosixDisk::list(const std::string& directory)
{
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    if (error == std::errc::no_such_file_or_directory) return names;
    while (!error && entry != std::filesystem::directory_iterator{}) {
        names.push_back(entry->path().filename().string());
        entry.increment(error);
    }
    if (error) return posixError(error.value(), "list", directory);
    std::sort(names.begin(), names.end());
    return names;
}

Status PosixDisk::createDirectories(const std::string& directory)
{
    namespace fs = std::filesystem;
    std::vector<fs::path> missing;
    std::error_code error;
    for (fs::path path = fs::path(directory).lexically_normal(); !path.empty();
         path = path.parent_path()) {
        if (fs::exists(path, error) || path == path.parent_path()) break;
        if (path.has_filename()) missing.push_back(path);
    }
    if (isPrivate(directory + "/")) {
        FS_TRY_STATUS(refuseLinks(private_, normal(directory + "/")));
        for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
            const mode_t mode = isPrivate(path->string() + "/") ? kOwnerOnly : kAnybody;
            if (::mkdir(path->c_str(), mode) != 0 && errno != EEXIST)
                return posixError(errno, "create folder", path->string());
        }
    }
    fs::create_directories(directory, error);
    if (error) return posixError(error.value(), "create folder", directory);
    if (!fs::is_directory(directory, error)) return posixError(ENOTDIR, "create folder", directory);
    if (!missing.empty()) crashPoint("folder.create.after");
    for (const fs::path& path : missing)
        FS_TRY_STATUS(syncFolder(folderOf(path.string())));
    return {};
}

Status PosixDisk::remove(const std::string& path)
{
    crashPoint("remove.before");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return posixError(errno, "remove", path);
    crashPoint("remove.after");
    return {};
}

Status PosixDisk::writeWhole(const std::string& path, BytesView data)
{
    const std::string temporary = path + ".tmp";
    Status status = writeTemporary(temporary, data);
    crashPoint("rename.before");
    if (status.ok() && ::rename(temporary.c_str(), path.c_str()) != 0)
        status = posixError(errno, "replace", path);
    if (!status.ok()) {
        ::unlink(temporary.c_str());
        return status;
    }
    crashPoint("rename.after");
    return syncFolder(folderOf(path));
}

Result<Bytes> PosixDisk::readWhole(const std::string& path)
{
    constexpr std::size_t kPieceMin = 64U << 10U;  // for files that report no size, as in /proc
    FS_TRY(const UniqueFd fd, openHere(path, O_RDONLY, "open"));
    FS_TRY(const std::uint64_t size, sizeOf(fd.get(), path));
    FS_TRY(Bytes data, readAt(fd.get(), 0, static_cast<std::size_t>(size), path));
    for (;;) {
        FS_TRY(const Bytes more, readAt(fd.get(), data.size(), kPieceMin, path));
        if (more.empty()) return data;
        data += more;
    }
}

Status PosixDisk::syncDirectory(const std::string& directory) { return syncFolder(directory); }

Result<std::shared_ptr<void>> PosixDisk::lock(const std::string& path)
{
    FS_TRY(UniqueFd fd, openHere(path, O_RDWR | O_CREAT, "open lock"));
    if (!lockSoon(fd.get())) {
        if (errno == EWOULDBLOCK) return lockBusy(fd.get(), path);
        return posixError(errno, "lock", path);
    }
    if (::ftruncate(fd.get(), 0) != 0) return posixError(errno, "write lock", path);
    FS_TRY_STATUS(writeAt(fd.get(), std::to_string(::getpid()) + "\n", 0, path));
    return std::shared_ptr<void>(std::make_shared<LockHolder>(std::move(fd)));
}

Result<std::uint64_t> PosixDisk::freeBytes(const std::string& path)
{
    struct statvfs info = {};
    if (::statvfs(path.c_str(), &info) != 0) return posixError(errno, "ask free space of", path);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
}

}  // namespace foreshard
