#pragma once
// EngineParts is the one wiring of an engine: it maps the options of the whole to those of each
// part, starts the parts in the one order that is safe, starts nodes again, and ends everything.
// The program and the simulation both use it; they differ in the strands and doors they give, and
// in how work gets onto a strand. Called by its owner, but for what NodeSupervisor says.
#include "engine/archive/query_driver.h"
#include "engine/control/control_driver.h"
#include "engine/edge/edge_driver.h"
#include "engine/env/env.h"
#include "engine/node/node_driver.h"
#include "engine/operator/hang_watch.h"
#include "engine/predict/predictor_service.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace foreshard {

struct EngineOptions {
    // Its data directory, nodes and shards are those of all parts.
    ControlOptions control;
    EdgeOptions edge;
    // Of every node; which one it is, its life and its watch are set here.
    NodeOptions node;
    OperatorSpec operatorSpec;    // of edge and nodes
    Nanos operatorTimeout = 10s;  // for one record; then it hangs
};

// Where the parts live, and what only the owner can do for them. All of it outlives the parts.
struct EngineSeats {
    Env* control = nullptr;
    Env* edge = nullptr;
    Env* query = nullptr;
    std::vector<Env*> nodes;
    // Does `work` on the strand of `env` and returns its outcome once it is done.
    std::function<Status(Env& env, const std::function<Status()>& work)> run;
    // How a node is seen from outside; see NodeSupervisor.
    std::function<NodePulse(NodeId node)> pulse;
    // What watches the node's operator; may be empty.
    std::function<OperatorWatch(NodeId node)> watchOf;
    // A node that was ended is to be started again, by startNode() on its strand: now, or later.
    std::function<void(NodeId node)> startAgain;
    // Control runs: who waits for it may begin. May be empty.
    std::function<void()> controlRuns;
    // A node that cannot be started again ends the engine.
    std::function<void(const Error&)> nodeFailed;
};

class EngineParts final : public NodeSupervisor {
public:
    EngineParts(EngineOptions options, EngineSeats seats);
    ~EngineParts() override;
    EngineParts(const EngineParts&) = delete;
    EngineParts& operator=(const EngineParts&) = delete;

    // Everything but the predictor, in order; the first error ends it.
    Status start();
    // On the predictor's strand. Without it the reactive estimate decides.
    void startPredictor(Env& env, std::unique_ptr<ForecastModel> model);
    // Control is gone without a word, and a fresh one starts on the log that it left, on the
    // strand of `env`; edge and nodes live on.
    void dropControl() { control_.reset(); }
    Status startControlAgain(Env& env);
    void dropPredictor() { predictor_.reset(); }
    bool predicts() const { return predictor_ != nullptr; }
    // Ends what hangs, as `hung` says; on its strand: see HangWatch.
    void watchHangs(Env& env, std::vector<WitnessSlot*> slots,
                    std::function<void(WitnessSlot&)> hung);
    void dropHangWatch() { hangs_.reset(); }
    // On the node's strand. Reports an error with nodeFailed.
    void startNode(NodeId node);
    // The node is gone without a word; nobody is told.
    void dropNode(NodeId node) { nodes_.at(node.value).driver.reset(); }
    // In order. REQUIRES: no strand of a part runs any more.
    void close();

    // Null before start() has come that far.
    ControlDriver* control() { return control_.get(); }
    EdgeDriver* edge() { return edge_.get(); }
    QueryDriver* query() { return query_.get(); }
    bool began() const { return began_; }  // control was started and may have written
    // Whether the node's strand shows life; any thread.
    std::uint64_t beatOf(NodeId node) const
    {
        return nodes_.at(node.value).beat.load(std::memory_order_relaxed);
    }

    void restart(NodeId node) override;
    std::uint32_t newestIncarnation(NodeId node) const override
    {
        return nodes_.at(node.value).incarnation;
    }
    NodePulse pulse(NodeId node) const override { return seats_.pulse(node); }

private:
    struct Node {
        std::unique_ptr<NodeDriver> driver;
        std::atomic<std::uint32_t> incarnation{0};  // of its newest start; 0 before the first
        std::atomic<std::uint64_t> beat{0};
    };

    EdgeOptions edgeOptions() const;
    NodeOptions nodeOptions(NodeId node);
    Status tryStartNode(NodeId node);

    EngineOptions options_;
    EngineSeats seats_;
    std::vector<Node> nodes_;
    std::unique_ptr<ControlDriver> control_;
    std::unique_ptr<EdgeDriver> edge_;
    std::unique_ptr<QueryDriver> query_;
    std::unique_ptr<PredictorService> predictor_;
    std::unique_ptr<HangWatch> hangs_;
    bool began_ = false;
    Lifetime lifetime_;
};

}  // namespace foreshard
