// The part of ControlDriver that shows the cluster as plain values.
#include "engine/control/control_driver.h"
#include "engine/wire/codec.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kWatcherSilence = 5s;

}  // namespace

ShardSnapshot ControlDriver::shardSnapshot(const ShardAssignment& owner, Instant now)
{
    ShardSnapshot shard;
    const Shard& known = shards_[owner.shard];
    const LoadTracker::ShardLoad& load = loads_.of(owner.shard);
    shard.id = owner.shard;
    shard.slots = owner.slots;
    shard.node = owner.node;
    shard.box = owner.box;
    shard.epoch = owner.epoch;
    shard.loadClass = load.loadClass;
    shard.predicted = load.forecast.p50;
    shard.predictedP10 = load.forecast.p10;
    shard.predictedP90 = load.forecast.p90;
    shard.actual = load.tick.actual;
    shard.intervalMs = load.interval.ms;
    shard.intervalReason = load.interval.reason;
    shard.bufferedBytes = known.edge.bufferedBytes;
    shard.bufferedRecords = known.edge.bufferedRecords;
    shard.recordsIn = known.edge.recordsIn;
    shard.state = ShardState::kRestoring;
    if (const NodeShardReport* entry = reported(owner.shard)) {
        shard.state = entry->state;
        shard.applied = entry->applied;
        shard.appliedOffset = entry->appliedOffset;
        shard.recordsApplied = entry->recordsApplied;
    }
    if (activeMove(owner.shard) != nullptr) shard.state = ShardState::kMoving;
    if (const CheckpointInfo* newest =
            manifest_ ? manifest_->core().newest(owner.shard) : nullptr) {
        shard.hasCheckpoint = true;
        shard.lastCheckpoint = *newest;
        shard.checkpointAgeMs = std::max<std::int64_t>(0, env_.strand.wallNow() - newest->wallMs);
    }
    // Back after: what was measured lately to detect and load, and the replay of what is buffered
    // at the shard's cost per record.
    const double perRecord =
        shard.recordsIn > 0 && load.tick.records > 0
            ? load.tick.actual * 0.1 / load.tick.records  // ms: 1 per mille of 100 ms is 0.1 ms
            : 0.001;
    const double replayMs = perRecord * static_cast<double>(shard.bufferedRecords);
    shard.recoveryEstimateMs = static_cast<std::int64_t>(toMillis(loads_.restoreTime()) + replayMs);
    static_cast<void>(now);
    return shard;
}

void ControlDriver::addNodes(ClusterSnapshot& snapshot, Instant now)
{
    for (std::uint32_t i = 0; i < assignment().nodes; ++i) {
        const Node& known = nodes_[NodeId{i}];
        NodeSnapshot node;
        node.id = NodeId{i};
        node.state = known.state;
        node.incarnation = known.report.incarnation;
        node.cpu = loads_.nodeCpu(node.id);
        node.rssBytes = known.report.rssBytes;
        node.netBytes = known.report.netBytes;
        node.lastHeardMs = static_cast<std::int64_t>(toMillis(now - known.lastHeard));
        for (const ShardSnapshot& shard : snapshot.shards) {
            if (shard.node != node.id) continue;
            ++node.shards;
            node.load += shard.actual;
            node.predicted += shard.predicted;
        }
        snapshot.nodes.push_back(node);
    }
}

void ControlDriver::addTotals(ClusterSnapshot& snapshot)
{
    std::int64_t busy = 0;
    std::int64_t checkpointing = 0;
    for (const auto& [id, node] : nodes_) {
        busy += node.report.uptimeNanos;
        for (const NodeShardReport& shard : node.report.shards)
            checkpointing += shard.checkpointNanos;
    }
    // What a shard that restores has applied before it will have again: the sum never falls.
    for (const ShardSnapshot& shard : snapshot.shards) {
        const std::uint64_t saved = shard.hasCheckpoint ? shard.lastCheckpoint.recordsApplied : 0;
        snapshot.recordsApplied +=
            std::max({shard.recordsApplied, saved, figures_.mostApplied(shard.id)});
    }
    // A node's report is newer than the edge's: what is applied was read.
    if (firstLife_)
        snapshot.source.recordsIn = std::max(snapshot.source.recordsIn, snapshot.recordsApplied);
    snapshot.checkpointOverhead =
        busy == 0 ? 0 : static_cast<double>(checkpointing) / static_cast<double>(busy);
    snapshot.recordsPerSecond = figures_.recordsPerSecond();
    snapshot.bytesPerSecond = figures_.bytesPerSecond();
    if (snapshot.uptimeSeconds > 0) {
        // What an earlier run read and this one applied again was not its work.
        const std::uint64_t own = std::min(figures_.recordsOfRun(), snapshot.source.recordsIn);
        snapshot.recordsPerSecondOfRun = static_cast<double>(own) / snapshot.uptimeSeconds;
    }
    snapshot.latency = figures_.latencyOfLate();
    snapshot.latencyOfRun = figures_.latencyOfRun();
    snapshot.recoveriesDone = recoveriesDone_;
    snapshot.restoresDone = restoresDone_;
}

