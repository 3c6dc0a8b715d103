#pragma once
// The one container of every message on the wire and every record on disk: 16 bytes of head, then
// the payload. See FORMAT.md. Knows nothing about what the payload means.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>

namespace foreshard {

inline constexpr std::uint32_t kEnvelopeMagic = 0x31565346;  // "FSV1" as bytes on disk
inline constexpr std::size_t kEnvelopeHeadBytes = 16;
inline constexpr std::size_t kPayloadMax = 64U << 20U;

// Head and payload in one piece. The payload is padded with zero bytes to a multiple of 8, and the
// padding counts: a payload that must know its own length has to say so itself.
// REQUIRES: a payload below 4 GiB; what is above the reader's payloadMax will not be opened.
Bytes seal(std::uint16_t type, BytesView payload);

// The same without a copy: `envelope` holds kEnvelopeHeadBytes bytes of room, then the payload.
Bytes sealInPlace(std::uint16_t type, Bytes envelope);

// Borrows from the bytes it was opened from.
struct EnvelopeView {
    std::uint16_t type = 0;
    std::uint32_t crc = 0;
    BytesView payload;
    std::size_t size = 0;  // head and payload: the next envelope begins here
};

// Opens the envelope at the front of `data`, which may be longer. kGap: `data` ends before the
// envelope does (a torn write at the end of a file). kCorrupt: magic, flags, length or checksum
// do not hold. Allocates nothing.
Result<EnvelopeView> openEnvelope(BytesView data, std::size_t payloadMax = kPayloadMax);

struct EnvelopeHead {
    std::uint16_t type = 0;
    std::uint32_t payloadLength = 0;
    std::uint32_t crc = 0;
};

// Reads a head alone, to know how much to read behind it; the checksum is not verified here.
// Errors as openEnvelope().
Result<EnvelopeHead> peekEnvelope(BytesView first16, std::size_t payloadMax = kPayloadMax);

}  // namespace foreshard
