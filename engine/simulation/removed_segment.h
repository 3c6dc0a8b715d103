#pragma once
// Somebody removes a sealed segment of a buffer box while the engine runs. It must stop and name
// the file soon; then the file is put back, as from a copy. Draws from a seed of its own, so that
// the rest of a history stays what it was.
#include "engine/base/split_mix.h"
#include "engine/env/sim/world.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace foreshard::sim {

class RemovedSegment {
public:
    // What is given outlives it; `disk` is a door that no crash closes.
    RemovedSegment(World& world, Disk& disk, std::string dataDirectory, std::uint64_t seed);

    // Whether and when this seed has one within `span`.
    std::optional<Nanos> draw(Nanos span);
    // False while no box has a sealed segment.
    bool remove();
    bool missing() const { return !path_.empty(); }
    // REQUIRES: missing().
    Nanos missingFor() const { return world_.now() - removedAt_; }
    const std::string& path() const { return path_; }
    // Whether the engine may have failed with `error` because of it.
    bool explains(const Error& error) const;
    // Puts it back.
    void heal();

private:
    World& world_;
    Disk& disk_;
    std::string dataDirectory_;
    SplitMix64 random_;
    std::string path_;
    Bytes bytes_;
    Instant removedAt_;
};

}  // namespace foreshard::sim
