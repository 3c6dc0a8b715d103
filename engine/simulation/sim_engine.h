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
        PoisonedOperator* poisoned = nullptr;  // outlives the engine; null: the operator is sound
        // Of the engine as a whole; an error comes with kFailed only.
        std::function<void(EngineState, const Error*)> onState;
    };

    SimEngine(World& world, Options options);
    ~SimEngine();
    SimEngine(const SimEngine&) = delete;
    SimEngine& operator=(const SimEngine&) = delete;

    Status start();
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
    ClusterSnapshot snapshot() { return parts_->control()->snapshot(); }
    EdgeDriver::MemoryUse edgeMemory() const
    {
        EdgeDriver* edge = parts_->edge();
        return edge == nullptr ? EdgeDriver::MemoryUse{} : edge->memoryUse();
    }

private:
    Env& envOn(const std::string& strandName);
    EngineOptions engineOptions() const;
    EngineSeats seats();
    void startNodeLater(NodeId id);
    void startPredictor();
    void startHangWatch();

    World& world_;
    Options options_;
    ProcessId process_;
    SplitMix64 random_;
    std::unique_ptr<Disk> disk_;        // decorated, if at all
    std::unique_ptr<Network> network_;  // decorated, if at all
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
