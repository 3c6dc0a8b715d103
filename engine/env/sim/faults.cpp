#include "engine/env/sim/faults.h"

#include "engine/base/check.h"
#include "engine/base/split_mix.h"
#include "engine/env/sim/world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>

namespace foreshard::sim {

namespace {

struct Draw {
    FaultKind kind;
    std::uint64_t timesMax;  // at intensity 1
    Nanos spanMin;
    Nanos spanMax;
};

constexpr std::array<Draw, kFaultKinds.size()> kDraws{{
    {FaultKind::kCrashEngine, 4, 50ms, 2s},
    {FaultKind::kKillEngine, 4, 20ms, 1s},
    {FaultKind::kKillNode, 6, 0ms, 0ms},
    {FaultKind::kMoveShard, 8, 0ms, 0ms},
    {FaultKind::kPauseEngine, 2, 100ms, 5s},
    {FaultKind::kFreezePart, 4, 100ms, 6s},
    {FaultKind::kPredictorGone, 2, 500ms, 8s},
    {FaultKind::kSlowDisk, 3, 200ms, 3s},
    {FaultKind::kSlowFile, 2, 200ms, 10s},
    {FaultKind::kSyncFails, 2, 0ms, 0ms},
    {FaultKind::kWriteFails, 2, 0ms, 0ms},
    {FaultKind::kReadFails, 3, 0ms, 0ms},
    {FaultKind::kDiskFull, 2, 100ms, 3s},
    {FaultKind::kBadNetwork, 3, 100ms, 2s},
    {FaultKind::kPartition, 3, 100ms, 6s},
    {FaultKind::kPartitionHalf, 3, 100ms, 6s},
    {FaultKind::kWallJump, 2, 1s, 3600s},
    {FaultKind::kRotCheckpoint, 3, 50ms, 500ms},
}};

// Which kinds a run has, and how much of each.
struct Swarm {
    std::uint32_t chancePerMille = 0;  // that a kind occurs at all
    std::uint64_t intensity = 1;
};

Swarm drawSwarm(SplitMix64& random)
{
    const std::uint64_t draw = random.below(1000);
    const std::uint64_t strength = random.below(3);
    if (draw < 30) return {0, 1};
    if (draw < 90) return {1000, 1};
    if (draw < 400) return {100, 2 + strength};
    if (draw < 750) return {250, 1 + strength};
    return {500, 1};
}

// 0 when the kind is off in this run.
std::uint32_t drawRate(SplitMix64& random, const Swarm& swarm, std::uint64_t max)
{
    const bool on = random.chance(swarm.chancePerMille);
    const auto rate = static_cast<std::uint32_t>(1 + random.below(max * swarm.intensity));
    return on ? rate : 0;
}

Nanos drawSpan(SplitMix64& random, Nanos low, Nanos high)
{
    const auto width = static_cast<std::uint64_t>((high - low).count());
    return low + Nanos{static_cast<std::int64_t>(random.below(width + 1))};
}

void drawEvents(SplitMix64& random, const Swarm& swarm, FaultPlan& plan)
{
    for (const Draw& draw : kDraws) {
        const bool on = random.chance(swarm.chancePerMille);
        const std::uint64_t times = 1 + random.below(draw.timesMax * swarm.intensity);
        if (!on) continue;
        for (std::uint64_t i = 0; i < times; ++i) {
            FaultEvent event{.kind = draw.kind};
            event.at = drawSpan(random, plan.duration / 50, plan.duration);
            event.span = drawSpan(random, draw.spanMin, draw.spanMax);
            event.target = static_cast<std::uint32_t>(random.next() >> 32U);
            if (draw.kind != FaultKind::kWallJump) {
                event.span = std::min(event.span, plan.duration - event.at);
            } else if (event.target % 2 == 1) {
                event.span = -event.span;
            }
            plan.events.push_back(event);
        }
    }
    std::stable_sort(plan.events.begin(), plan.events.end(),
                     [](const FaultEvent& a, const FaultEvent& b) { return a.at < b.at; });
}

void setSlowDisk(World& world, const DiskFaults& usual, bool slow)
{
    DiskFaults faults = usual;
    if (slow) faults.slowPerMille = 1000;
    world.disk().setFaults(faults);
}

void setBadNetwork(World& world, const NetworkFaults& usual, bool bad)
{
    NetworkFaults faults = usual;
    if (bad) faults.lossPerMille = 200;
    world.network().setFaults(faults);
}

// Places whose bit in `target` is set do not hear the others; nor the others them, unless `half`.
// Returns what was cut.
std::vector<std::pair<std::string, std::string>> part(World& world, std::uint32_t target, bool half)
{
    const std::vector<std::string> names = world.network().names();
    const auto isFirst = [&](std::size_t i) { return ((target >> (i % 32)) & 1U) != 0; };
    std::vector<std::pair<std::string, std::string>> cut;
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t k = 0; k < names.size(); ++k) {
            if (!isFirst(i) || isFirst(k)) continue;
            world.network().cutOneWay(names[k], names[i]);
            if (!half) world.network().cutOneWay(names[i], names[k]);
            cut.emplace_back(names[i], names[k]);
        }
    }
    return cut;
}

