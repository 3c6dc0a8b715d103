// Envelopes, messages, frames, packed records and the records of journals, one by one. Checksums
// would turn nearly every input away, so inputs are payloads that are sealed here first.
#include "engine/base/check.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/record_codec.h"
#include "tests/engine/wire/aggregate.h"
#include "tests/fuzz/fuzz_target.h"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace foreshard::fuzz {
namespace {

// Two bytes of type, then the payload.
Bytes opened(BytesView sealed)
{
    const Result<EnvelopeView> envelope = openEnvelope(sealed);
    FS_CHECK(envelope.ok());
    Bytes input;
    input += static_cast<char>(envelope->type & 0xFFU);
    input += static_cast<char>(envelope->type >> 8U);
    return input += envelope->payload;
}

Bytes sealedFrom(BytesView input)
{
    if (input.size() < 2) return {};
    const auto low = static_cast<unsigned char>(input[0]);
    const auto high = static_cast<unsigned char>(input[1]);
    return seal(static_cast<std::uint16_t>(low | (high << 8U)), input.substr(2));
}

void runEnvelope(BytesView input)
{
    const Result<EnvelopeView> raw = openEnvelope(input);
    if (raw.ok()) {
        FS_CHECK(raw->size <= input.size() && raw->payload.size() < raw->size);
        const Result<EnvelopeHead> head = peekEnvelope(input);
        FS_CHECK(head.ok() && head->type == raw->type && head->crc == raw->crc);
    }
    const Bytes sealed = sealedFrom(input);
    if (sealed.empty()) return;
    FS_CHECK(openEnvelope(sealed).ok());
    FS_CHECK(!openEnvelope(BytesView(sealed).substr(0, sealed.size() - 1)).ok());
}

// What one side understands, the other side understands in the same way.
template <class Decode, class Encode>
void checkStable(BytesView bytes, Decode decode, Encode encode)
{
    const auto first = decode(bytes);
    if (!first.ok()) return;
    const Bytes again = encode(*first);
    const auto second = decode(BytesView(again));
    FS_CHECK(second.ok());
    FS_CHECK(encode(*second) == again);
}

void runMessage(BytesView input)
{
    const auto decodeAny = [](BytesView bytes) { return decode(bytes); };
    const auto encodeAny = [](const Message& message) { return encode(message); };
    checkStable(input, decodeAny, encodeAny);
    checkStable(sealedFrom(input), decodeAny, encodeAny);
}

void walk(BytesView packed)
{
    RecordUnpacker records(packed);
    RecordView record;
    RecordPacker packer;
    while (records.next(record))
        packer.add(record);
    if (records.status().ok()) FS_CHECK(packer.take() == packed);
}

void runFrame(BytesView input)
{
    const Bytes sealed = sealedFrom(input);
    checkStable(sealed, decodeFrame, encodeFrame);
    const Result<Frame> frame = decodeFrame(sealed);
    // The header alone may be sound; the whole never without it.
    const bool headerSound = decodeFrameHeader(sealed).ok();
    FS_CHECK(headerSound || !frame.ok());
    if (frame.ok()) walk(frame->records);
}

void runDiskRecord(BytesView input)
{
    const Bytes sealed = sealedFrom(input);
    checkStable(sealed, decodeEntry, encodeEntry);
    checkStable(sealed, decodeCheckpointInfo, encodeCheckpointInfo);
    checkStable(sealed, decodeCheckpointData, encodeCheckpointData);
    checkStable(sealed, decodeControlEntry, encodeControlEntry);
    checkStable(sealed, decodeControlSnapshot, encodeControlSnapshot);
    checkStable(sealed, decodeSchema, encodeSchema);
}

template <std::size_t kIndex>
Bytes messageSeed()
{
    std::variant_alternative_t<kIndex, Message> message;
    test::Filler().fill(message);
    return opened(encode(message));
}

std::vector<Bytes> messageSeeds()
{
    return []<std::size_t... kIndex>(std::index_sequence<kIndex...>)
    {
        return std::vector<Bytes>{messageSeed<kIndex>()...};
    }
    (std::make_index_sequence<std::variant_size_v<Message>>{});
}

Bytes packedRecords()
{
    RecordPacker packer;
    packer.add({7, RecordKind::kData, RejectReason::kNone, 1'700'000'000'000, -2.5, "type", "key",
                "raw line\n"});
    packer.add({8, RecordKind::kRejected, RejectReason::kNotJson, 0, 0, {}, {}, "{\n"});
    return packer.take();
}

std::vector<Bytes> frameSeeds()
{
    Frame frame;
    frame.header.shard = ShardId{3};
    frame.header.n = 9;
    frame.header.records = 2;
    frame.header.firstOffset = 7;
    frame.header.lastOffset = 8;
    frame.records = packedRecords();
    return {opened(encodeFrame(frame)), opened(encodeFrame(Frame{}))};
}

ControlSnapshot controlSnapshot()
{
    ControlSnapshot head;
    head.index = 9;
    head.wallMs = 5;
    head.fences = {{ShardId{1}, 2}};
    head.lastCheckpoint = CheckpointId{3};
    head.parts = 4;
    return head;
}

std::vector<Bytes> diskRecordSeeds()
{
    AssignmentEntry entry;
    CheckpointInfo info;
    StreamSchema schema;
    test::Filler().fill(entry);
    test::Filler().fill(info);
    test::Filler().fill(schema);
    const CheckpointData data{ShardId{2}, Epoch{3}, 4, CheckpointKind::kDelta, "state"};
    return {opened(encodeEntry(entry)),
            opened(encodeCheckpointInfo(info)),
            opened(encodeSchema(schema)),
            opened(encodeCheckpointData(data)),
            opened(encodeControlEntry({7, 1, 5, entry})),
            opened(encodeControlEntry({8, 1, 5, CheckpointListed{info}})),
            opened(encodeControlSnapshot(controlSnapshot()))};
}

}  // namespace

std::vector<FuzzTarget> wireTargets()
{
    return {
        {"envelope", runEnvelope,
         [] {
             return std::vector<Bytes>{seal(5, "payload"), Bytes()};
         }},
        {"message", runMessage, messageSeeds},
        {"frame", runFrame, frameSeeds},
        {"disk-record", runDiskRecord, diskRecordSeeds},
        {"records", walk, [] { return std::vector<Bytes>{packedRecords()}; }},
    };
}

}  // namespace foreshard::fuzz
