#include "engine/wire/codec.h"

#include "engine/wire/envelope.h"
#include "engine/wire/fields.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>
#include <kj/io.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace foreshard {

namespace {

// Which Cap'n Proto struct and which envelope type a model value travels as. A new alternative of
// Message does not compile until it is named here.
template <class SchemaType, WireType wireType>
struct Wire {
    using Schema = SchemaType;
    static constexpr WireType kType = wireType;
};
template <class T>
struct WireOf;
// clang-format off
template <> struct WireOf<Subscribe> : Wire<schema::Subscribe, WireType::kSubscribe> {};
template <> struct WireOf<Applied> : Wire<schema::Applied, WireType::kApplied> {};
template <> struct WireOf<RouteTable> : Wire<schema::RouteTable, WireType::kRouteTable> {};
template <> struct WireOf<Truncate> : Wire<schema::Truncate, WireType::kTruncate> {};
template <> struct WireOf<EdgeReport> : Wire<schema::EdgeReport, WireType::kEdgeReport> {};
template <> struct WireOf<Assign> : Wire<schema::Assign, WireType::kAssign> {};
template <> struct WireOf<Release> : Wire<schema::Release, WireType::kRelease> {};
template <> struct WireOf<Revoke> : Wire<schema::Revoke, WireType::kRevoke> {};
template <> struct WireOf<SetInterval> : Wire<schema::SetInterval, WireType::kSetInterval> {};
template <> struct WireOf<CheckpointNow> : Wire<schema::CheckpointNow, WireType::kCheckpointNow> {};
template <> struct WireOf<CheckpointCommitted>
    : Wire<schema::CheckpointCommitted, WireType::kCheckpointCommitted> {};
template <> struct WireOf<CheckpointDone>
    : Wire<schema::CheckpointDone, WireType::kCheckpointDone> {};
template <> struct WireOf<Subscribed> : Wire<schema::Subscribed, WireType::kSubscribed> {};
template <> struct WireOf<CheckpointData>
    : Wire<schema::CheckpointData, WireType::kCheckpointData> {};
template <> struct WireOf<Released> : Wire<schema::Released, WireType::kReleased> {};
template <> struct WireOf<Recovered> : Wire<schema::Recovered, WireType::kRecovered> {};
template <> struct WireOf<NodeReport> : Wire<schema::NodeReport, WireType::kNodeReport> {};
template <> struct WireOf<PredictRequest>
    : Wire<schema::PredictRequest, WireType::kPredictRequest> {};
template <> struct WireOf<PredictReply> : Wire<schema::PredictReply, WireType::kPredictReply> {};
template <> struct WireOf<LocateRequest> : Wire<schema::LocateRequest, WireType::kLocateRequest> {};
template <> struct WireOf<LocateReply> : Wire<schema::LocateReply, WireType::kLocateReply> {};
template <> struct WireOf<Command> : Wire<schema::Command, WireType::kCommand> {};
template <> struct WireOf<CommandReply> : Wire<schema::CommandReply, WireType::kCommandReply> {};
template <> struct WireOf<ClusterSnapshot>
    : Wire<schema::ClusterSnapshot, WireType::kClusterSnapshot> {};
template <> struct WireOf<Stop> : Wire<schema::Stop, WireType::kStop> {};
template <> struct WireOf<Retain> : Wire<schema::Retain, WireType::kRetain> {};
template <> struct WireOf<Retained> : Wire<schema::Retained, WireType::kRetained> {};
template <> struct WireOf<OutputBatch> : Wire<schema::OutputBatch, WireType::kOutputBatch> {};
template <> struct WireOf<OutputTaken> : Wire<schema::OutputTaken, WireType::kOutputTaken> {};
template <> struct WireOf<SinkAsk> : Wire<schema::SinkAsk, WireType::kSinkAsk> {};
template <> struct WireOf<SinkStatus> : Wire<schema::SinkStatus, WireType::kSinkStatus> {};
template <> struct WireOf<SinkProgress> : Wire<schema::SinkProgress, WireType::kSinkProgress> {};
template <> struct WireOf<SinkBinding> : Wire<schema::SinkBinding, WireType::kSinkBinding> {};
template <> struct WireOf<Poisoned> : Wire<schema::Poisoned, WireType::kPoisoned> {};
template <> struct WireOf<Quarantined> : Wire<schema::Quarantined, WireType::kQuarantined> {};
template <> struct WireOf<DeadLetter> : Wire<schema::DeadLetter, WireType::kDeadLetter> {};
template <> struct WireOf<SuspectList> : Wire<schema::SuspectList, WireType::kSuspectList> {};
template <> struct WireOf<RestoreFailed> : Wire<schema::RestoreFailed, WireType::kRestoreFailed> {};
template <> struct WireOf<ScrubRequest> : Wire<schema::ScrubRequest, WireType::kScrubRequest> {};
template <> struct WireOf<ScrubReply> : Wire<schema::ScrubReply, WireType::kScrubReply> {};
template <> struct WireOf<Frame> : Wire<schema::Frame, WireType::kFrame> {};
template <> struct WireOf<AssignmentEntry>
    : Wire<schema::AssignmentEntry, WireType::kAssignmentEntry> {};
template <> struct WireOf<CheckpointInfo>
    : Wire<schema::CheckpointInfo, WireType::kCheckpointInfo> {};
template <> struct WireOf<StreamSchema> : Wire<schema::StreamSchema, WireType::kStreamSchema> {};
// clang-format on

constexpr unsigned kUsualWords = 512;  // most messages fit into one segment of 4 KiB

std::uint16_t typeNumber(WireType type) { return static_cast<std::uint16_t>(type); }

// Cap'n Proto writes behind room for the head, so the payload is copied once.
template <class T>
Bytes encodeAs(const T& value, std::size_t wordsExpected = kUsualWords)
{
    capnp::MallocMessageBuilder message(static_cast<unsigned>(wordsExpected));
    write(message.initRoot<typename WireOf<T>::Schema>(), value);
    const std::size_t payload = capnp::computeSerializedSizeInWords(message) * sizeof(capnp::word);
    Bytes envelope(kEnvelopeHeadBytes + payload, '\0');
    kj::ArrayOutputStream out(
        {reinterpret_cast<kj::byte*>(envelope.data()) + kEnvelopeHeadBytes, payload});
    capnp::writeMessage(out, message);
    return sealInPlace(typeNumber(WireOf<T>::kType), std::move(envelope));
}

// The payload as words: in place when it lies on a word border, else in a copy.
class AlignedWords {
public:
    explicit AlignedWords(BytesView payload)
    {
        const std::size_t words = payload.size() / sizeof(capnp::word);
        if (reinterpret_cast<std::uintptr_t>(payload.data()) % alignof(capnp::word) == 0) {
            words_ = {reinterpret_cast<const capnp::word*>(payload.data()), words};
            return;
        }
        copy_ = kj::heapArray<capnp::word>(words);
        std::memcpy(copy_.begin(), payload.data(), words * sizeof(capnp::word));
        words_ = copy_;
    }
    kj::ArrayPtr<const capnp::word> get() const { return words_; }

private:
    kj::Array<capnp::word> copy_;
    kj::ArrayPtr<const capnp::word> words_;
};

Error damaged(const std::string& why)
{
    return {Errc::kCorrupt, "decode: " + why
                                + ": the bytes are damaged or from another version: check the "
                                  "file with verify"};
}

// Calls fill(root, damage) and turns whatever is wrong into an Error.
template <class Schema, class Fill>
Status readPayload(BytesView payload, Fill fill)
{
    Damage damage;
    try {
        const AlignedWords words(payload);
        // Text that is read twice through crossed pointers would cost more than it weighs; four
        // times the message is far above what an honest one needs.
        const capnp::ReaderOptions limits{.traversalLimitInWords = words.get().size() * 4,
                                          .nestingLimit = 16};
        capnp::FlatArrayMessageReader message(words.get(), limits);
        fill(message.getRoot<Schema>(), damage);
    } catch (const kj::Exception& exception) {
        return damaged(exception.getDescription().cStr());
    }
    if (damage.what() != nullptr) return damaged(damage.what());
    return {};
}

template <class T>
Status decodePayload(BytesView payload, T& out)
{
    return readPayload<typename WireOf<T>::Schema>(
        payload, [&](auto root, Damage& damage) { read(root, out, damage); });
}

Error unsupported(std::uint16_t type)
{
    return {Errc::kUnsupported, "decode: type " + std::to_string(type)
                                    + " is not expected here: written by another version: use "
                                      "the version that wrote it"};
}

// The payload of the envelope at the front of `data`, when it is a T.
template <class T>
Result<BytesView> payloadOf(BytesView data)
{
    FS_TRY(const EnvelopeView envelope, openEnvelope(data));
    if (envelope.type != typeNumber(WireOf<T>::kType)) return unsupported(envelope.type);
    return envelope.payload;
}

template <class T>
Result<T> decodeAs(BytesView data)
{
    FS_TRY(const BytesView payload, payloadOf<T>(data));
    T value;
    FS_TRY_STATUS(decodePayload(payload, value));
    return value;
}

template <class T>
Result<Message> decodeMessageAs(BytesView payload)
{
    Message message{std::in_place_type<T>};
    FS_TRY_STATUS(decodePayload(payload, *std::get_if<T>(&message)));
    return message;
}

// Tries the alternatives in turn until the type fits.
template <std::size_t index = 0>
Result<Message> decodeMessage(const EnvelopeView& envelope)
{
    if constexpr (index == std::variant_size_v<Message>) {
        return unsupported(envelope.type);
    } else {
        using T = std::variant_alternative_t<index, Message>;
        if (envelope.type == typeNumber(WireOf<T>::kType))
            return decodeMessageAs<T>(envelope.payload);
        return decodeMessage<index + 1>(envelope);
    }
}

}  // namespace