void fillDisk(World& world, std::uint32_t target)
{
    world.disk().setCapacity(world.disk().usedBytes() + target % 8192);
}

// Begins what lasts and returns what ends it.
std::function<void()> begin(World& world, const std::shared_ptr<const FaultPlan>& plan,
                            const FaultEvent& event)
{
    switch (event.kind) {
        case FaultKind::kSlowDisk:
            setSlowDisk(world, plan->disk, true);
            return [&world, plan] { setSlowDisk(world, plan->disk, false); };
        case FaultKind::kSlowFile:
            world.disk().slowSyncs(faultyPath(event.target), 200ms, 10s);
            return [&world] { world.disk().endSlowSyncs(); };
        case FaultKind::kDiskFull:
            fillDisk(world, event.target);
            return [&world] { world.disk().setCapacity(std::nullopt); };
        case FaultKind::kBadNetwork:
            setBadNetwork(world, plan->network, true);
            return [&world, plan] { setBadNetwork(world, plan->network, false); };
        case FaultKind::kPartition:
        case FaultKind::kPartitionHalf: {
            const bool half = event.kind == FaultKind::kPartitionHalf;
            return [&world, cut = part(world, event.target, half)] {
                for (const auto& [one, other] : cut)
                    world.network().heal(one, other);
            };
        }
        case FaultKind::kSyncFails:
            world.disk().failNext(DiskCall::kSync, faultyPath(event.target));
            return {};
        case FaultKind::kWriteFails:
            world.disk().failNext(DiskCall::kWrite, faultyPath(event.target));
            return {};
        case FaultKind::kReadFails:
            world.disk().failNext(DiskCall::kRead, faultyPath(event.target),
                                  1 + event.target / 16 % 3);
            return {};
        case FaultKind::kWallJump:
            world.jumpWallClock(duration_cast<std::chrono::milliseconds>(event.span));
            return {};
        case FaultKind::kCrashEngine:
        case FaultKind::kKillEngine:
        case FaultKind::kKillNode:
        case FaultKind::kMoveShard:
        case FaultKind::kPauseEngine:
        case FaultKind::kFreezePart:
        case FaultKind::kPredictorGone:
        case FaultKind::kRotCheckpoint:
            return {};
    }
    return {};
}

void calm(World& world)
{
    world.network().setFaults({});
    world.network().healAll();
    DiskFaults disk;
    disk.slowPerMille = 0;
    world.disk().setFaults(disk);
    world.disk().clearArmed();
    world.disk().endSlowSyncs();
    world.disk().setCapacity(std::nullopt);
    world.note("faults end");
}

std::string line(const FaultEvent& event)
{
    char text[96];
    std::snprintf(text, sizeof text, "%10.3fs %s span=%.0fms target=%u", toSeconds(event.at),
                  faultName(event.kind), toMillis(event.span), event.target);
    return text;
}

}  // namespace

