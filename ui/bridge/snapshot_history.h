#pragma once
// What the console remembers of past snapshots, bounded: load samples per shard and node (10 min
// at 10 Hz), every checkpoint, event, recovery, move and log entry seen. Pure; no Qt, no clock.
#include "engine/model/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>

namespace foreshard::ui {

struct LoadSample {
    WallMillis wallMs = 0;
    PerMille predicted = 0;  // p50
    PerMille p10 = 0;
    PerMille p90 = 0;
    PerMille actual = 0;
    std::uint32_t intervalMs = 0;
    std::uint64_t bufferedBytes = 0;
};

struct NodeSample {
    WallMillis wallMs = 0;
    PerMille load = 0;
    PerMille predicted = 0;
    PerMille cpu = 0;
    NodeState state = NodeState::kUp;
};

struct ClusterSample {
    WallMillis wallMs = 0;
    double recordsPerSecond = 0;
    double bytesPerSecond = 0;
    std::uint64_t bufferedBytes = 0;  // of all shards
    LatencySnapshot latency;
    std::uint64_t term = 0;
    LogIndex commit = 0;
};

class SnapshotHistory {
public:
    static constexpr std::size_t kSamples = 6000;  // per shard and per node
    static constexpr std::size_t kCheckpoints = 50'000;
    static constexpr std::size_t kEvents = 5000;
    static constexpr std::size_t kRecoveries = 5000;
    static constexpr std::size_t kMoves = 5000;
    static constexpr std::size_t kLogEntries = 5000;

    // Takes what is new. A snapshot seen before is ignored; a smaller sequence number means another
    // engine, whose ids start anew: all is forgotten first.
    void add(const ClusterSnapshot& snapshot);
    void clear();

    // Oldest first, all of them; empty for an unknown id.
    const std::deque<LoadSample>& samples(ShardId shard) const;
    const std::deque<NodeSample>& samples(NodeId node) const;
    const std::deque<ClusterSample>& cluster() const { return cluster_; }
    const std::deque<CheckpointInfo>& checkpoints() const { return checkpoints_; }  // ids grow
    const std::deque<EventSnapshot>& events() const { return events_; }             // seqs grow
    const std::deque<RecoverySnapshot>& recoveries() const { return recoveries_; }  // seqs grow
    // Newest state of each move, in order of plan and shard.
    const std::deque<MoveSnapshot>& moves() const { return moves_; }
    const std::deque<AssignmentEntry>& logEntries() const { return logEntries_; }  // indices grow

    // How many of the oldest were dropped so far: position i of a deque is number dropped + i.
    std::uint64_t checkpointsDropped() const { return checkpointsDropped_; }
    std::uint64_t eventsDropped() const { return eventsDropped_; }
    std::uint64_t recoveriesDropped() const { return recoveriesDropped_; }
    std::uint64_t logEntriesDropped() const { return logEntriesDropped_; }
    // Grows with every clear(), so that a model knows when to begin anew.
    std::uint64_t generation() const { return generation_; }

    // A past moment's samples; call with growing times.
    void addPast(const ClusterSnapshot& snapshot) { addSamples(snapshot); }
    // What happened, as add(), of a snapshot that measured nothing.
    void addWithoutSamples(const ClusterSnapshot& snapshot);

private:
    bool isNew(const ClusterSnapshot& snapshot);
    void addHappened(const ClusterSnapshot& snapshot);
    void addSamples(const ClusterSnapshot& snapshot);
    void addMoves(const ClusterSnapshot& snapshot);

    std::uint64_t lastSeq_ = 0;
    std::uint64_t generation_ = 0;
    std::map<ShardId, std::deque<LoadSample>> shards_;
    std::map<NodeId, std::deque<NodeSample>> nodes_;
    std::deque<ClusterSample> cluster_;
    std::deque<CheckpointInfo> checkpoints_;
    std::deque<EventSnapshot> events_;
    std::deque<RecoverySnapshot> recoveries_;
    std::deque<MoveSnapshot> moves_;
    std::deque<AssignmentEntry> logEntries_;
    std::uint64_t checkpointsDropped_ = 0;
    std::uint64_t eventsDropped_ = 0;
    std::uint64_t recoveriesDropped_ = 0;
    std::uint64_t logEntriesDropped_ = 0;
};

}  // namespace foreshard::ui
