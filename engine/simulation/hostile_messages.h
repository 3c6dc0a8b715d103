#pragma once
// Well-formed messages of every internal kind that nobody in the cluster would send: forged
// senders, numbers that cannot be, paths that lead out of the data directory. Pure.
#include "engine/base/split_mix.h"
#include "engine/model/message.h"

#include <cstddef>
#include <cstdint>
#include <variant>

namespace foreshard::sim {

// What there is to lie about.
struct Prey {
    std::uint32_t nodes = 1;
    std::uint32_t shards = 1;
};

// One kind for each message, and one for a frame.
inline constexpr std::size_t kHostileKinds = std::variant_size_v<Message> + 1;

// An envelope that holds what its checksum says. Commands are left out: those outsiders may give.
// REQUIRES: kind < kHostileKinds.
Bytes hostileMessage(SplitMix64& random, const Prey& prey, std::size_t kind);

}  // namespace foreshard::sim
