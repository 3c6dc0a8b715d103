#pragma once
// The one hash of a key on its way through the edge: XXH3, 64 bits, seed 0. Its low 12 bits are the
// key's slot, and the key filter of a segment index probes with it, so it is part of the formats.
// A record's key is hashed once and the hash handed on. Pure.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"

#include <cstdint>

namespace foreshard {

std::uint64_t keyHash(BytesView key);

constexpr std::uint32_t slotOfHash(std::uint64_t hash)
{
    return static_cast<std::uint32_t>(hash & (kSlotCount - 1));
}

}  // namespace foreshard
