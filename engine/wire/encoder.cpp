// The half of codec.h that encodes.
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/field_writer.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/io.h>

#include <cstddef>
#include <utility>
#include <variant>

namespace foreshard {
namespace {

constexpr unsigned kUsualWords = 512;  // most messages fit into one segment of 4 KiB

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

}  // namespace

Bytes encode(const Message& message)
{
    return std::visit([](const auto& value) { return encodeAs(value); }, message);
}

Bytes encodeFrame(const Frame& frame)
{
    return encodeAs(frame, frame.records.size() / sizeof(capnp::word) + 64);
}

Bytes encodeEntry(const AssignmentEntry& entry) { return encodeAs(entry); }

Bytes encodeControlEntry(const ControlEntry& entry) { return encodeAs(entry); }

Bytes encodeControlSnapshot(const ControlSnapshot& snapshot) { return encodeAs(snapshot); }

Bytes encodeCheckpointInfo(const CheckpointInfo& info) { return encodeAs(info); }

Bytes encodeCheckpointData(const CheckpointData& data)
{
    return encodeAs(data, (data.state.size() + data.outputs.size()) / sizeof(capnp::word) + 64);
}

Bytes encodeDeadLetter(const DeadLetter& letter) { return encodeAs(letter); }

Bytes encodeSuspects(const SuspectList& list) { return encodeAs(list); }

Bytes encodeSchema(const StreamSchema& schema) { return encodeAs(schema); }

Bytes encodeSinkProgress(const SinkProgress& progress) { return encodeAs(progress); }

Bytes encodeSinkBinding(const SinkBinding& binding) { return encodeAs(binding); }

}  // namespace foreshard
