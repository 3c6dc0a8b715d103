#pragma once
// SpaceWatch says when a disk is too full to take more input. What it keeps free is for what must
// still be finished then: checkpoints, the manifest, and with them the truncation that gives space
// back. It ends the pause a quarter above the mark, so that reading does not flutter. Pure.
#include <cstdint>

namespace foreshard {

class SpaceWatch {
public:
    // Input waits while fewer than `lowBytes` are free; 0: never.
    explicit SpaceWatch(std::uint64_t lowBytes) : lowBytes_(lowBytes) {}

    // True when input has to wait.
    bool update(std::uint64_t freeBytes)
    {
        low_ = freeBytes < (low_ ? lowBytes_ + lowBytes_ / 4 : lowBytes_);
        return low_;
    }
    bool low() const { return low_; }
    std::uint64_t lowBytes() const { return lowBytes_; }

private:
    std::uint64_t lowBytes_;
    bool low_ = false;
};

}  // namespace foreshard
