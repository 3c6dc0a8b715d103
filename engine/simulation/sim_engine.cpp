#include "engine/simulation/sim_engine.h"

#include "engine/journal/clean_seal.h"
#include "engine/simulation/scripted_forecaster.h"

#include <utility>

namespace foreshard::sim {
namespace {

constexpr Nanos kOperatorTimeout = 1s;

}  // namespace

SimEngine::SimEngine(World& world, Options options)
    : world_(world),
      options_(std::move(options)),
      process_(world.startProcess("engine")),
      random_(options_.seed),
      nodes_(options_.shape.nodes)
{
}

SimEngine::~SimEngine()
{
    for (Node& node : nodes_)
        node.driver.reset();
    hangs_.reset();
    predictor_.reset();
    query_.reset();
    edge_.reset();
    control_.reset();
}

Env& SimEngine::envOn(const std::string& strandName)
{
    SimStrand& strand = world_.strand(process_, strandName);
    strands_.push_back(&strand);
    const Env plain = world_.env(strand);
    if (!disk_ && options_.doors.disk) disk_ = options_.doors.disk(plain.disk);
    if (!network_ && options_.doors.network) network_ = options_.doors.network(plain.network);
    Disk& disk = disk_ ? *disk_ : plain.disk;
    Network& network = network_ ? *network_ : plain.network;
    envs_.push_back(std::make_unique<Env>(Env{plain.strand, disk, network, plain.random}));
    return *envs_.back();
}

Status SimEngine::start()
{
    const ClusterShape& shape = options_.shape;
    Env& controlEnv = envOn("control");
    Env& edgeEnv = envOn("edge");
    Env& queryEnv = envOn("query");
    FS_TRY_STATUS(controlEnv.disk.createDirectories(options_.dataDirectory));
    FS_TRY_STATUS(breakSeal(controlEnv.disk, options_.dataDirectory));

    EdgeOptions edge;
    edge.dataDirectory = options_.dataDirectory;
    edge.schema = options_.schema;
    edge.ratePerSecond = shape.ratePerSecond;
    edge.finishAtEnd = true;
    edge.operatorSpec = shape.operatorSpec;
    edge.boxes.boxes = shape.nodes;
    edge.boxes.segmentBytesMax = shape.segmentBytesMax;
    edge.boxes.cacheBytesMax = shape.cacheBytesMax;
    edge.boxes.retainBytes = shape.retainBytes;
    edge.backlogBytesMax = shape.backlogBytesMax;
    edge.batchBytes = shape.batchBytes;
    edge.frameBytes = shape.frameBytes;

    ControlOptions control;
    control.dataDirectory = options_.dataDirectory;
    control.sourceUri = options_.schema.source;
    control.nodes = shape.nodes;
    control.shards = shape.shards;
    control.routing = shape.routing;
    control.policy = shape.policy;
    control.untilEnd = true;
    control.keepCheckpoints = shape.keepCheckpoints;
    control.onState = options_.onState;
    if (shape.sink) control.sinkUri = "sink";
    control.sinkMode = shape.sinkMode;
    if (options_.poisoned != nullptr) {
        control.marks = options_.poisoned->marks();
        control.marksTaken = [poisoned = options_.poisoned] { poisoned->marksTaken(); };
    }

    // The edge reads the manifest before control appends to it, so it goes first.
    edge_ = std::make_unique<EdgeDriver>(edgeEnv, edge);
    FS_TRY_STATUS(edge_->start());
    control_ = std::make_unique<ControlDriver>(controlEnv, *this, control);
    FS_TRY_STATUS(control_->start());
    query_ = std::make_unique<QueryDriver>(queryEnv, options_.dataDirectory);
    FS_TRY_STATUS(query_->start());
    for (std::uint32_t i = 0; i < shape.nodes; ++i) {
        nodes_[i].env = &envOn("node/" + std::to_string(i));
        FS_TRY_STATUS(startNode(NodeId{i}));
    }
    if (shape.predictor) {
        predictorEnv_ = &envOn("predictor");
        startPredictor();
    }
    startHangWatch();
    return {};
}

void SimEngine::startHangWatch()
{
    if (options_.poisoned == nullptr) return;
    hangs_ = std::make_unique<HangWatch>(
        envOn("watch"), options_.poisoned->slots(), kOperatorTimeout,
        [poisoned = options_.poisoned](WitnessSlot& slot) { poisoned->hung(slot); });
    hangs_->start();
}

void SimEngine::startPredictor()
{
    auto model = std::make_unique<ScriptedForecaster>(predictorEnv_->strand, random_.next());
    predictor_ = std::make_unique<PredictorService>(*predictorEnv_, std::move(model),
                                                    PredictorService::Options{});
    // Without it the reactive estimate decides.
    static_cast<void>(predictor_->start());
}

Status SimEngine::startNode(NodeId id)
{
    Node& node = nodes_.at(id.value);
    NodeOptions options;
    options.node = id;
    options.incarnation = ++node.incarnation;
    options.dataDirectory = options_.dataDirectory;
    options.operatorSpec = options_.shape.operatorSpec;
    if (options_.poisoned != nullptr)
        options.watch = options_.poisoned->watch(id, node.env->strand);
    options.windowBytes = options_.shape.windowBytes;
    options.outputs = {options_.shape.sink, options_.shape.sinkMode, 1,
                       options_.shape.outputBytesMax};
    node.driver = std::make_unique<NodeDriver>(*node.env, std::move(options));
    return node.driver->start().during("start node " + std::to_string(id.value));
}

void SimEngine::startNodeLater(NodeId id)
{
    const std::uint64_t number = ++nodes_.at(id.value).starts;
    const Nanos delay{static_cast<std::int64_t>(random_.below(300'000'000))};
    world_.at(world_.now() + delay, lifetime_.guard([this, id, number] {
        if (nodes_.at(id.value).starts != number || !world_.alive(process_)) return;
        if (const Status status = startNode(id); !status.ok())
            options_.onState(EngineState::kFailed, &status.error());
    }));
}

void SimEngine::killNode(NodeId id)
{
    world_.note("kill node " + std::to_string(id.value));
    nodes_.at(id.value).driver.reset();
}

void SimEngine::restart(NodeId id)
{
    nodes_.at(id.value).env->strand.post(lifetime_.guard([this, id] {
        killNode(id);
        startNodeLater(id);
    }));
}

void SimEngine::freeze(std::uint32_t number, Nanos span)
{
    world_.pause(*strands_[number % strands_.size()], span);
}

void SimEngine::losePredictor(Nanos span)
{
    if (!predictor_) return;
    predictor_.reset();
    world_.note("the predictor is gone");
    world_.at(world_.now() + span, lifetime_.guard([this] {
        if (!predictor_ && world_.alive(process_)) startPredictor();
    }));
}

}  // namespace foreshard::sim
