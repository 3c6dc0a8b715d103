#include "engine/wire/record_codec.h"

#include "engine/wire/little_endian.h"

#include <limits>
#include <string>
#include <utility>

namespace foreshard {

namespace {

constexpr std::size_t kRecordHeadBytes = 36;

template <class Number>
char* put(char* at, Number value)
{
    std::memcpy(at, &value, sizeof(Number));
    return at + sizeof(Number);
}

}  // namespace

void RecordPacker::add(const RecordView& record)
{
    FS_CHECK(record.type.size() <= std::numeric_limits<std::uint8_t>::max());
    FS_CHECK(record.key.size() <= std::numeric_limits<std::uint32_t>::max());
    FS_CHECK(record.raw.size() <= std::numeric_limits<std::uint32_t>::max());
    char head[kRecordHeadBytes];
    char* at = put(head, record.offset);
    at = put(at, record.eventTimeMs);
    at = put(at, record.value);
    at = put(at, static_cast<std::uint32_t>(record.raw.size()));
    at = put(at, static_cast<std::uint32_t>(record.key.size()));
    at = put(at, static_cast<std::uint8_t>(record.kind));
    at = put(at, static_cast<std::uint8_t>(record.reason));
    at = put(at, static_cast<std::uint8_t>(record.type.size()));
    at = put(at, std::uint8_t{0});
    FS_CHECK(at == head + kRecordHeadBytes);
    packed_.append(head, kRecordHeadBytes);
    packed_.append(record.type);
    packed_.append(record.key);
    packed_.append(record.raw);
    ++count_;
}

Bytes RecordPacker::take()
{
    count_ = 0;
    // The next frame will be about as long: growing from nothing each time costs copies.
    Bytes next;
    next.reserve(packed_.size());
    return std::exchange(packed_, std::move(next));
}

bool RecordUnpacker::next(RecordView& out)
{
    if (!status_.ok() || position_ == packed_.size()) return false;
    NumberReader reader(packed_.substr(position_));
    RecordView record;
    record.offset = reader.take<std::uint64_t>();
    record.eventTimeMs = reader.take<std::int64_t>();
    record.value = reader.take<double>();
    const auto rawLength = reader.take<std::uint32_t>();
    const auto keyLength = reader.take<std::uint32_t>();
    const auto kind = reader.take<std::uint8_t>();
    const auto reason = reader.take<std::uint8_t>();
    const auto typeLength = reader.take<std::uint8_t>();
    const auto zero = reader.take<std::uint8_t>();
    record.type = reader.takeBytes(typeLength);
    record.key = reader.takeBytes(keyLength);
    record.raw = reader.takeBytes(rawLength);
    if (!reader.ok()) return damaged("the bytes end inside it");
    if (kind > static_cast<std::uint8_t>(RecordKind::kRejected)) return damaged("unknown kind");
    if (reason >= kRejectReasonCount) return damaged("unknown reject reason");
    if (zero != 0) return damaged("the reserved byte is not zero");
    record.kind = static_cast<RecordKind>(kind);
    record.reason = static_cast<RejectReason>(reason);
    position_ = packed_.size() - reader.rest().size();
    out = record;
    return true;
}

bool RecordUnpacker::damaged(const char* what)
{
    status_ = Error{Errc::kCorrupt, "unpack record at byte " + std::to_string(position_) + ": "
                                        + what + ": the frame is damaged: check it with verify"};
    return false;
}

}  // namespace foreshard
