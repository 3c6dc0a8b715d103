#pragma once
// One life of the engine's process in the virtual world: the same parts and the same wiring as in
// the program (EngineParts), on virtual strands. A node lives in the engine's process; killing it
// drops its driver, and the next incarnation starts after a drawn delay. Destroy it from no strand,
// after its process has crashed.
#include "engine/assembly/engine_parts.h"
#include "engine/base/split_mix.h"
#include "engine/env/sim/world.h"
#include "engine/simulation/cluster_shape.h"
#include "engine/simulation/poisoned_operator.h"
#include "engine/simulation/sim_doors.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace foreshard::sim {

class SimEngine {
public:
    struct Options {
        std::string dataDirectory;
        ClusterShape shape;
        StreamSchema schema;
        std::uint64_t seed = 0;
        SimDoors doors;
        // Control lives in a process of its own, which can be replaced; see replaceControl().
        bool controlApart = false;
        PoisonedOperator* poisoned = nullptr;  // outlives the engine; null: the operator is sound
        // Of the engine as a whole; an error comes with kFailed only.
        std::function<void(EngineState, const Error*)> onState;
    };

    SimEngine(World& world, Options options);
    ~SimEngine();
    SimEngine(const SimEngine&) = delete;
    SimEngine& operator=(const SimEngine&) = delete;

    Status start();
    // All its processes end.
    void crash(Ending ending);
    // Control is killed without a word, and after `downFor` a fresh one starts on the log that it
    // left; edge and nodes live on. Nothing when there is none, or it is no process of its own.
    // False then.
    bool replaceControl(Nanos downFor);
    // The node is gone without a word; nobody is told.
    void killNode(NodeId node);
    // Freezes strand `number` modulo those there are: of control, edge, a node, the predictor...
    void freeze(std::uint32_t number, Nanos span);
    // No predictor answers for `span`. Nothing when there is none.
    void losePredictor(Nanos span);

    ProcessId process() const { return process_; }
    // REQUIRES, as for all below: start() has been called.
    // Of the node's newest start; 0 before the first.
    std::uint32_t incarnation(NodeId node) const { return parts_->newestIncarnation(node); }
    // Empty while there is no control.
    ClusterSnapshot snapshot()
    {
        ControlDriver* control = parts_->control();
        return control == nullptr ? ClusterSnapshot{} : control->snapshot();
    }
    EdgeDriver::MemoryUse edgeMemory() const
    {
        EdgeDriver* edge = parts_->edge();
        return edge == nullptr ? EdgeDriver::MemoryUse{} : edge->memoryUse();
    }

private:
    // The doors of a process, decorated if they are.
    struct Decorated {
        std::unique_ptr<Disk> disk;
        std::unique_ptr<Network> network;
    };

    Env& envOn(const std::string& strandName) { return envOn(process_, strandName); }
    Env& envOn(ProcessId process, const std::string& strandName);
    EngineOptions engineOptions() const;
    EngineSeats seats();
    void startControlAgain();
    void startNodeLater(NodeId id);
    void startPredictor();
    void startHangWatch();

    World& world_;
    Options options_;
    ProcessId process_;
    ProcessId controlProcess_;  // process_ unless control lives apart
    SplitMix64 random_;
    std::map<ProcessId, Decorated> decorated_;
    std::vector<std::unique_ptr<Env>> envs_;
    std::vector<SimStrand*> strands_;  // of envs_
    Env* predictorEnv_ = nullptr;
    std::vector<Env*> nodeEnvs_;
    // By node: starts that were asked for; only the last one asked for happens.
    std::vector<std::uint64_t> starts_;
    std::unique_ptr<EngineParts> parts_;
    Lifetime lifetime_;
};

}  // namespace foreshard::sim
