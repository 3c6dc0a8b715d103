#pragma once
// What edge, nodes, control, predictor and consoles say to each other. Any of it may be lost, late
// or doubled: every message is idempotent, and what matters is said again until it is answered.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/command.h"
#include "engine/model/dead_letter.h"
#include "engine/model/load.h"
#include "engine/model/output.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace foreshard {

// node -> edge: deliver frames of `shard` from `fromN` on, at most `window` bytes unapplied.
struct Subscribe {
    NodeId node;
    std::uint32_t incarnation = 0;
    ShardId shard;
    Epoch epoch;
    FrameNo fromN = 1;
    std::uint64_t window = 4U << 20U;
    std::uint64_t fence = 0;  // as Assign said it
};
// edge -> node: heard you; at this moment the box ends at `lastN`. The node is live once it is
// there.
struct Subscribed {
    ShardId shard;
    Epoch epoch;
    FrameNo lastN = 0;
};
// node -> edge: everything up to n is in the state (not yet in a checkpoint).
struct Applied {
    NodeId node;
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
};
// control -> edge: the whole table; an older version never replaces a newer one.
struct RouteTable {
    LogIndex version = 0;
    RoutingMode routing = RoutingMode::kKeyed;
    std::vector<ShardAssignment> shards;
};
// control -> edge: recovery needs nothing up to and including n any more, and the newest checkpoint
// contains everything up to and including savedN.
struct Truncate {
    ShardId shard;
    FrameNo n = 0;
    FrameNo savedN = 0;
    std::uint64_t fence = 0;  // newest Retain or invalidation of the shard that control knows of;
                              // below the edge's: late
};
// control -> edge: recovery will need the frames of `shard` from `fromN` on again, though they were
// truncated. Said again until Retained comes.
struct Retain {
    ShardId shard;
    std::uint64_t fence = 0;  // grows per shard; a Truncate with a lower one is of before
    FrameNo fromN = 1;
    bool dryRun = false;  // only look whether they are there
};
// edge -> control: they are retained, or which are gone.
struct Retained {
    ShardId shard;
    std::uint64_t fence = 0;
    FrameNo lastN = 0;         // the box ends there for now
    FrameNo missingFirst = 0;  // not 0: these are gone, and nothing is retained
    FrameNo missingLast = 0;
    std::string failure;  // not empty: it could not be found out, and why
    Errc failureCode = Errc::kIo;
};
// edge -> control, every tick.
struct EdgeShardReport {
    ShardTick tick;
    std::uint64_t recordsIn = 0;
    FrameNo lastN = 0;  // durable
    Offset nextOffset = 0;
    std::uint64_t bufferedBytes = 0;  // behind the newest checkpoint
    std::uint64_t bufferedRecords = 0;
};
struct EdgeReport {
    LogIndex routeVersion = 0;
    std::uint64_t tick = 0;
    SourceSnapshot source;
    std::uint64_t boxBytes = 0;
    std::uint64_t diskFreeBytes = 0;
    bool drained =
        false;  // the source has ended, every frame is durable and applied by a subscriber
    std::string failure;  // the edge had to stop: why
    Errc failureCode = Errc::kIo;
    std::vector<EdgeShardReport> shards;
};
// control -> node: you own the shard at this epoch; restore `chain` (full first) and subscribe
// behind it.
struct Assign {
    ShardId shard;
    Epoch epoch;
    std::uint32_t intervalMs = 1000;
    std::vector<CheckpointInfo> chain;  // empty: start from nothing at n = 1
    std::string cause;                  // "start", "move", "node killed", "node silent"
    std::vector<RecordPlace> dead;      // behind the chain: to be left out
    std::vector<Suspect> suspects;      // behind the chain: have ended processes before
    std::uint64_t fence = 0;  // see Truncate: what was sent before the last invalidation is void
};
// control -> node: stop after a last checkpoint and answer Released.
struct Release {
    ShardId shard;
    Epoch epoch;
};
// control -> node: forget the shard at once; a newer epoch lives elsewhere.
struct Revoke {
    ShardId shard;
    Epoch epoch;
};
struct SetInterval {
    ShardId shard;
    Epoch epoch;
    std::uint32_t intervalMs = 1000;
};
struct CheckpointNow {
    ShardId shard;
    Epoch epoch;
    std::string reason;
};
// control -> node: the log lists it; a node repeats CheckpointDone until it hears this.
struct CheckpointCommitted {
    ShardId shard;
    Epoch epoch;
    CheckpointId id;
    bool accepted = true;  // false: the epoch is over, drop it
    // What the node builds on is invalidated: what it has announced is not listed, the next one
    // must be full and is due now.
    bool rebase = false;
};
// node -> control: stored and synced, please list it.
struct CheckpointDone {
    NodeId node;
    CheckpointInfo info;
};
struct Released {
    NodeId node;
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
};
struct Recovered {
    NodeId node;
    ShardId shard;
    Epoch epoch;
    std::string cause;
    std::int64_t loadMicros = 0;
    std::int64_t replayMicros = 0;
    std::uint64_t recordsReplayed = 0;
};
// node -> control: the operator has failed on this record too often; the shard waits, and says it
// again until it hears Quarantined.
struct Poisoned {
    NodeId node;
    Epoch epoch;
    DeadLetter letter;
};
// control -> node: the record is in the dead-letter log; go on without it.
struct Quarantined {
    ShardId shard;
    Epoch epoch;
    Offset offset = 0;
};
struct NodeShardReport {
    ShardId shard;
    Epoch epoch;
    ShardState state = ShardState::kUnowned;
    FrameNo applied = 0;
    Offset appliedOffset = 0;  // one past the last applied
    std::uint64_t recordsApplied = 0;
    std::int64_t busyNanos = 0;  // operator time so far
    std::int64_t checkpointNanos = 0;
    std::uint32_t intervalMs = 0;
    std::uint64_t outputsPending = 0;  // batches that no sink has confirmed yet
    std::uint64_t outputBytes = 0;     // of them, in memory
    bool outputsFull = false;          // so many that nothing is applied
};
// node -> control, every 50 ms: also the heartbeat.
struct NodeReport {
    NodeId node;
    std::uint32_t incarnation = 0;
    std::int64_t uptimeNanos = 0;
    std::int64_t busyNanos = 0;
    std::uint64_t rssBytes = 0;
    std::uint64_t netBytes = 0;
    std::vector<std::uint64_t> latencyBuckets;  // see base/latency_histogram.h; cumulative
    std::vector<NodeShardReport> shards;
    std::string failure;  // the node had to stop: why
    Errc failureCode = Errc::kIo;
};
// control -> predictor: one batch per tick; rows in the order of `shards`.
struct PredictRequest {
    std::uint64_t tick = 0;
    std::vector<ShardTick> shards;
};
struct PredictReply {
    std::uint64_t tick = 0;
    std::string model;
    double batchMs = 0;
    std::string failure;  // not empty: no forecast, and why
    std::vector<LoadForecast> loads;
};
struct LocateRequest {
    std::uint64_t id = 0;
    std::string replyTo;
    LocateCommand what;
};
struct LocateReply {
    std::uint64_t id = 0;
    CommandReply reply;
};
// node -> control: the shard cannot be restored, because this checkpoint of the chain does not
// hold.
struct RestoreFailed {
    NodeId node;
    ShardId shard;
    Epoch epoch;
    CheckpointId id;
    Errc code = Errc::kCorrupt;
    std::string text;  // names file and offset
};
// control -> query: read `chain` back and check it.
struct ScrubRequest {
    std::uint64_t id = 0;
    std::vector<CheckpointInfo> chain;
};
// query -> control: all of it holds, or `bad` is the first that does not.
struct ScrubReply {
    std::uint64_t id = 0;
    CheckpointId bad;  // 0: none
    Errc code = Errc::kCorrupt;
    std::string text;
};
struct Stop {};

using Message =
    std::variant<Subscribe, Subscribed, Applied, RouteTable, Truncate, EdgeReport, Assign, Release,
                 Revoke, SetInterval, CheckpointNow, CheckpointCommitted, CheckpointDone, Released,
                 Recovered, NodeReport, PredictRequest, PredictReply, LocateRequest, LocateReply,
                 Command, CommandReply, ClusterSnapshot, Stop, OutputBatch, OutputTaken, SinkAsk,
                 SinkStatus, Poisoned, Quarantined, Retain, Retained, RestoreFailed, ScrubRequest,
                 ScrubReply>;

}  // namespace foreshard
