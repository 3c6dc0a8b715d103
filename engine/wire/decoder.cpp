// The half of codec.h that decodes.
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/field_reader.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace foreshard {
namespace {

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

Result<Message> decode(BytesView envelope)
{
    FS_TRY(const EnvelopeView opened, openEnvelope(envelope));
    return decodeMessage(opened);
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

Result<AssignmentEntry> decodeEntry(BytesView envelope)
{
    return decodeAs<AssignmentEntry>(envelope);
}

Result<ControlEntry> decodeControlEntry(BytesView envelope)
{
    return decodeAs<ControlEntry>(envelope);
}

Result<ControlSnapshot> decodeControlSnapshot(BytesView envelope)
{
    return decodeAs<ControlSnapshot>(envelope);
}

Result<CheckpointInfo> decodeCheckpointInfo(BytesView envelope)
{
    return decodeAs<CheckpointInfo>(envelope);
}

Result<CheckpointData> decodeCheckpointData(BytesView envelope)
{
    return decodeAs<CheckpointData>(envelope);
}

Result<DeadLetter> decodeDeadLetter(BytesView envelope) { return decodeAs<DeadLetter>(envelope); }

Result<SuspectList> decodeSuspects(BytesView envelope) { return decodeAs<SuspectList>(envelope); }

Result<StreamSchema> decodeSchema(BytesView envelope) { return decodeAs<StreamSchema>(envelope); }

Result<SinkProgress> decodeSinkProgress(BytesView envelope)
{
    return decodeAs<SinkProgress>(envelope);
}

Result<SinkBinding> decodeSinkBinding(BytesView envelope)
{
    return decodeAs<SinkBinding>(envelope);
}

}  // namespace foreshard
