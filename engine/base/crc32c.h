#pragma once
// CRC-32C (Castagnoli, RFC 3720 appendix B.4), by the processor's instruction where it has one.
#include "engine/base/bytes.h"

#include <cstdint>

namespace foreshard {

// Checksum of `data`; pass a former result as `seed` to go on with the next piece.
std::uint32_t crc32c(BytesView data, std::uint32_t seed = 0);

}  // namespace foreshard
