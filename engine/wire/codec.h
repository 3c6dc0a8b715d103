#pragma once
// Model values to sealed envelopes and back. All functions are pure and may run on any thread.
// Encoding cannot fail. Decoding takes the envelope at the front of `envelope` (which may be longer
// and at any alignment) and returns kGap when it is cut short, kCorrupt when it is damaged or holds
// a value out of range, kUnsupported when its type is not the one asked for or is unknown.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/control_entry.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/model/record.h"

#include <cstdint>

namespace foreshard {

// Numbers are for ever: one that was used is never given to something else.
enum class WireType : std::uint16_t {
    kSubscribe = 1,
    kApplied = 2,
    kRouteTable = 3,
    kTruncate = 4,
    kEdgeReport = 5,
    kAssign = 6,
    kRelease = 7,
    kRevoke = 8,
    kSetInterval = 9,
    kCheckpointNow = 10,
    kCheckpointCommitted = 11,
    kCheckpointDone = 12,
    kReleased = 13,
    kRecovered = 14,
    kNodeReport = 15,
    kPredictRequest = 16,
    kPredictReply = 17,
    kLocateRequest = 18,
    kLocateReply = 19,
    kCommand = 20,
    kCommandReply = 21,
    kClusterSnapshot = 22,
    kStop = 23,
    kSubscribed = 24,
    kOutputBatch = 30,
    kOutputTaken = 31,
    kSinkAsk = 32,
    kSinkStatus = 33,
    kPoisoned = 40,
    kQuarantined = 41,
    kRetain = 50,
    kRetained = 51,
    kRestoreFailed = 60,
    kScrubRequest = 61,
    kScrubReply = 62,
    // Disk records.
    kFrame = 100,
    kAssignmentEntry = 101,
    kCheckpointInfo = 102,
    kStreamSchema = 103,
    kCheckpointData = 104,
    kControlEntry = 105,
    kControlSnapshot = 106,
    kSinkProgress = 110,
    kSinkBinding = 111,
    kDeadLetter = 120,
    kSuspectList = 121,
    // Payloads that another folder packs itself; 200 to 299 are kept for them.
    kSegmentIndex = 200,   // engine/correlation/FORMAT.md
    kSegmentHeader = 201,  // engine/journal/FORMAT.md
    kSegmentMark = 202,    // engine/journal/FORMAT.md
    kCleanSeal = 203,      // engine/journal/FORMAT.md
};

Bytes encode(const Message& message);
Result<Message> decode(BytesView envelope);

Bytes encodeFrame(const Frame& frame);
Result<Frame> decodeFrame(BytesView envelope);
// The header alone; the records are checked with the rest but not copied.
Result<FrameHeader> decodeFrameHeader(BytesView envelope);

Bytes encodeEntry(const AssignmentEntry& entry);
Result<AssignmentEntry> decodeEntry(BytesView envelope);

Bytes encodeControlEntry(const ControlEntry& entry);
Result<ControlEntry> decodeControlEntry(BytesView envelope);

Bytes encodeControlSnapshot(const ControlSnapshot& snapshot);
Result<ControlSnapshot> decodeControlSnapshot(BytesView envelope);

Bytes encodeCheckpointInfo(const CheckpointInfo& info);
Result<CheckpointInfo> decodeCheckpointInfo(BytesView envelope);

Bytes encodeCheckpointData(const CheckpointData& data);
Result<CheckpointData> decodeCheckpointData(BytesView envelope);

Bytes encodeDeadLetter(const DeadLetter& letter);
Result<DeadLetter> decodeDeadLetter(BytesView envelope);

Bytes encodeSuspects(const SuspectList& list);
Result<SuspectList> decodeSuspects(BytesView envelope);

Bytes encodeSchema(const StreamSchema& schema);
Result<StreamSchema> decodeSchema(BytesView envelope);

Bytes encodeSinkProgress(const SinkProgress& progress);
Result<SinkProgress> decodeSinkProgress(BytesView envelope);

Bytes encodeSinkBinding(const SinkBinding& binding);
Result<SinkBinding> decodeSinkBinding(BytesView envelope);

}  // namespace foreshard
