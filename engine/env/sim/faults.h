#pragma once
// What goes wrong in one simulated run, drawn from its seed. The seed first draws which kinds of
// fault there are at all, and how intense those are (swarm testing: Groce et al. 2012): many runs
// have few kinds and plenty of each, some have all, some none. Pure: the plan is a value;
// applyFaults() puts it into a world.
#include "engine/base/time.h"
#include "engine/env/sim/sim_disk.h"
#include "engine/env/sim/sim_network.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard::sim {

class World;

enum class FaultKind : std::uint8_t {
    // Done by the run itself, which knows its processes, nodes and shards.
    kCrashEngine,    // cut the power of the engine's process, start it again after `span`
    kKillEngine,     // the same, but what it had written stays readable
    kKillNode,       // node number `target` modulo the nodes there are
    kMoveShard,      // shard number `target` modulo the shards there are, by the operator
    kPauseEngine,    // freeze the engine's process for `span`
    kFreezePart,     // freeze one of its strands for `span`
    kRotCheckpoint,  // a bit flips in a listed checkpoint; then its node or the engine may die
    kPredictorGone,  // for `span`
    // Done by applyFaults(). Where a file is meant, `target` draws which ones (faultyPath).
    kSlowDisk,       // every batch of appends is slow for `span`
    kSlowFile,       // syncs of some files take up to 10 s, for `span`
    kSyncFails,      // the next sync
    kWriteFails,     // the next append
    kReadFails,      // the next one to three reads
    kDiskFull,       // for `span` there is room for a few kilobytes more
    kBadNetwork,     // for `span` one message in five is lost
    kPartition,      // two groups of places do not hear each other for `span`
    kPartitionHalf,  // one group does not hear the other for `span`
    kWallJump        // clocks on the wall jump by `span`, forwards or back
};

inline constexpr std::array<FaultKind, 18> kFaultKinds = {
    FaultKind::kCrashEngine,   FaultKind::kKillEngine,  FaultKind::kKillNode,
    FaultKind::kMoveShard,     FaultKind::kPauseEngine, FaultKind::kFreezePart,
    FaultKind::kPredictorGone, FaultKind::kSlowDisk,    FaultKind::kSlowFile,
    FaultKind::kSyncFails,     FaultKind::kWriteFails,  FaultKind::kReadFails,
    FaultKind::kDiskFull,      FaultKind::kBadNetwork,  FaultKind::kPartition,
    FaultKind::kPartitionHalf, FaultKind::kWallJump,    FaultKind::kRotCheckpoint};

struct FaultEvent {
    Nanos at{0};  // since the plan was applied
    FaultKind kind = FaultKind::kCrashEngine;
    Nanos span{0};  // over by the end of the plan
    std::uint32_t target = 0;
};

struct FaultPlan {
    std::uint64_t seed = 0;
    // At its end every fault is over and all rates are harmless: from here the cluster must
    // recover.
    Nanos duration{0};
    NetworkFaults network = {};
    DiskFaults disk = {};
    std::vector<FaultEvent> events = {};  // by time
};

// The name used in describe(), as "crash-engine".
const char* faultName(FaultKind kind);
// Whether applyFaults() leaves it to the run.
constexpr bool isForTheRun(FaultKind kind) { return kind <= FaultKind::kPredictorGone; }
// The part of a path that says which files a fault with this target is meant for.
const char* faultyPath(std::uint32_t target);

// REQUIRES: duration > 0.
FaultPlan drawFaults(std::uint64_t seed, Nanos duration);

// One line per rate that is on and per event, for people.
std::string describe(const FaultPlan& plan);

// Sets the rates now, and schedules the events and the quiet end. Events for the run come to `act`,
// called on no strand.
void applyFaults(World& world, const FaultPlan& plan, std::function<void(const FaultEvent&)> act);

}  // namespace foreshard::sim
