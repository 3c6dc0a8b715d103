#include "engine/wire/envelope.h"

#include "engine/base/crc32c.h"
#include "engine/base/mutant.h"
#include "engine/wire/little_endian.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace foreshard {

namespace {

constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kFlagsAt = 6;
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kCrcAt = 12;
constexpr std::uint16_t kCheckpointDataType = 104;  // for a planted bug, and nothing else

// Over type, flags and length, then the payload. The magic is compared, so every bit is covered.
std::uint32_t envelopeCrc(BytesView head, BytesView payload)
{
    return crc32c(payload, crc32c(head.substr(kTypeAt, kCrcAt - kTypeAt)));
}

template <class Number>
void store(Bytes& out, std::size_t at, Number value)
{
    std::memcpy(out.data() + at, &value, sizeof(Number));
}

}  // namespace

Bytes sealInPlace(std::uint16_t type, Bytes envelope)
{
    FS_CHECK(envelope.size() >= kEnvelopeHeadBytes);
    envelope.resize((envelope.size() + 7U) & ~std::size_t{7}, '\0');
    const std::size_t payloadLength = envelope.size() - kEnvelopeHeadBytes;
    FS_CHECK(payloadLength <= std::numeric_limits<std::uint32_t>::max());
    store(envelope, 0, kEnvelopeMagic);
    store(envelope, kTypeAt, type);
    store(envelope, kFlagsAt, std::uint16_t{0});
    store(envelope, kLengthAt, static_cast<std::uint32_t>(payloadLength));
    const BytesView view = envelope;
    store(envelope, kCrcAt, envelopeCrc(view, view.substr(kEnvelopeHeadBytes)));
    return envelope;
}

Bytes seal(std::uint16_t type, BytesView payload)
{
    Bytes envelope;
    envelope.reserve(kEnvelopeHeadBytes + payload.size() + 7U);
    envelope.assign(kEnvelopeHeadBytes, '\0');
    envelope.append(payload);
    return sealInPlace(type, std::move(envelope));
}

Result<EnvelopeHead> peekEnvelope(BytesView first16, std::size_t payloadMax)
{
    if (first16.size() < kEnvelopeHeadBytes)
        return Error{Errc::kGap, "envelope: " + std::to_string(first16.size())
                                     + " bytes are no whole head: the write was cut short: "
                                       "read more, or end here"};
    const char* at = first16.data();
    if (loadNumber<std::uint32_t>(at) != kEnvelopeMagic
        || loadNumber<std::uint16_t>(at + kFlagsAt) != 0)
        return Error{Errc::kCorrupt,
                     "envelope: no magic number here: the bytes are damaged or not Foreshard's: "
                     "check the file with verify"};
    EnvelopeHead head{.type = loadNumber<std::uint16_t>(at + kTypeAt),
                      .payloadLength = loadNumber<std::uint32_t>(at + kLengthAt),
                      .crc = loadNumber<std::uint32_t>(at + kCrcAt)};
    if (head.payloadLength > payloadMax || head.payloadLength % 8 != 0)
        return Error{Errc::kCorrupt, "envelope: impossible length "
                                         + std::to_string(head.payloadLength)
                                         + ": the head is damaged: check the file with verify"};
    return head;
}

Result<EnvelopeView> openEnvelope(BytesView data, std::size_t payloadMax)
{
    FS_TRY(const EnvelopeHead head, peekEnvelope(data, payloadMax));
    if (data.size() - kEnvelopeHeadBytes < head.payloadLength)
        return Error{Errc::kGap, "envelope: " + std::to_string(data.size()) + " bytes of "
                                     + std::to_string(kEnvelopeHeadBytes + head.payloadLength)
                                     + ": the write was cut short: read more, or end here"};
    const BytesView payload = data.substr(kEnvelopeHeadBytes, head.payloadLength);
    const bool trusted = mutant(Mutant::kAcceptDamaged) && head.type == kCheckpointDataType;
    if (!trusted && envelopeCrc(data, payload) != head.crc)
        return Error{Errc::kCorrupt,
                     "envelope: the checksum does not hold: the bytes were damaged after they "
                     "were written: check the file with verify"};
    return EnvelopeView{.type = head.type,
                        .crc = head.crc,
                        .payload = payload,
                        .size = kEnvelopeHeadBytes + payload.size()};
}

}  // namespace foreshard