const char* faultName(FaultKind kind)
{
    switch (kind) {
        case FaultKind::kCrashEngine:
            return "crash-engine";
        case FaultKind::kKillEngine:
            return "kill-engine";
        case FaultKind::kKillNode:
            return "kill-node";
        case FaultKind::kMoveShard:
            return "move-shard";
        case FaultKind::kPauseEngine:
            return "pause-engine";
        case FaultKind::kFreezePart:
            return "freeze-part";
        case FaultKind::kPredictorGone:
            return "predictor-gone";
        case FaultKind::kRotCheckpoint:
            return "rot-checkpoint";
        case FaultKind::kSlowDisk:
            return "slow-disk";
        case FaultKind::kSlowFile:
            return "slow-file";
        case FaultKind::kSyncFails:
            return "sync-fails";
        case FaultKind::kWriteFails:
            return "write-fails";
        case FaultKind::kReadFails:
            return "read-fails";
        case FaultKind::kDiskFull:
            return "disk-full";
        case FaultKind::kBadNetwork:
            return "bad-network";
        case FaultKind::kPartition:
            return "partition";
        case FaultKind::kPartitionHalf:
            return "partition-half";
        case FaultKind::kWallJump:
            return "wall-jump";
    }
    return "";
}

const char* faultyPath(std::uint32_t target)
{
    static constexpr std::array<const char*, 8> kParts = {
        "", "/box/", "/box/", "/checkpoint/", "/checkpoint/", "/control", "/control", "/box/0/"};
    return kParts[target % kParts.size()];
}

FaultPlan drawFaults(std::uint64_t seed, Nanos duration)
{
    FS_CHECK(duration > Nanos{0});
    // Not the stream the world itself draws from the same seed.
    SplitMix64 random(seed ^ 0x6661756C7473ULL);
    FaultPlan plan{.seed = seed, .duration = duration};
    const Swarm swarm = drawSwarm(random);
    plan.network.lossPerMille = drawRate(random, swarm, 50);
    plan.network.duplicatePerMille = drawRate(random, swarm, 50);
    plan.network.reorderPerMille = drawRate(random, swarm, 100);
    plan.network.latePerMille = drawRate(random, swarm, 20);
    plan.disk.slowPerMille = drawRate(random, swarm, 30);
    plan.disk.reorderSectors = random.chance(300);
    const bool torn = random.chance(700);
    plan.disk.keptPerMille = static_cast<std::uint32_t>(random.below(501));
    plan.disk.tornPerMille = torn ? 400 : 0;
    drawEvents(random, swarm, plan);
    return plan;
}

std::string describe(const FaultPlan& plan)
{
    std::string text = "seed=" + std::to_string(plan.seed) + " faults until "
                       + std::to_string(toSeconds(plan.duration)) + "s\n";
    const auto rate = [&](const char* name, std::uint32_t perMille) {
        if (perMille > 0) text += std::string(name) + "=" + std::to_string(perMille) + "/1000\n";
    };
    rate("network loss", plan.network.lossPerMille);
    rate("network duplicate", plan.network.duplicatePerMille);
    rate("network reorder", plan.network.reorderPerMille);
    rate("network late", plan.network.latePerMille);
    rate("disk slow", plan.disk.slowPerMille);
    rate("crash keeps append", plan.disk.keptPerMille);
    rate("crash tears append", plan.disk.tornPerMille);
    if (plan.disk.reorderSectors) text += "crash reorders sectors\n";
    for (const FaultEvent& event : plan.events)
        text += line(event) + "\n";
    return text;
}

void applyFaults(World& world, const FaultPlan& plan, std::function<void(const FaultEvent&)> act)
{
    const auto shared = std::make_shared<const FaultPlan>(plan);
    const auto run = std::make_shared<const std::function<void(const FaultEvent&)>>(std::move(act));
    const Instant start = world.now();
    setSlowDisk(world, plan.disk, false);
    setBadNetwork(world, plan.network, false);
    const Instant quiet = start + plan.duration;
    for (const FaultEvent& event : shared->events) {
        world.at(start + event.at, [&world, shared, run, event, quiet] {
            world.note(line(event));
            if (isForTheRun(event.kind)) return (*run)(event);
            auto end = begin(world, shared, event);
            const Instant when = world.now() + event.span;
            // What lasts to the end of the plan ends there with everything else.
            if (end && when < quiet) world.at(when, std::move(end));
        });
    }
    world.at(quiet, [&world] { calm(world); });
}

}  // namespace foreshard::sim
