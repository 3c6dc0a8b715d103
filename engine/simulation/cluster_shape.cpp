#include "engine/simulation/cluster_shape.h"

#include <cstdio>

namespace foreshard::sim {
namespace {

constexpr Nanos kUsualLength = 15s;

std::uint64_t oneOf(SplitMix64& random, const std::uint64_t (&choices)[4])
{
    return choices[random.below(4)];
}

IntervalPolicySetting drawPolicy(SplitMix64& random)
{
    IntervalPolicySetting policy;
    const std::uint64_t kind = random.below(4);
    if (kind == 1) policy.kind = PolicyKind::kPromise;
    if (kind >= 2) policy.kind = PolicyKind::kFixed;
    const std::uint64_t longest = random.chance(250) ? 4000 : 400;
    policy.fixedMs = static_cast<std::uint32_t>(20 + random.below(longest));
    return policy;
}

OperatorSpec drawOperator(SplitMix64& random)
{
    OperatorSpec spec;
    const bool work = random.chance(400);
    const std::uint64_t scale = 1 + random.below(4);
    if (!work) return spec;
    spec.name = "work";
    spec.work = true;
    spec.workScale = static_cast<double>(scale);
    return spec;
}

// Now and then none, one, or all there is within a batch or two.
std::uint64_t drawRecords(SplitMix64& random)
{
    const std::uint64_t few = random.below(40);
    const std::uint64_t many = 300 + random.below(2200);
    return random.chance(60) ? few / 2 : many;
}

}  // namespace

ClusterShape drawShape(SplitMix64& random, Nanos length)
{
    ClusterShape shape;
    shape.nodes = static_cast<std::uint32_t>(1 + random.below(6));
    shape.shards = static_cast<std::uint32_t>(1 + random.below(24));
    shape.routing = random.chance(200) ? RoutingMode::kClass : RoutingMode::kKeyed;
    shape.policy = drawPolicy(random);
    shape.operatorSpec = drawOperator(random);
    shape.records = drawRecords(random);
    shape.segmentBytesMax = oneOf(random, {2U << 10U, 8U << 10U, 64U << 10U, 1U << 20U});
    shape.cacheBytesMax = oneOf(random, {0, 4U << 10U, 64U << 10U, 1U << 20U});
    shape.backlogBytesMax = oneOf(random, {16U << 10U, 64U << 10U, 1U << 20U, 8U << 20U});
    shape.batchBytes = oneOf(random, {600, 4U << 10U, 64U << 10U, 1U << 20U});
    shape.frameBytes = oneOf(random, {300, 2U << 10U, 64U << 10U, 64U << 10U});
    shape.windowBytes = oneOf(random, {1, 4U << 10U, 64U << 10U, 1U << 20U});
    const bool forgetful = random.chance(250);
    if (forgetful) shape.retainBytes = oneOf(random, {1, 16U << 10U, 64U << 10U, 256U << 10U});
    shape.predictor = random.chance(600);
    shape.watched = random.chance(100);
    shape.length = length > Nanos{0} ? length : kUsualLength;
    // Usually the stream lasts through the faults; sometimes it is all there at once.
    const auto share = static_cast<double>(300 + random.below(700)) / 1000.0;
    const bool paced = random.chance(950);
    if (paced)
        shape.ratePerSecond =
            static_cast<double>(shape.records) / (toSeconds(shape.length) * share);
    return shape;
}

void drawKeep(ClusterShape& shape, std::uint64_t seed)
{
    SplitMix64 random(seed ^ 0x6B656570ULL);
    if (random.chance(300)) shape.keepCheckpoints = static_cast<std::uint32_t>(1 + random.below(6));
}

void drawLog(ClusterShape& shape, std::uint64_t seed)
{
    SplitMix64 random(seed ^ 0x6C6F67ULL);
    shape.logSnapshotBytesMin = oneOf(random, {512, 8U << 10U, 64U << 10U, 1U << 20U});
}

void drawSink(ClusterShape& shape, std::uint64_t seed)
{
    SplitMix64 random(seed ^ 0x73696E6BULL);
    shape.sink = random.chance(400);
    shape.sinkMode = random.chance(500) ? SinkMode::kCommitted : SinkMode::kImmediate;
    shape.sinkFormat = random.chance(500) ? SinkFormat::kJsonl : SinkFormat::kCsv;
    shape.outputBytesMax = oneOf(random, {1U << 10U, 4U << 10U, 32U << 10U, 4U << 20U});
}

std::string describe(const ClusterShape& shape)
{
    static constexpr const char* kPolicies[] = {"classes", "promise", "fixed"};
    char text[384];
    std::snprintf(
        text, sizeof text,
        "nodes=%u shards=%u routing=%s policy=%s operator=%s records=%llu rate=%.0f/s "
        "segments=%llu cache=%llu backlog=%llu batch=%llu frame=%llu window=%llu retain=%llu "
        "predictor=%s length=%.1fs",
        shape.nodes, shape.shards, shape.routing == RoutingMode::kKeyed ? "keyed" : "class",
        kPolicies[static_cast<std::size_t>(shape.policy.kind)], shape.operatorSpec.name.c_str(),
        static_cast<unsigned long long>(shape.records), shape.ratePerSecond,
        static_cast<unsigned long long>(shape.segmentBytesMax),
        static_cast<unsigned long long>(shape.cacheBytesMax),
        static_cast<unsigned long long>(shape.backlogBytesMax),
        static_cast<unsigned long long>(shape.batchBytes),
        static_cast<unsigned long long>(shape.frameBytes),
        static_cast<unsigned long long>(shape.windowBytes),
        static_cast<unsigned long long>(shape.retainBytes), shape.predictor ? "scripted" : "none",
        toSeconds(shape.length));
    std::string all = text;
    static constexpr const char* kPoisons[] = {"throw", "crash", "hang", "flaky"};
    for (const PoisonDrill& drill : shape.operatorSpec.poison) {
        all += std::string(" poison=") + kPoisons[static_cast<std::size_t>(drill.kind)] + ":"
               + drill.key;
    }
    all += " log=" + std::to_string(shape.logSnapshotBytesMin);
    if (shape.keepCheckpoints > 0) all += " keep=" + std::to_string(shape.keepCheckpoints);
    if (shape.sink) {
        all += shape.sinkMode == SinkMode::kCommitted ? " sink=committed," : " sink=immediate,";
        all += shape.sinkFormat == SinkFormat::kJsonl ? "jsonl," : "csv,";
        all += std::to_string(shape.outputBytesMax);
    }
    return all;
}

}  // namespace foreshard::sim
