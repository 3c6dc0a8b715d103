#pragma once
// What `foreshard simulate` does: runs seeds one after another and says which failed and why.
#include "engine/base/time.h"
#include "engine/simulate/simulation.h"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

namespace foreshard::sim {

struct SimulateCommand {
    std::uint64_t first = 1;
    std::uint64_t last = 1;     // inclusive
    std::uint32_t minutes = 0;  // virtual, per seed; 0: a few seconds, drawn
    std::string faults = "all";
    bool explain = false;  // every event of a failing seed
    bool json = false;
    std::function<Instant()> realNow;  // for the ratio of virtual to real time; may be empty
};

// One object, no line end.
std::string simulationJson(const SimulationReport& report);

// A block per failing seed (json: a line per seed) and a summary. Returns the exit code: 0, 1 (no
// such fault), 128 no progress, 129 an invariant broken.
int runSimulateCommand(const SimulateCommand& command, std::ostream& out);

}  // namespace foreshard::sim
