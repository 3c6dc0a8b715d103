#pragma once
// SpaceReserve is a file that does nothing but take room. When somebody else has filled the disk to
// the brim it is given up, so that checkpoints and the manifest can still be finished and the
// truncation behind them can give space back; when there is room again it is made again. A file
// system that compresses stores it in no space; then only the low mark of the edge protects.
// Lives on the control strand.
#include "engine/env/env.h"

#include <cstdint>
#include <string>

namespace foreshard {

class SpaceReserve {
public:
    // `bytes` 0: no reserve.
    SpaceReserve(Disk& disk, std::string path, std::uint64_t bytes);

    // Takes over what an earlier start has left.
    void start();
    // How much is free besides the reserve. True when the reserve was given up just now.
    bool update(std::uint64_t freeBytes);
    bool present() const { return present_; }

private:
    Disk& disk_;
    std::string path_;
    std::uint64_t bytes_;
    bool present_ = false;
};

}  // namespace foreshard
