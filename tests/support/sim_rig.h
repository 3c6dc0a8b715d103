#pragma once
// One process in a virtual world, for tests of what takes an Env: run it, crash it, start it again.
#include "engine/env/sim/world.h"

#include <cstdint>
#include <deque>
#include <string>

namespace foreshard::test {

class SimRig {
public:
    explicit SimRig(std::uint64_t seed = 1, const sim::WorldOptions& options = {})
        : world(seed, options)
    {
        start();
    }
    // A power cut, and a new process on what the disk has kept.
    void crash(sim::Ending ending = sim::Ending::kPowerCut)
    {
        world.crash(process_, ending);
        start();
    }
    // Doors of the living process, on one strand.
    Env& env() { return envs_.back(); }
    Disk& disk() { return env().disk; }
    void run(Nanos span = 1s) { world.runFor(span); }
    // What the file holds now; empty when there is none.
    Bytes file(const std::string& path) { return world.disk().fileBytes(path).value_or(Bytes{}); }
    bool exists(const std::string& path) { return world.disk().fileBytes(path).has_value(); }

    sim::World world;

private:
    void start()
    {
        process_ = world.startProcess("engine");
        envs_.push_back(world.env(world.strand(process_, "strand")));
    }

    sim::ProcessId process_{};
    std::deque<Env> envs_;  // of all lives: what was made with one may still refer to it
};

}  // namespace foreshard::test
