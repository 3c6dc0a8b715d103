#pragma once
// Chance for engine code in the virtual world: one seeded stream per process.
#include "engine/base/split_mix.h"
#include "engine/env/env.h"

#include <cstdint>

namespace foreshard::sim {

class SimRandom final : public Random {
public:
    explicit SimRandom(std::uint64_t seed) : mix_(seed) {}
    std::uint64_t next() override { return mix_.next(); }

private:
    SplitMix64 mix_;
};

}  // namespace foreshard::sim
