#pragma once
// Control ends without a farewell while edge and nodes live on, and a fresh one takes over on the
// control log alone. Draws from a seed of its own, so that histories without it stay what they
// were.
#include "engine/base/split_mix.h"
#include "engine/base/time.h"

#include <cstdint>
#include <vector>

namespace foreshard::sim {

struct ControlReplacement {
    Nanos at{0};       // from the begin of the faults
    Nanos downFor{0};  // nobody is control meanwhile
};

// Those of this seed within `span`; most seeds have none. Pure.
inline std::vector<ControlReplacement> drawReplacements(std::uint64_t seed, Nanos span)
{
    SplitMix64 random(seed ^ 0x636F6E7472ULL);
    std::vector<ControlReplacement> drawn;
    if (!random.chance(300)) return drawn;
    const auto length = static_cast<std::uint64_t>(span.count());
    for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
        const Nanos at{static_cast<std::int64_t>(random.below(length))};
        const Nanos downFor{static_cast<std::int64_t>(random.below(1'500'000'000))};
        drawn.push_back({at, downFor});
    }
    return drawn;
}

}  // namespace foreshard::sim
