#pragma once
// The whole cluster at one moment, as plain values: the only thing a console or `ctl` ever sees.
// Built on the control strand ten times a second, immutable afterwards, shared by pointer.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/load.h"
#include "engine/model/record.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

enum class NodeState : std::uint8_t {
    kStarting = 0,
    kUp = 1,
    kDead = 2
};
enum class ShardState : std::uint8_t {
    kUnowned = 0,
    kRestoring = 1,  // loading its checkpoint
    kReplaying = 2,  // applying what the box holds
    kLive = 3,
    kMoving = 4,  // old owner finishing, or target restoring
};
enum class EngineState : std::uint8_t {
    kStarting = 0,
    kRunning = 1,
    kDraining = 2,
    kDone = 3,
    kFailed = 4
};
const char* nodeStateName(NodeState state);
const char* shardStateName(ShardState state);
const char* engineStateName(EngineState state);

struct ShardSnapshot {
    ShardId id;
    std::vector<SlotRange> slots;
    NodeId node;
    BoxId box;
    Epoch epoch;
    ShardState state = ShardState::kUnowned;
    LoadClass loadClass = LoadClass::kLow;
    PerMille predicted = 0;  // p50
    PerMille predictedP10 = 0;
    PerMille predictedP90 = 0;
    PerMille actual = 0;
    std::uint32_t intervalMs = 1000;
    std::string intervalReason;       // "medium: predicted 42 % of a node"
    std::uint64_t bufferedBytes = 0;  // behind the newest checkpoint: replayed if the node died now
    std::uint64_t bufferedRecords = 0;
    std::uint64_t recordsIn = 0;
    std::uint64_t recordsApplied = 0;
    FrameNo applied = 0;
    Offset appliedOffset = 0;
    bool hasCheckpoint = false;
    CheckpointInfo lastCheckpoint;
    std::int64_t checkpointAgeMs = 0;
    std::int64_t recoveryEstimateMs = 0;
};

struct NodeSnapshot {
    NodeId id;
    NodeState state = NodeState::kStarting;
    std::uint32_t incarnation = 0;
    PerMille cpu = 0;            // busy share of its strand
    PerMille load = 0;           // sum of its shards' actual
    PerMille predicted = 0;      // sum of its shards' predicted
    std::uint64_t rssBytes = 0;  // of its process
    std::uint64_t netBytes = 0;  // received so far
    std::uint32_t shards = 0;
    std::int64_t lastHeardMs = 0;
};

struct RaftMemberSnapshot {
    std::uint32_t id = 0;
    std::string role;  // "leader", "follower", "candidate", "learner"
    LogIndex match = 0;
    std::int64_t lastHeardMs = 0;
};

struct RaftSnapshot {
    std::uint64_t term = 0;
    std::uint32_t leader = 0;
    LogIndex commit = 0;
    LogIndex applied = 0;
    std::vector<RaftMemberSnapshot> members;
    std::vector<AssignmentEntry> recent;  // newest last, at most 64
};

enum class EventSeverity : std::uint8_t {
    kInfo = 0,
    kWarning = 1,
    kError = 2
};
struct EventSnapshot {
    std::uint64_t seq = 0;
    WallMillis wallMs = 0;
    EventSeverity severity = EventSeverity::kInfo;
    std::string kind;  // "move", "recovery", "checkpoint", "predictor", "source", "disk"
    std::string text;
};

struct RecoverySnapshot {
    std::uint64_t seq = 0;
    WallMillis wallMs = 0;
    ShardId shard;
    std::string cause;  // "start", "node killed", "node silent", "move"
    std::int64_t detectMs = 0;
    std::int64_t loadMs = 0;
    std::int64_t replayMs = 0;
    std::int64_t totalMs = 0;
    std::uint64_t recordsReplayed = 0;
};

struct MoveSnapshot {
    PlanId plan;
    ShardId shard;
    NodeId from;
    NodeId to;
    std::string phase;  // "draining", "committing", "restoring", "done", "failed"
    WallMillis startedWallMs = 0;
    std::int64_t pauseMs = 0;  // so far, or in all once done
    LogIndex committedAt = 0;
};

struct LatencySnapshot {  // microseconds from the edge's read to the operator
    std::int64_t p50 = 0, p90 = 0, p99 = 0, p999 = 0, max = 0;
};

struct RejectNote {
    std::uint64_t line = 0;  // 0: none
    RejectReason reason = RejectReason::kNone;
};

// All counts are since this start.
struct SourceSnapshot {
    std::string uri;
    std::uint64_t bytesIn = 0;
    std::uint64_t recordsIn = 0;  // data records made durable
    std::uint64_t recordsRejected = 0;
    std::uint64_t bytesInvalidUtf8 = 0;  // records with invalid UTF-8 outside the key
    Offset nextOffset = 0;
    Offset startOffset = 0;  // where this start began to read
    bool end = false;
    std::string lastReject;                      // "line 17: value is not a number"
    std::string problem;                         // why reading has stopped, when it has
    std::string note;                            // what was made of it, when that is not plain
    std::vector<std::uint64_t> rejectsByReason;  // by RejectReason; shorter: the rest is 0
    std::uint64_t rejectedLines = 0;             // a row may have several
    std::uint64_t blankLines = 0;
    std::uint64_t timesUnreadable = 0;  // records that count, with an unknown time
    RejectNote firstReject;
    RejectNote newestReject;
};

struct SinkSnapshot {
    std::string uri;         // empty: no sink
    std::string mode;        // "committed", "immediate"
    std::uint64_t rows = 0;  // taken durably since the sink was started
    std::uint64_t bytes = 0;
    std::uint64_t pendingBytes = 0;  // made, but not confirmed by the sink
    std::string problem;             // "the sink does not answer: ..."
};

struct ClusterSnapshot {
    std::uint64_t seq = 0;
    WallMillis wallMs = 0;
    double uptimeSeconds = 0;
    EngineState state = EngineState::kStarting;
    std::string failure;  // the error, when kFailed
    std::string dataDirectory;
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    SourceSnapshot source;
    std::uint64_t recordsApplied = 0;
    double recordsPerSecond = 0;        // applied for the first time, over the last second
    double bytesPerSecond = 0;          // read, over the last second
    double recordsPerSecondOfRun = 0;   // applied since this start, over uptimeSeconds
    LatencySnapshot latency;            // over the last 10 s
    LatencySnapshot latencyOfRun;       // since this start
    std::vector<ShardSnapshot> shards;  // by id
    std::vector<NodeSnapshot> nodes;    // by id
    RaftSnapshot raft;
    std::uint64_t checkpointCount = 0;
    std::uint64_t checkpointBytes = 0;
    double checkpointOverhead = 0;  // share of node time spent on checkpoints
    std::vector<CheckpointInfo>
        checkpoints;  // newest last, at most 512; ids grow, so a reader keeps its own history
    std::vector<EventSnapshot> events;         // newest last, at most 256
    std::vector<RecoverySnapshot> recoveries;  // newest last, at most 256; moves among them
    std::uint64_t recoveriesDone = 0;          // without moves
    std::uint64_t restoresDone = 0;            // shards taken up again behind a clean end
    std::vector<MoveSnapshot> moves;           // newest last, at most 64
    std::uint64_t movesDone = 0;
    PredictorStatus predictor;
    std::uint64_t boxBytes = 0;  // on disk
    std::uint64_t diskFreeBytes = 0;
    SinkSnapshot sink;
    std::uint64_t deadLetters = 0;      // records in the dead-letter log
    std::uint64_t refusedMessages = 0;  // said by somebody who may not say that
};

}  // namespace foreshard
