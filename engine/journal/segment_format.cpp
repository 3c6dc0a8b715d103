#include "engine/journal/segment_format.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/little_endian.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr std::size_t kNameBytes = 24;

bool isNumber(const std::string& text)
{
    return !text.empty()
           && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string journalName(const std::string& directory)
{
    const std::size_t slash = directory.rfind('/');
    if (slash == std::string::npos) return directory.substr(0, kNameBytes);
    std::size_t begin = slash + 1;
    if (isNumber(directory.substr(begin)) && slash > 0) {
        const std::size_t above = directory.rfind('/', slash - 1);
        begin = above == std::string::npos ? 0 : above + 1;
    }
    return directory.substr(begin, kNameBytes);
}

Bytes encodeSegmentHeader(const SegmentHeader& header)
{
    Bytes payload;
    appendNumber(payload, kSegmentVersion);
    appendNumber(payload, std::uint32_t{0});
    appendNumber(payload, header.segment);
    appendNumber(payload, header.salt);
    appendNumber(payload, header.previousBytes);
    appendNumber(payload, header.previousSalt);
    Bytes name = header.journal;
    name.resize(kNameBytes, '\0');
    payload += name;
    Bytes sealed = seal(static_cast<std::uint16_t>(WireType::kSegmentHeader), payload);
    FS_CHECK(sealed.size() == kSegmentHeaderBytes);
    return sealed;
}

Result<SegmentHeader> decodeSegmentHeader(BytesView data)
{
    if (data.size() < kSegmentHeaderBytes) {
        return Error{Errc::kCorrupt, data.empty() ? "the file is empty, its header is gone"
                                                  : "the file is cut short in its header"};
    }
    FS_TRY(const EnvelopeView opened, openEnvelope(data));
    if (opened.type != static_cast<std::uint16_t>(WireType::kSegmentHeader)) {
        return Error{Errc::kUnsupported,
                     "it has no segment header: an older version or another program wrote it: "
                     "read it with that one"};
    }
    NumberReader reader(opened.payload);
    const auto version = reader.take<std::uint32_t>();
    if (reader.ok() && version > kSegmentVersion) {
        return Error{Errc::kUnsupported, "it has format " + std::to_string(version)
                                             + ", this version reads up to "
                                             + std::to_string(kSegmentVersion)
                                             + ": a newer version wrote it: use that one"};
    }
    SegmentHeader header;
    reader.take<std::uint32_t>();
    header.segment = reader.take<std::uint64_t>();
    header.salt = reader.take<std::uint64_t>();
    header.previousBytes = reader.take<std::uint64_t>();
    header.previousSalt = reader.take<std::uint64_t>();
    const BytesView name = reader.takeBytes(kNameBytes);
    if (!reader.ok() || version == 0 || opened.size != kSegmentHeaderBytes)
        return Error{Errc::kCorrupt, "its segment header has a wrong length"};
    header.journal = Bytes(name.substr(0, std::min(name.find('\0'), name.size())));
    return header;
}

Bytes encodeMark(const SegmentMark& mark)
{
    Bytes payload;
    appendNumber(payload, mark.position);
    appendNumber(payload, mark.durable);
    appendNumber(payload, mark.salt);
    appendNumber(payload, mark.durableBatch);
    return seal(static_cast<std::uint16_t>(WireType::kSegmentMark), payload);
}

Result<SegmentMark> decodeMark(BytesView data)
{
    FS_TRY(const EnvelopeHead head, peekEnvelope(data));
    const bool fits = head.type == static_cast<std::uint16_t>(WireType::kSegmentMark)
                      && head.payloadLength == kMarkBytes - kEnvelopeHeadBytes;
    if (!fits) return Error{Errc::kUnsupported, "no mark"};
    FS_TRY(const EnvelopeView opened, openEnvelope(data));
    NumberReader reader(opened.payload);
    SegmentMark mark;
    mark.position = reader.take<std::uint64_t>();
    mark.durable = reader.take<std::uint64_t>();
    mark.salt = reader.take<std::uint64_t>();
    mark.durableBatch = reader.take<std::uint64_t>();
    return mark;
}

}  // namespace foreshard
