#pragma once
// The Random of env/real: SplitMix64 seeded once from the operating system. Not for secrets. Any
// thread may call.
#include "engine/base/split_mix.h"
#include "engine/env/env.h"

#include <mutex>

namespace foreshard {

class SystemRandom final : public Random {
public:
    SystemRandom();
    std::uint64_t next() override;

private:
    std::mutex mutex_;
    SplitMix64 generator_;
};

}  // namespace foreshard
