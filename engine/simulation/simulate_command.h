#pragma once
// What `foreshard simulate` does: runs seeds one after another and says which failed and why.
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/simulation/simulation.h"

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace foreshard::sim {

struct SimulateCommand {
    std::uint64_t first = 1;
    std::uint64_t last = 1;     // inclusive
    std::uint32_t minutes = 0;  // virtual, per seed; 0: a few seconds, drawn
    std::string faults = "all";
    bool explain = false;  // the whole history: of the one seed, or of each that fails
    bool json = false;
    // In a build with planted bugs: the name of the one to carry, or "all": each in turn, until a
    // seed finds it.
    std::string mutant;
    std::function<Instant()> realNow;  // for the ratio of virtual to real time; may be empty
};

// kInvalid names what is wrong: no such fault, no such mutant, or no mutants in this build.
Status checkSimulateCommand(const SimulateCommand& command);

// One object, no line end. `history` are the lines of --explain.
std::string simulationJson(const SimulateCommand& command, const SimulationReport& report,
                           const std::vector<std::string>& history = {});

// A block per failing seed (json: a line per seed) and a summary; with all mutants a line for each.
// Returns the exit code: 0, 128 no progress, 129 an invariant broken; with all mutants 1 when one
// survives. REQUIRES: checkSimulateCommand(command).ok().
int runSimulateCommand(const SimulateCommand& command, std::ostream& out);

}  // namespace foreshard::sim
