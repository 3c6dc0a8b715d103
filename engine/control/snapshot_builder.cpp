#include "engine/control/snapshot_builder.h"

#include <algorithm>

namespace foreshard {

const EventSnapshot& SnapshotBuilder::note(const Say& event, WallMillis now)
{
    rings_.events.push({++rings_.eventSeq, now, event.severity, event.kind, event.text});
    return rings_.events.items().back();
}

const MoveSnapshot& SnapshotBuilder::note(const MoveSnapshot& move, WallMillis now)
{
    for (MoveSnapshot& known : rings_.moves.items()) {
        if (known.plan != move.plan || known.shard != move.shard) continue;
        known.phase = move.phase;
        known.pauseMs = move.pauseMs;
        known.committedAt = move.committedAt;
        return known;
    }
    rings_.moves.push(move);
    MoveSnapshot& begun = rings_.moves.items().back();
    begun.startedWallMs = now;
    begun.pauseMs = 0;
    return begun;
}

const RecoverySnapshot& SnapshotBuilder::note(const RecoverySnapshot& recovery, WallMillis now)
{
    rings_.recoveries.push(recovery);
    RecoverySnapshot& noted = rings_.recoveries.items().back();
    noted.seq = ++rings_.recoverySeq;
    noted.wallMs = now;
    return noted;
}

void SnapshotBuilder::heard(const NodeReport& report)
{
    figures_.latency(report.node, report.incarnation, report.latencyBuckets);
    for (const NodeShardReport& entry : report.shards) {
        if (entry.state != ShardState::kLive) continue;
        if (!view_.isOwner(entry.shard, report.node, entry.epoch)) continue;
        // Its Recovered was lost: what it has beyond its checkpoint may all be replayed.
        const std::uint64_t restored = parts_.ownership.assignedRecords(entry.shard);
        if (!figures_.knows(entry.shard) && entry.recordsApplied >= restored)
            figures_.begin(entry.shard, restored, entry.recordsApplied - restored);
        figures_.applied(entry.shard, entry.recordsApplied);
    }
}

void SnapshotBuilder::heard(const Recovered& recovered)
{
    const std::uint64_t restored = parts_.ownership.assignedRecords(recovered.shard);
    // What waited for the first owner of all has not been applied before.
    const bool first = options_.endedWell && restored == 0;
    figures_.begin(recovered.shard, restored, first ? 0 : recovered.recordsReplayed);
}

void SnapshotBuilder::sample(Instant now)
{
    figures_.sample(now, view_.edge.report().source.bytesIn);
}

ShardSnapshot SnapshotBuilder::shard(const ShardAssignment& owner, WallMillis wallMs) const
{
    ShardSnapshot shard;
    const EdgeShardReport& edge = view_.edge.of(owner.shard);
    const LoadTracker::ShardLoad& load = parts_.loads.of(owner.shard);
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
    shard.bufferedBytes = edge.bufferedBytes;
    shard.bufferedRecords = edge.bufferedRecords;
    shard.recordsIn = edge.recordsIn;
    shard.state = ShardState::kRestoring;
    if (const NodeShardReport* entry = view_.reported(owner.shard)) {
        shard.state = entry->state;
        shard.applied = entry->applied;
        shard.appliedOffset = entry->appliedOffset;
        shard.recordsApplied = entry->recordsApplied;
    }
    if (parts_.ownership.activeMove(owner.shard) != nullptr) shard.state = ShardState::kMoving;
    if (const CheckpointInfo* newest = view_.checkpoints.newest(owner.shard)) {
        shard.hasCheckpoint = true;
        shard.lastCheckpoint = *newest;
        shard.checkpointAgeMs = std::max<std::int64_t>(0, wallMs - newest->wallMs);
    }
    // Back after: what was measured lately to detect and load, and the replay of what is buffered
    // at the shard's cost per record.
    const double perRecord =
        shard.recordsIn > 0 && load.tick.records > 0
            ? load.tick.actual * 0.1 / load.tick.records  // ms: 1 per mille of 100 ms is 0.1 ms
            : 0.001;
    const double replayMs = perRecord * static_cast<double>(shard.bufferedRecords);
    shard.recoveryEstimateMs =
        static_cast<std::int64_t>(toMillis(parts_.loads.restoreTime()) + replayMs);
    return shard;
}

void SnapshotBuilder::addNodes(ClusterSnapshot& snapshot, Instant now) const
{
    for (const auto& [id, known] : view_.nodes.all()) {
        NodeSnapshot node;
        node.id = id;
        node.state = known.state;
        node.incarnation = known.report.incarnation;
        node.cpu = parts_.loads.nodeCpu(node.id);
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

void SnapshotBuilder::addTotals(ClusterSnapshot& snapshot, bool firstLife) const
{
    std::int64_t busy = 0;
    std::int64_t checkpointing = 0;
    for (const auto& [id, node] : view_.nodes.all()) {
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
    if (firstLife)
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
    snapshot.movesDone = parts_.ownership.movesDone();
    snapshot.recoveriesDone = parts_.ownership.recoveriesDone();
    snapshot.restoresDone = parts_.ownership.restoresDone();
    snapshot.checkpointCount = parts_.checkpoints.count();
    snapshot.checkpointBytes = parts_.checkpoints.bytes();
}

SinkSnapshot SnapshotBuilder::sink() const
{
    SinkSnapshot snapshot;
    if (!parts_.sink.present()) return snapshot;
    snapshot.uri = options_.sinkUri;
    snapshot.mode = options_.sinkMode == SinkMode::kCommitted ? "committed" : "immediate";
    snapshot.rows = parts_.sink.status().rows;
    snapshot.bytes = parts_.sink.status().bytes;
    snapshot.problem = parts_.sink.problem();
    for (const auto& [id, node] : view_.nodes.all()) {
        for (const NodeShardReport& shard : node.report.shards)
            snapshot.pendingBytes += shard.outputBytes;
    }
    return snapshot;
}

// What has become known of those that are shown.
void SnapshotBuilder::refreshStates()
{
    for (CheckpointInfo& shown : rings_.checkpoints.items()) {
        const CheckpointInfo* now = view_.checkpoints.find(shown.shard, shown.id);
        if (now != nullptr) shown.state = now->state;
    }
}

ClusterSnapshot SnapshotBuilder::build(Instant now, WallMillis wallMs, const Engine& engine,
                                       RaftSnapshot raft)
{
    refreshStates();
    const EdgeReport& edge = view_.edge.report();
    ClusterSnapshot snapshot;
    snapshot.seq = ++seq_;
    snapshot.wallMs = wallMs;
    snapshot.uptimeSeconds = engine.uptimeSeconds;
    snapshot.state = engine.state;
    snapshot.failure = engine.failure;
    snapshot.dataDirectory = options_.dataDirectory;
    snapshot.source = edge.source;
    snapshot.source.uri = options_.sourceUri;
    if (snapshot.source.problem.empty()) snapshot.source.problem = parts_.checkpoints.problem();
    snapshot.routing = view_.assignment.routing;
    snapshot.policy = view_.assignment.policy;
    for (const auto& [id, owner] : view_.assignment.shards)
        snapshot.shards.push_back(shard(owner, wallMs));
    snapshot.raft = std::move(raft);
    addNodes(snapshot, now);
    addTotals(snapshot, engine.firstLife);
    snapshot.checkpoints = rings_.checkpoints.copy();
    snapshot.events = rings_.events.copy();
    snapshot.recoveries = rings_.recoveries.copy();
    snapshot.moves = rings_.moves.copy();
    snapshot.predictor = parts_.loads.status(now);
    snapshot.boxBytes = edge.boxBytes;
    snapshot.diskFreeBytes = edge.diskFreeBytes;
    snapshot.deadLetters = view_.letters.count();
    snapshot.refusedMessages = engine.refusedMessages;
    snapshot.sink = sink();
    return snapshot;
}

}  // namespace foreshard
