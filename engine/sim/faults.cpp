#include "engine/sim/faults.h"

#include "engine/base/check.h"
#include "engine/base/split_mix.h"
#include "engine/sim/world.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <utility>

namespace foreshard::sim {

namespace {

struct Draw {
    FaultKind kind;
    std::uint32_t chancePerMille;  // that the kind occurs in a run at all
    std::uint64_t timesMax;
    Nanos spanMin;
    Nanos spanMax;
};

constexpr std::array<Draw, 8> kDraws{{
    {FaultKind::kCrashEngine, 600, 4, 50ms, 2s},
    {FaultKind::kKillNode, 600, 6, 0ms, 0ms},
    {FaultKind::kMoveShard, 600, 8, 0ms, 0ms},
    {FaultKind::kPauseEngine, 250, 2, 100ms, 5s},
    {FaultKind::kSlowDisk, 400, 3, 200ms, 3s},
    {FaultKind::kSyncFails, 150, 1, 0ms, 0ms},
    {FaultKind::kBadNetwork, 400, 3, 100ms, 2s},
    {FaultKind::kWallJump, 250, 2, 1s, 3600s},
}};

// 0 in half of all runs.
std::uint32_t drawRate(SplitMix64& random, std::uint64_t max)
{
    const bool on = random.chance(500);
    const auto rate = static_cast<std::uint32_t>(1 + random.below(max));
    return on ? rate : 0;
}

Nanos drawSpan(SplitMix64& random, Nanos low, Nanos high)
{
    const auto width = static_cast<std::uint64_t>((high - low).count());
    return low + Nanos{static_cast<std::int64_t>(random.below(width + 1))};
}

void drawEvents(SplitMix64& random, bool syncMayFail, FaultPlan& plan)
{
    for (const Draw& draw : kDraws) {
        const bool on = random.chance(draw.chancePerMille);
        const std::uint64_t times = 1 + random.below(draw.timesMax);
        if (!on || (draw.kind == FaultKind::kSyncFails && !syncMayFail)) continue;
        for (std::uint64_t i = 0; i < times; ++i) {
            FaultEvent event{.kind = draw.kind};
            event.at = drawSpan(random, plan.duration / 20, plan.quietFrom);
            event.span = drawSpan(random, draw.spanMin, draw.spanMax);
            // One fault covers an eighth of the run at most.
            if (draw.kind != FaultKind::kWallJump)
                event.span = std::min(event.span, plan.duration / 8);
            event.target = static_cast<std::uint32_t>(random.next() >> 32U);
            if (draw.kind == FaultKind::kWallJump && event.target % 2 == 1)
                event.span = -event.span;
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

// False when the event is one for the run itself.
bool actOnWorld(World& world, const std::shared_ptr<const FaultPlan>& plan, const FaultEvent& event,
                Instant quiet)
{
    // What lasts into the quiet ends there with everything else.
    const Instant end = world.now() + event.span;
    switch (event.kind) {
        case FaultKind::kCrashEngine:
        case FaultKind::kKillNode:
        case FaultKind::kMoveShard:
        case FaultKind::kPauseEngine:
            return false;
        case FaultKind::kSlowDisk:
            setSlowDisk(world, plan->disk, true);
            if (end < quiet)
                world.at(end, [&world, plan] { setSlowDisk(world, plan->disk, false); });
            return true;
        case FaultKind::kSyncFails:
            world.disk().failNextSync("");
            return true;
        case FaultKind::kBadNetwork:
            setBadNetwork(world, plan->network, true);
            if (end < quiet)
                world.at(end, [&world, plan] { setBadNetwork(world, plan->network, false); });
            return true;
        case FaultKind::kWallJump:
            world.jumpWallClock(duration_cast<std::chrono::milliseconds>(event.span));
            return true;
    }
    return false;
}

void calm(World& world)
{
    world.network().setFaults({});
    world.network().healAll();
    DiskFaults disk;
    disk.slowPerMille = 0;
    world.disk().setFaults(disk);
    world.disk().clearSyncFault();
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
        case FaultKind::kKillNode:
            return "kill-node";
        case FaultKind::kMoveShard:
            return "move-shard";
        case FaultKind::kPauseEngine:
            return "pause-engine";
        case FaultKind::kSlowDisk:
            return "slow-disk";
        case FaultKind::kSyncFails:
            return "sync-fails";
        case FaultKind::kBadNetwork:
            return "bad-network";
        case FaultKind::kWallJump:
            return "wall-jump";
    }
    return "";
}

FaultPlan drawFaults(std::uint64_t seed, Nanos duration, bool syncMayFail)
{
    FS_CHECK(duration > Nanos{0});
    // Not the stream the world itself draws from the same seed.
    SplitMix64 random(seed ^ 0x6661756C7473ULL);
    FaultPlan plan{.seed = seed, .duration = duration, .quietFrom = duration / 5 * 4};
    plan.network.lossPerMille = drawRate(random, 50);
    plan.network.duplicatePerMille = drawRate(random, 50);
    plan.network.reorderPerMille = drawRate(random, 100);
    plan.network.latePerMille = drawRate(random, 20);
    plan.disk.slowPerMille = drawRate(random, 30);
    plan.disk.reorderSectors = random.chance(300);
    const bool torn = random.chance(700);
    plan.disk.keptPerMille = static_cast<std::uint32_t>(random.below(501));
    plan.disk.tornPerMille = torn ? 400 : 0;
    drawEvents(random, syncMayFail, plan);
    return plan;
}

std::string describe(const FaultPlan& plan)
{
    std::string text = "seed=" + std::to_string(plan.seed) + " faults until "
                       + std::to_string(toSeconds(plan.quietFrom)) + "s of "
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
    const Instant quiet = start + plan.quietFrom;
    setSlowDisk(world, plan.disk, false);
    setBadNetwork(world, plan.network, false);
    for (const FaultEvent& event : shared->events) {
        world.at(start + event.at, [&world, shared, run, event, quiet] {
            world.note(line(event));
            if (!actOnWorld(world, shared, event, quiet)) (*run)(event);
        });
    }
    world.at(quiet, [&world] { calm(world); });
}

}  // namespace foreshard::sim