void ControlDriver::addFigures(const NodeReport& report)
{
    figures_.latency(report.node, report.incarnation, report.latencyBuckets);
    for (const NodeShardReport& entry : report.shards) {
        const auto owner = assignment().shards.find(entry.shard);
        if (owner == assignment().shards.end() || entry.state != ShardState::kLive) continue;
        if (owner->second.node != report.node || owner->second.epoch != entry.epoch) continue;
        // Its Recovered was lost: what it has beyond its checkpoint may all be replayed.
        const std::uint64_t restored = shards_[entry.shard].assignedRecords;
        if (!figures_.knows(entry.shard) && entry.recordsApplied >= restored)
            figures_.begin(entry.shard, restored, entry.recordsApplied - restored);
        figures_.applied(entry.shard, entry.recordsApplied);
    }
}

void ControlDriver::addFigures(const Recovered& recovered)
{
    const std::uint64_t restored = shards_[recovered.shard].assignedRecords;
    // What waited for the first owner of all has not been applied before.
    const bool first = options_.endedWell && restored == 0;
    figures_.begin(recovered.shard, restored, first ? 0 : recovered.recordsReplayed);
}

ClusterSnapshot ControlDriver::snapshot()
{
    const Instant now = env_.strand.now();
    ClusterSnapshot snapshot;
    snapshot.seq = ++snapshotSeq_;
    snapshot.wallMs = env_.strand.wallNow();
    snapshot.uptimeSeconds = toSeconds((ended_.nanos == 0 ? now : ended_) - began_);
    snapshot.state = state_;
    snapshot.failure = failure_;
    snapshot.dataDirectory = options_.dataDirectory;
    snapshot.source = edge_.source;
    snapshot.source.uri = options_.sourceUri;
    if (snapshot.source.problem.empty()) snapshot.source.problem = checkpointProblem_;
    if (log_) {
        snapshot.routing = assignment().routing;
        snapshot.policy = assignment().policy;
        for (const auto& [id, owner] : assignment().shards)
            snapshot.shards.push_back(shardSnapshot(owner, now));
        snapshot.raft = log_->view();
        addNodes(snapshot, now);
    }
    addTotals(snapshot);
    snapshot.checkpointCount = checkpointCount_;
    snapshot.checkpointBytes = checkpointBytes_;
    snapshot.checkpoints = rings_.checkpoints.copy();
    snapshot.events = rings_.events.copy();
    snapshot.recoveries = rings_.recoveries.copy();
    snapshot.moves = rings_.moves.copy();
    snapshot.movesDone = movesDone_;
    snapshot.predictor = loads_.status(now);
    snapshot.boxBytes = edge_.boxBytes;
    snapshot.diskFreeBytes = edge_.diskFreeBytes;
    snapshot.deadLetters = letters_ ? letters_->core().count() : 0;
    snapshot.refusedMessages = refused_;
    snapshot.sink = sinkSnapshot();
    return snapshot;
}

void ControlDriver::publish(Instant now)
{
    for (auto it = watchers_.begin(); it != watchers_.end();) {
        it = now - it->second.lastHeard > kWatcherSilence ? watchers_.erase(it) : std::next(it);
    }
    if (watchers_.empty()) return;
    const Bytes sealed = encode(snapshot());
    for (const auto& [name, watcher] : watchers_)
        env_.network.send("control", name, sealed);
}

}  // namespace foreshard