Bytes encode(const Message& message)
{
    return std::visit([](const auto& value) { return encodeAs(value); }, message);
}

Result<Message> decode(BytesView envelope)
{
    FS_TRY(const EnvelopeView opened, openEnvelope(envelope));
    return decodeMessage(opened);
}

Bytes encodeFrame(const Frame& frame)
{
    return encodeAs(frame, frame.records.size() / sizeof(capnp::word) + 64);
}

Result<Frame> decodeFrame(BytesView envelope) { return decodeAs<Frame>(envelope); }

Result<FrameHeader> decodeFrameHeader(BytesView envelope)
{
    FS_TRY(const BytesView payload, payloadOf<Frame>(envelope));
    FrameHeader header;
    FS_TRY_STATUS(readPayload<schema::Frame>(
        payload, [&](auto root, Damage& damage) { read(root.getHeader(), header, damage); }));
    return header;
}

Bytes encodeEntry(const AssignmentEntry& entry) { return encodeAs(entry); }

Result<AssignmentEntry> decodeEntry(BytesView envelope)
{
    return decodeAs<AssignmentEntry>(envelope);
}

Bytes encodeCheckpointInfo(const CheckpointInfo& info) { return encodeAs(info); }

Result<CheckpointInfo> decodeCheckpointInfo(BytesView envelope)
{
    return decodeAs<CheckpointInfo>(envelope);
}

