#include "engine/control/space_reserve.h"

namespace foreshard {
namespace {

constexpr std::uint64_t kMakeAbove = 4;  // times its size must be free before it is made again

}  // namespace

SpaceReserve::SpaceReserve(Disk& disk, std::string path, std::uint64_t bytes)
    : disk_(disk), path_(std::move(path)), bytes_(bytes)
{
}

void SpaceReserve::start()
{
    if (bytes_ == 0) return;
    const Result<std::unique_ptr<File>> file = disk_.open(path_, OpenMode::kRead);
    present_ = file.ok() && (*file)->size() == bytes_;
}

bool SpaceReserve::update(std::uint64_t freeBytes)
{
    if (bytes_ == 0) return false;
    if (present_ && freeBytes < bytes_) {
        present_ = !disk_.remove(path_).ok();
        return !present_;
    }
    // Not for want of trying: without it the engine works, with less to spare.
    if (!present_ && freeBytes > bytes_ * kMakeAbove)
        present_ = disk_.writeWhole(path_, Bytes(bytes_, '\0')).ok();
    return false;
}

}  // namespace foreshard
