#pragma once
// LoadTracker turns reports into loads, forecasts, classes and intervals per shard. It fills in
// what the edge cannot know (cost, backlog, the node's state), scores what was forecast against
// what came, and falls back to the reactive estimate whenever the gate says so. Pure: time arrives
// with each call.
#include "engine/base/time.h"
#include "engine/model/message.h"
#include "engine/predict/forecast_core.h"
#include "engine/predict/interval_policy.h"
#include "engine/predict/load_classifier.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

class LoadTracker {
public:
    struct Options {
        std::uint32_t nodes = 1;
        std::uint32_t shards = 1;
        std::uint64_t memoryTotalBytes = 0;  // 0: unknown
    };
    struct ShardLoad {
        ShardTick tick;         // newest, filled in
        LoadForecast forecast;  // the one in force
        LoadClass loadClass = LoadClass::kLow;
        IntervalDecision interval;
    };

    explicit LoadTracker(Options options);

    void onNodeReport(const NodeReport& report);
    // One tick (100 ms) of all shards. `owner` gives the node of each shard. Returns what to ask
    // the predictor.
    PredictRequest onEdgeReport(const EdgeReport& report, const std::map<ShardId, NodeId>& owner,
                                Instant now);
    void onPredictReply(const PredictReply& reply, Instant now);
    // Classes and intervals for all shards from what is known now.
    void decide(const AssignmentState& assignment, Instant now);

    const ShardLoad& of(ShardId shard) const;
    const std::map<ShardId, ShardLoad>& all() const { return loads_; }
    PerMille nodeCpu(NodeId node) const;
    PredictorStatus status(Instant now) const;
    // A checkpoint's cost for the promise policy, smoothed over all shards.
    void noteCheckpoint(Nanos cost);
    void noteRestore(Nanos time);
    // From a node's death to its shard's state being loaded, as measured lately.
    Nanos restoreTime() const { return restoreTime_; }

private:
    struct Node {
        std::uint32_t incarnation = 0;
        std::int64_t uptimeNanos = 0;
        std::int64_t busyNanos = 0;
        std::uint64_t netBytes = 0;
        PerMille cpu = 0;
        PerMille memory = 0;
        PerMille network = 0;
    };
    struct Shard {
        FrameNo applied = 0;
        std::int64_t busyNanos = 0;
        std::uint64_t recordsApplied = 0;
        Epoch epoch;
        double recordsPerFrame = 1;
        FrameNo lastN = 0;
    };
    void fillIn(ShardTick& tick, const EdgeShardReport& report, NodeId node);

    Options options_;
    ForecastCore forecasts_;
    LoadClassifier classifier_;
    std::map<NodeId, Node> nodes_;
    std::map<ShardId, Shard> shards_;
    std::map<ShardId, ShardLoad> loads_;
    double nanosPerRecord_ = 0;
    std::uint64_t number_ = 0;  // of the tick
    Nanos checkpointCost_ = 5ms;
    Nanos restoreTime_ = 350ms;
};

}  // namespace foreshard
