#pragma once
// What goes wrong in one simulated run, drawn from its seed. Each kind of fault is switched on by
// its own chance (swarm testing: Groce et al. 2012), so that some runs are all crashes and others
// all lost messages. Pure: the plan is a value; applyFaults() puts it into a world.
#include "engine/base/time.h"
#include "engine/sim/sim_disk.h"
#include "engine/sim/sim_network.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard::sim {

class World;

enum class FaultKind : std::uint8_t {
    // Done by the run itself, which knows its processes, nodes and shards.
    kCrashEngine,  // crash the engine's process and start it again after `span`
    kKillNode,     // node number `target` modulo the nodes there are
    kMoveShard,    // shard number `target` modulo the shards there are, by the operator
    kPauseEngine,  // freeze the engine's process for `span`
    // Done by applyFaults().
    kSlowDisk,    // every sync is slow for `span`
    kSyncFails,   // the next sync of any file
    kBadNetwork,  // for `span` one message in five is lost
    kWallJump     // clocks on the wall jump by `span`, forwards or back
};

struct FaultEvent {
    Nanos at{0};  // since the plan was applied
    FaultKind kind = FaultKind::kCrashEngine;
    Nanos span{0};
    std::uint32_t target = 0;
};

struct FaultPlan {
    std::uint64_t seed = 0;
    Nanos duration{0};
    // No event begins behind it and all rates go back to harmless: from here the cluster must
    // recover.
    Nanos quietFrom{0};
    NetworkFaults network = {};
    DiskFaults disk = {};
    std::vector<FaultEvent> events = {};  // by time
};

// The name used in describe(), as "crash-engine".
const char* faultName(FaultKind kind);

// REQUIRES: duration > 0. A failing sync is only drawn when `syncMayFail`.
FaultPlan drawFaults(std::uint64_t seed, Nanos duration, bool syncMayFail = true);

// One line per rate that is on and per event, for people.
std::string describe(const FaultPlan& plan);

// Sets the rates now, and schedules the events and the quiet end. Events of the first four kinds
// come to `act`, called on no strand.
void applyFaults(World& world, const FaultPlan& plan, std::function<void(const FaultEvent&)> act);

}  // namespace foreshard::sim
