#include "engine/control/load_tracker.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr double kTickNanos = 1e8;
constexpr double kNetworkFullBytes = 12.5e6;  // per tick: 1 Gbit/s, the scale of nodeNetwork
constexpr PerMille kMax = 1'000'000;

PerMille clampPerMille(double value)
{
    return static_cast<PerMille>(std::clamp(value, 0.0, double{kMax}));
}

}  // namespace

LoadTracker::LoadTracker(Options options) : options_(options)
{
    // A shard is judged by its fair part of a node: with four shards a node, high begins at 17.5 %.
    const auto perNode =
        static_cast<PerMille>(std::max(1U, options.shards / std::max(1U, options.nodes)));
    LoadClassifier::Options classes;
    // Never 0: with very many shards a node every idle one would be high.
    classes.high = std::max(2, classes.high / perNode);
    classes.medium = std::max(1, classes.medium / perNode);
    classes.margin /= perNode;
    classifier_.setOptions(classes);
}

void LoadTracker::onNodeReport(const NodeReport& report)
{
    Node& node = nodes_[report.node];
    const std::int64_t uptime = report.uptimeNanos - node.uptimeNanos;
    if (report.incarnation == node.incarnation && uptime > 0) {
        const double busy = static_cast<double>(report.busyNanos - node.busyNanos) * 1000.0
                            / static_cast<double>(uptime);
        node.cpu = clampPerMille(0.5 * node.cpu + 0.5 * busy);
        const auto bytes = static_cast<double>(report.netBytes - node.netBytes);
        node.network = clampPerMille(bytes * 1000.0 * kTickNanos / static_cast<double>(uptime)
                                     / kNetworkFullBytes);
    }
    if (options_.memoryTotalBytes > 0) {
        node.memory = static_cast<PerMille>(report.rssBytes * 1000 / options_.memoryTotalBytes);
    }
    node.incarnation = report.incarnation;
    node.uptimeNanos = report.uptimeNanos;
    node.busyNanos = report.busyNanos;
    node.netBytes = report.netBytes;
    for (const NodeShardReport& entry : report.shards) {
        Shard& shard = shards_[entry.shard];
        if (shard.epoch == entry.epoch && entry.recordsApplied > shard.recordsApplied
            && entry.busyNanos >= shard.busyNanos) {
            const auto records = static_cast<double>(entry.recordsApplied - shard.recordsApplied);
            const double cost = static_cast<double>(entry.busyNanos - shard.busyNanos) / records;
            nanosPerRecord_ = nanosPerRecord_ == 0 ? cost : 0.95 * nanosPerRecord_ + 0.05 * cost;
        }
        shard.epoch = entry.epoch;
        shard.applied = entry.applied;
        shard.busyNanos = entry.busyNanos;
        shard.recordsApplied = entry.recordsApplied;
    }
}

void LoadTracker::fillIn(ShardTick& tick, const EdgeShardReport& report, NodeId nodeId)
{
    Shard& shard = shards_[tick.shard];
    if (report.lastN > shard.lastN) {
        const double perFrame = tick.records / static_cast<double>(report.lastN - shard.lastN);
        shard.recordsPerFrame = 0.8 * shard.recordsPerFrame + 0.2 * perFrame;
        shard.lastN = report.lastN;
    }
    double costPerRecord = nanosPerRecord_;
    if (tick.actual == 0) {
        // The operator declares no cost: what was measured per record stands in.
        tick.actual = clampPerMille(tick.records * nanosPerRecord_ * 1000.0 / kTickNanos);
    } else if (tick.records > 0) {
        costPerRecord = tick.actual * kTickNanos / 1000.0 / tick.records;
    }
    const double waiting = static_cast<double>(report.lastN - std::min(report.lastN, shard.applied))
                           * shard.recordsPerFrame;
    tick.backlog = clampPerMille(waiting * costPerRecord * 1000.0 / 1e9);
    const Node& node = nodes_[nodeId];
    tick.nodeCpu = node.cpu;
    tick.nodeMemory = node.memory;
    tick.nodeNetwork = node.network;
}

PredictRequest LoadTracker::onEdgeReport(const EdgeReport& report,
                                         const std::map<ShardId, NodeId>& owner, Instant now)
{
    PredictRequest request;
    request.tick = ++number_;
    for (const EdgeShardReport& entry : report.shards) {
        const auto node = owner.find(entry.tick.shard);
        if (node == owner.end()) continue;
        ShardTick tick = entry.tick;
        fillIn(tick, entry, node->second);
        loads_[tick.shard].tick = tick;
        request.shards.push_back(tick);
    }
    forecasts_.tick(now, number_, request.shards);
    return request;
}

void LoadTracker::onPredictReply(const PredictReply& reply, Instant now)
{
    forecasts_.reply(now, reply);
}

void LoadTracker::decide(const AssignmentState& assignment, Instant now)
{
    for (const auto& [id, shard] : assignment.shards) {
        ShardLoad& load = loads_[id];
        load.forecast = forecasts_.forecast(id, now);
        load.forecast.shard = id;
        load.loadClass = classifier_.classify(id, load.forecast.p50, now);
        IntervalInputs inputs;
        inputs.overrideMs = shard.intervalOverrideMs;
        inputs.loadClass = load.loadClass;
        inputs.predicted = load.forecast.p50;
        inputs.share = static_cast<PerMille>(1000 * options_.nodes
                                             / std::max(options_.nodes, options_.shards));
        inputs.checkpointCost = checkpointCost_;
        inputs.restoreTime = restoreTime_;
        inputs.queued = Nanos{load.tick.backlog * 1'000'000LL};
        load.interval = decideInterval(assignment.policy, inputs);
    }
}

const LoadTracker::ShardLoad& LoadTracker::of(ShardId shard) const
{
    static const ShardLoad kNone;
    const auto it = loads_.find(shard);
    return it == loads_.end() ? kNone : it->second;
}

PerMille LoadTracker::nodeCpu(NodeId node) const
{
    const auto it = nodes_.find(node);
    return it == nodes_.end() ? 0 : it->second.cpu;
}

PredictorStatus LoadTracker::status(Instant now) const { return forecasts_.status(now); }

void LoadTracker::noteCheckpoint(Nanos cost)
{
    checkpointCost_ = (checkpointCost_ * 9 + cost) / 10;
}

void LoadTracker::noteRestore(Nanos time) { restoreTime_ = (restoreTime_ * 3 + time) / 4; }

}  // namespace foreshard
