#include "app/bench/disk_limit.h"

#include "engine/base/split_mix.h"
#include "engine/env/real/posix_io.h"

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace foreshard {
namespace {

constexpr std::size_t kCommitBytes = 4U << 20U;
constexpr std::size_t kAlignment = 4096;
constexpr std::uint64_t kExtentBytes = 1ULL << 30U;
constexpr std::uint64_t kBytesMax = 8ULL << 30U;
constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;

struct Free {
    void operator()(char* memory) const { std::free(memory); }
};
using Aligned = std::unique_ptr<char, Free>;

// Bytes that do not compress, in case something below does.
Aligned alignedNoise(std::size_t bytes)
{
    Aligned memory(static_cast<char*>(std::aligned_alloc(kAlignment, bytes)));
    FS_CHECK(memory != nullptr);
    SplitMix64 random(2);
    for (std::size_t at = 0; at < bytes; at += sizeof(std::uint64_t)) {
        const std::uint64_t word = random.next();
        std::memcpy(memory.get() + at, &word, sizeof word);
    }
    return memory;
}

// Removes the file at the end, after its descriptor.
class ScratchFile {
public:
    ScratchFile(std::string path, UniqueFd file) : path_(std::move(path)), file_(std::move(file)) {}
    ~ScratchFile() { static_cast<void>(::unlink(path_.c_str())); }
    ScratchFile(const ScratchFile&) = delete;
    ScratchFile& operator=(const ScratchFile&) = delete;

    int fd() const { return file_.get(); }

private:
    std::string path_;
    UniqueFd file_;
};

Status commit(int fd, BytesView data, std::uint64_t position, const std::string& path,
              DiskRound& disk)
{
    const auto before = std::chrono::steady_clock::now();
    FS_TRY_STATUS(writeAt(fd, data, position, path));
    FS_TRY_STATUS(syncData(fd, path));
    const std::chrono::duration<double, std::micro> took =
        std::chrono::steady_clock::now() - before;
    disk.commitMicros.push_back(took.count());
    return {};
}

}  // namespace

Result<DiskRound> sustainedWrites(const std::string& path, std::uint64_t bytes, double seconds)
{
    const std::string task = "measure the disk";
    DiskRound disk;
    Result<UniqueFd> opened = openFile(path, kFlags | O_DIRECT, task);
    if (!opened.ok()) {
        disk.direct = false;
        opened = openFile(path, kFlags, task);
        if (!opened.ok()) return opened.error();
    }
    const ScratchFile file(path, std::move(*opened));
    const Aligned noise = alignedNoise(kCommitBytes);
    const BytesView block(noise.get(), kCommitBytes);
    std::uint64_t written = 0;
    const Meter meter;
    while (written < kBytesMax && (written < bytes || meter.elapsedSeconds() < seconds)) {
        const auto at = static_cast<off_t>(written);
        if (written % kExtentBytes == 0 && disk.allocated)
            disk.allocated = ::fallocate(file.fd(), 0, at, static_cast<off_t>(kExtentBytes)) == 0;
        FS_TRY_STATUS(commit(file.fd(), block, written, path, disk));
        written += kCommitBytes;
        if (!disk.direct)
            ::posix_fadvise(file.fd(), at, static_cast<off_t>(kCommitBytes), POSIX_FADV_DONTNEED);
    }
    disk.round = meter.lap(disk.commitMicros.size(), written);
    return disk;
}

Result<DiskRound> smallCommits(const std::string& path, double seconds)
{
    DiskRound disk;
    disk.direct = disk.allocated = false;
    FS_TRY(UniqueFd opened, openFile(path, kFlags, "measure small commits"));
    const ScratchFile file(path, std::move(opened));
    const Aligned noise = alignedNoise(kAlignment);
    const BytesView block(noise.get(), kAlignment);
    std::uint64_t written = 0;
    const Meter meter;
    do {
        FS_TRY_STATUS(commit(file.fd(), block, written, path, disk));
        written += block.size();
    } while (meter.elapsedSeconds() < seconds);
    disk.round = meter.lap(disk.commitMicros.size(), written);
    return disk;
}

}  // namespace foreshard
