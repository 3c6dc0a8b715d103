#include "ui/bridge/snapshot_history.h"

#include <algorithm>

namespace foreshard::ui {
namespace {

// Appends one and drops the oldest above `max`; returns how many were dropped.
template <class T>
std::uint64_t keep(std::deque<T>& all, T one, std::size_t max)
{
    all.push_back(std::move(one));
    if (all.size() <= max) return 0;
    all.pop_front();
    return 1;
}

// Appends those of `fresh` whose key is above the last one's. Keys grow along both.
template <class T, class Source, class Key>
std::uint64_t keepNewer(std::deque<T>& all, const Source& fresh, Key key, std::size_t max)
{
    std::uint64_t dropped = 0;
    auto from = fresh.begin();
    if (!all.empty()) {
        const auto last = key(all.back());
        from =
            std::find_if(fresh.begin(), fresh.end(), [&](const T& one) { return key(one) > last; });
    }
    for (; from != fresh.end(); ++from)
        dropped += keep(all, *from, max);
    return dropped;
}

}  // namespace

void SnapshotHistory::clear()
{
    const auto generation = generation_ + 1;
    *this = SnapshotHistory{};
    generation_ = generation;
}

bool SnapshotHistory::isNew(const ClusterSnapshot& snapshot)
{
    if (snapshot.seq == lastSeq_) return false;
    if (snapshot.seq < lastSeq_) clear();
    lastSeq_ = snapshot.seq;
    return true;
}

void SnapshotHistory::add(const ClusterSnapshot& snapshot)
{
    if (!isNew(snapshot)) return;
    addSamples(snapshot);
    addHappened(snapshot);
}

void SnapshotHistory::addWithoutSamples(const ClusterSnapshot& snapshot)
{
    if (isNew(snapshot)) addHappened(snapshot);
}

void SnapshotHistory::addHappened(const ClusterSnapshot& snapshot)
{
    addMoves(snapshot);
    checkpointsDropped_ += keepNewer(
        checkpoints_, snapshot.checkpoints, [](const CheckpointInfo& one) { return one.id; },
        kCheckpoints);
    eventsDropped_ += keepNewer(
        events_, snapshot.events, [](const EventSnapshot& one) { return one.seq; }, kEvents);
    recoveriesDropped_ += keepNewer(
        recoveries_, snapshot.recoveries, [](const RecoverySnapshot& one) { return one.seq; },
        kRecoveries);
    logEntriesDropped_ += keepNewer(
        logEntries_, snapshot.raft.recent, [](const AssignmentEntry& one) { return one.index; },
        kLogEntries);
}

void SnapshotHistory::addSamples(const ClusterSnapshot& snapshot)
{
    ClusterSample total{snapshot.wallMs,  snapshot.recordsPerSecond, snapshot.bytesPerSecond, 0,
                        snapshot.latency, snapshot.raft.term,        snapshot.raft.commit};
    for (const auto& shard : snapshot.shards) {
        total.bufferedBytes += shard.bufferedBytes;
        keep(shards_[shard.id],
             LoadSample{snapshot.wallMs, shard.predicted, shard.predictedP10, shard.predictedP90,
                        shard.actual, shard.intervalMs, shard.bufferedBytes},
             kSamples);
    }
    for (const auto& node : snapshot.nodes) {
        keep(nodes_[node.id],
             NodeSample{snapshot.wallMs, node.load, node.predicted, node.cpu, node.state},
             kSamples);
    }
    keep(cluster_, total, kSamples);
}

void SnapshotHistory::addMoves(const ClusterSnapshot& snapshot)
{
    for (const auto& move : snapshot.moves) {
        // A running move is near the end: look from there.
        const auto known = std::find_if(moves_.rbegin(), moves_.rend(), [&](const auto& one) {
            return one.plan == move.plan && one.shard == move.shard;
        });
        if (known != moves_.rend()) {
            *known = move;
        } else {
            keep(moves_, move, kMoves);
        }
    }
}

const std::deque<LoadSample>& SnapshotHistory::samples(ShardId shard) const
{
    static const std::deque<LoadSample> kNone;
    const auto found = shards_.find(shard);
    return found == shards_.end() ? kNone : found->second;
}

const std::deque<NodeSample>& SnapshotHistory::samples(NodeId node) const
{
    static const std::deque<NodeSample> kNone;
    const auto found = nodes_.find(node);
    return found == nodes_.end() ? kNone : found->second;
}

}  // namespace foreshard::ui
