#pragma once
// One seed, one run: the whole cluster, the same code as in production, on a virtual clock. The
// seed draws the cluster's shape, its input, the faults and the operator's commands; then the
// faults end and the stream must come to its end with every invariant intact. The same seed gives
// the same trace hash, with every compiler.
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/simulation/sim_doors.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard::sim {

struct SimulationOptions {
    std::uint64_t seed = 1;
    Nanos length{0};  // virtual, of the time with faults. 0: 15 s
    // "all", "none", or some of the names of faults.h, network, disk, commands, separated by
    // commas.
    std::string faultSet = "all";
    // Is given the history as it happens: every event, message and disk operation in one line with
    // its virtual time. Changes nothing, but is slow. May be empty.
    std::function<void(const std::string& line)> onLine = {};
    SimDoors doors = {};  // for tests of the checkers
};

struct SimulationReport {
    std::uint64_t seed = 0;
    std::uint64_t traceHash = 0;
    std::uint64_t events = 0;
    double virtualSeconds = 0;
    std::uint32_t crashes = 0;
    std::uint32_t nodeKills = 0;
    std::uint32_t moves = 0;
    std::uint32_t pauses = 0;
    std::uint32_t controlsReplaced = 0;
    std::uint32_t bitFlips = 0;
    std::uint32_t refusals = 0;  // of a damaged file, by name
    std::uint64_t messagesLost = 0;
    std::uint64_t records = 0;
    bool ok = true;
    bool noProgress = false;  // the violation is that nothing came to an end
    std::string violation;    // "checker: what", the first one
    std::string checker;
    std::string shard;                     // the one involved, if it is one
    std::vector<std::string> shardEvents;  // what was last said about it
    std::vector<std::string> lastTrace;    // of the world: faults, crashes, notes
    std::string shape;
    std::string faultPlan;
};

// kInvalid names a word of `faultSet` that is not known.
Status checkFaultSet(const std::string& faultSet);

// REQUIRES: checkFaultSet(options.faultSet).ok(). Touches nothing outside; runs on any thread.
SimulationReport simulate(const SimulationOptions& options);

}  // namespace foreshard::sim
