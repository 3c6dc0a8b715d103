#pragma once
// Bits that flip at rest in the checkpoint files of a simulated cluster. What is damaged is
// remembered, so that a refusal that names the file can be told from a wrong one, and so that the
// damage can be taken back, as an operator would who restores the file from a copy.
#include "engine/env/sim/world.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard::sim {

class BitRot {
public:
    // What is given outlives it; `disk` is a door that no crash closes.
    BitRot(World& world, Disk& disk, std::string dataDirectory)
        : world_(world), disk_(disk), dataDirectory_(std::move(dataDirectory))
    {
    }

    // Damages a byte of a shard's newest listed checkpoint; `target` draws which. The node that
    // stored it; nothing happens while there is none.
    std::optional<NodeId> flip(std::uint32_t target);
    // Whether `message` names a file that is damaged now.
    bool explains(const std::string& message) const;
    // Takes all damage back that is still there.
    void heal();
    std::uint32_t flips() const { return flips_; }

private:
    struct Flip {
        std::string path;
        // Removed files are put right, too: a power cut may bring them back.
        std::shared_ptr<SimFileState> file;
        std::uint64_t position = 0;
        unsigned char mask = 0;
        char damaged = 0;
    };

    World& world_;
    Disk& disk_;
    std::string dataDirectory_;
    std::vector<Flip> damage_;
    std::uint32_t flips_ = 0;
};

}  // namespace foreshard::sim