Bytes encodeCheckpointData(const CheckpointData& data)
{
    return encodeAs(data, (data.state.size() + data.outputs.size()) / sizeof(capnp::word) + 64);
}

Result<CheckpointData> decodeCheckpointData(BytesView envelope)
{
    return decodeAs<CheckpointData>(envelope);
}

Bytes encodeDeadLetter(const DeadLetter& letter) { return encodeAs(letter); }

Result<DeadLetter> decodeDeadLetter(BytesView envelope) { return decodeAs<DeadLetter>(envelope); }

Bytes encodeSuspects(const SuspectList& list) { return encodeAs(list); }

Result<SuspectList> decodeSuspects(BytesView envelope) { return decodeAs<SuspectList>(envelope); }

Bytes encodeSchema(const StreamSchema& schema) { return encodeAs(schema); }

Result<StreamSchema> decodeSchema(BytesView envelope) { return decodeAs<StreamSchema>(envelope); }

Bytes encodeSinkProgress(const SinkProgress& progress) { return encodeAs(progress); }

Result<SinkProgress> decodeSinkProgress(BytesView envelope)
{
    return decodeAs<SinkProgress>(envelope);
}

Bytes encodeSinkBinding(const SinkBinding& binding) { return encodeAs(binding); }

Result<SinkBinding> decodeSinkBinding(BytesView envelope)
{
    return decodeAs<SinkBinding>(envelope);
}

}  // namespace foreshard
