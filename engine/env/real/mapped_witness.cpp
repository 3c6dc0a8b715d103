#include "engine/env/real/mapped_witness.h"

#include "engine/env/real/posix_io.h"
#include "engine/env/real/unique_fd.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <string_view>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace foreshard {
namespace {

constexpr std::size_t kSlotBytes = 64;
constexpr std::size_t kFileBytes = (MappedWitness::kNodesMax + 1) * kSlotBytes;
constexpr std::string_view kMagic = "FSWITN01";
static_assert(sizeof(WitnessSlot) <= kSlotBytes);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// Empty: no mark that this program makes.
std::string reasonOf(std::uint32_t mark)
{
    switch (mark) {
        case WitnessSlot::kHung:
            return "the operator hung";
        case SIGSEGV:
            return "the operator crashed (SIGSEGV)";
        case SIGBUS:
            return "the operator crashed (SIGBUS)";
        case SIGFPE:
            return "the operator crashed (SIGFPE)";
        case SIGILL:
            return "the operator crashed (SIGILL)";
        case SIGABRT:
            return "the operator crashed (SIGABRT)";
        default:
            return {};
    }
}

}  // namespace

Result<std::unique_ptr<MappedWitness>> MappedWitness::open(const std::string& path,
                                                           std::uint64_t life)
{
    const auto failed = [&path](int code) {
        return Error{code == ENOSPC ? Errc::kNoSpace : Errc::kIo,
                     "map " + path + ": " + std::strerror(code)
                         + ": crashes of the operator cannot be counted: check the disk"};
    };
    FS_TRY(const UniqueFd file, openPrivate(path, O_RDWR | O_CREAT, "map"));
    struct stat info = {};
    if (::fstat(file.get(), &info) != 0) return failed(errno);
    const bool fits = static_cast<std::size_t>(info.st_size) == kFileBytes;
    if (!fits && ::ftruncate(file.get(), 0) != 0) return failed(errno);
    // Room for all of it now: a store into a hole of a full disk would be a SIGBUS.
    if (const int code = ::posix_fallocate(file.get(), 0, kFileBytes); code != 0)
        return failed(code);
    void* memory = ::mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) return failed(errno);
    std::unique_ptr<MappedWitness> witness(new MappedWitness(memory, life));
    if (std::memcmp(memory, kMagic.data(), kMagic.size()) == 0) {
        witness->readMarks();
    } else {
        std::memset(memory, 0, kFileBytes);
        std::memcpy(memory, kMagic.data(), kMagic.size());
    }
    if (witness->marks_.empty()) witness->clear();
    return witness;
}

MappedWitness::~MappedWitness() { ::munmap(memory_, kFileBytes); }

WitnessSlot& MappedWitness::slot(NodeId node)
{
    FS_CHECK(node.value < kNodesMax);
    char* const at = static_cast<char*>(memory_) + (node.value + 1) * kSlotBytes;
    return *std::launder(reinterpret_cast<WitnessSlot*>(at));
}

void MappedWitness::readMarks()
{
    for (std::uint32_t i = 0; i < kNodesMax; ++i) {
        const WitnessSlot& seen = slot(NodeId{i});
        std::string reason = reasonOf(seen.mark);
        if (reason.empty()) continue;
        marks_.push_back(
            {{ShardId{seen.shard}, seen.n, seen.index, seen.offset}, seen.life, std::move(reason)});
    }
}

void MappedWitness::clear()
{
    for (std::uint32_t i = 0; i < kNodesMax; ++i) {
        WitnessSlot* const mine = new (&slot(NodeId{i})) WitnessSlot;
        mine->life = life_;
    }
}

}  // namespace foreshard
