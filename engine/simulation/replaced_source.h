#pragma once
// Somebody puts another file in the place of the source while or between the engine's lives, and
// later the right one back. Nothing of the other may ever be read as part of the stream.
#include "engine/base/split_mix.h"
#include "engine/env/sim/world.h"
#include "engine/simulation/random_stream.h"

#include <optional>
#include <string>

namespace foreshard::sim {

class ReplacedSource {
public:
    // What is given outlives it; `disk` is a door that no crash closes.
    ReplacedSource(World& world, Disk& disk, const RandomStream& stream, std::uint64_t seed);

    // Whether and when this seed has one within `span`; none on standard input.
    std::optional<Nanos> draw(Nanos span);
    // How long it stays.
    Nanos drawStay();
    // False while no checkpoint is listed in `dataDirectory`: what was never read binds nobody.
    bool replace(const std::string& dataDirectory);
    // Whether the engine may have failed with `error` because of it, now or just before it went.
    bool explains(const Error& error) const;
    // Puts the right one back.
    void heal();

private:
    World& world_;
    Disk& disk_;
    const RandomStream& stream_;
    SplitMix64 random_;
    bool replaced_ = false;
    std::optional<Instant> healed_;
};

}  // namespace foreshard::sim
