#pragma once
// One life of the engine's process in the virtual world: the same parts as app/engine_host joins,
// on virtual strands. A node lives in the engine's process; killing it drops its driver, and the
// supervisor starts the next incarnation after a drawn delay. Destroy it from no strand, after its
// process has crashed.
#include "engine/archive/query_driver.h"
#include "engine/base/split_mix.h"
#include "engine/control/control_driver.h"
#include "engine/edge/edge_driver.h"
#include "engine/env/sim/world.h"
#include "engine/node/node_driver.h"
#include "engine/operator/hang_watch.h"
#include "engine/predict/predictor_service.h"
#include "engine/simulation/cluster_shape.h"
#include "engine/simulation/poisoned_operator.h"
#include "engine/simulation/sim_doors.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard::sim {

class SimEngine final : public NodeSupervisor {
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
    ~SimEngine() override;
    SimEngine(const SimEngine&) = delete;
    SimEngine& operator=(const SimEngine&) = delete;

    Status start();
    // The node is gone without a word; nobody is told.
    void killNode(NodeId node);
    // The control strand asks for it; happens on the node's strand, behind what waits there.
    void restart(NodeId node) override;
    std::uint32_t newestIncarnation(NodeId node) const override { return incarnation(node); }
    // In virtual time no strand waits for the machine: a frozen node is silent.
    NodePulse pulse(NodeId) const override { return {}; }
    // Freezes strand `number` modulo those there are: of control, edge, a node, the predictor...
    void freeze(std::uint32_t number, Nanos span);
    // No predictor answers for `span`. Nothing when there is none.
    void losePredictor(Nanos span);

    ProcessId process() const { return process_; }
    // Of the node's newest start; 0 before the first.
    std::uint32_t incarnation(NodeId node) const { return nodes_.at(node.value).incarnation; }
    ClusterSnapshot snapshot() { return control_->snapshot(); }
    // REQUIRES: start() has been called.
    EdgeDriver::MemoryUse edgeMemory() const
    {
        return edge_ ? edge_->memoryUse() : EdgeDriver::MemoryUse{};
    }

private:
    struct Node {
        Env* env = nullptr;
        std::unique_ptr<NodeDriver> driver;
        std::uint32_t incarnation = 0;
        std::uint64_t starts = 0;  // asked for; only the last one asked for happens
    };

    Env& envOn(const std::string& strandName);
    Status startNode(NodeId id);
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
    std::vector<Node> nodes_;
    std::unique_ptr<ControlDriver> control_;
    std::unique_ptr<EdgeDriver> edge_;
    std::unique_ptr<QueryDriver> query_;
    std::unique_ptr<PredictorService> predictor_;
    std::unique_ptr<HangWatch> hangs_;
    Lifetime lifetime_;
};

}  // namespace foreshard::sim
