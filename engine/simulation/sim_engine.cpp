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
      controlProcess_(options_.controlApart ? world.startProcess("control") : process_),
      random_(options_.seed),
      starts_(options_.shape.nodes)
{
}

SimEngine::~SimEngine() = default;

Env& SimEngine::envOn(ProcessId process, const std::string& strandName)
{
    SimStrand& strand = world_.strand(process, strandName);
    strands_.push_back(&strand);
    const Env plain = world_.env(strand);
    Decorated& doors = decorated_[process];
    if (!doors.disk && options_.doors.disk) doors.disk = options_.doors.disk(plain.disk);
    if (!doors.network && options_.doors.network)
        doors.network = options_.doors.network(plain.network);
    Disk& disk = doors.disk ? *doors.disk : plain.disk;
    Network& network = doors.network ? *doors.network : plain.network;
    envs_.push_back(std::make_unique<Env>(Env{plain.strand, disk, network, plain.random}));
    return *envs_.back();
}

EngineOptions SimEngine::engineOptions() const
{
    const ClusterShape& shape = options_.shape;
    EngineOptions engine;
    engine.operatorSpec = shape.operatorSpec;
    engine.operatorTimeout = kOperatorTimeout;

    EdgeOptions& edge = engine.edge;
    edge.schema = options_.schema;
    edge.ratePerSecond = shape.ratePerSecond;
    edge.finishAtEnd = true;
    edge.boxes.segmentBytesMax = shape.segmentBytesMax;
    edge.boxes.cacheBytesMax = shape.cacheBytesMax;
    edge.boxes.retainBytes = shape.retainBytes;
    edge.backlogBytesMax = shape.backlogBytesMax;
    edge.batchBytes = shape.batchBytes;
    edge.frameBytes = shape.frameBytes;

    ControlOptions& control = engine.control;
    control.dataDirectory = options_.dataDirectory;
    control.sourceUri = options_.schema.source;
    control.nodes = shape.nodes;
    control.shards = shape.shards;
    control.routing = shape.routing;
    control.policy = shape.policy;
    control.untilEnd = true;
    control.keepCheckpoints = shape.keepCheckpoints;
    control.logSnapshotBytesMin = shape.logSnapshotBytesMin;
    control.onState = options_.onState;
    if (shape.sink) control.sinkUri = "sink";
    control.sinkMode = shape.sinkMode;
    if (options_.poisoned != nullptr) {
        control.marks = options_.poisoned->marks();
        control.marksTaken = [poisoned = options_.poisoned] { poisoned->marksTaken(); };
    }

    engine.node.windowBytes = shape.windowBytes;
    engine.node.outputs = {shape.sink, shape.sinkMode, 1, shape.outputBytesMax};
    return engine;
}

EngineSeats SimEngine::seats()
{
    EngineSeats seats;
    seats.control = &envOn(controlProcess_, "control");
    seats.edge = &envOn("edge");
    seats.query = &envOn("query");
    for (std::uint32_t i = 0; i < options_.shape.nodes; ++i)
        nodeEnvs_.push_back(&envOn("node/" + std::to_string(i)));
    seats.nodes = nodeEnvs_;
    seats.run = [](Env&, const std::function<Status()>& work) { return work(); };
    // In virtual time no strand waits for the machine: a frozen node is silent.
    seats.pulse = [](NodeId) { return NodePulse{}; };
    if (options_.poisoned != nullptr) {
        seats.watchOf = [this](NodeId id) {
            return options_.poisoned->watch(id, nodeEnvs_.at(id.value)->strand);
        };
    }
    seats.startAgain = [this](NodeId id) {
        world_.note("kill node " + std::to_string(id.value));
        startNodeLater(id);
    };
    seats.nodeFailed = [this](const Error& error) {
        options_.onState(EngineState::kFailed, &error);
    };
    return seats;
}

Status SimEngine::start()
{
    EngineSeats where = seats();
    Disk& disk = where.control->disk;
    parts_ = std::make_unique<EngineParts>(engineOptions(), std::move(where));
    FS_TRY_STATUS(disk.createDirectories(options_.dataDirectory));
    FS_TRY_STATUS(breakSeal(disk, options_.dataDirectory));
    FS_TRY_STATUS(parts_->start());
    if (options_.shape.predictor) {
        predictorEnv_ = &envOn("predictor");
        startPredictor();
    }
    startHangWatch();
    return {};
}

void SimEngine::crash(Ending ending)
{
    world_.crash(process_, ending);
    if (controlProcess_ != process_) world_.crash(controlProcess_, ending);
}

bool SimEngine::replaceControl(Nanos downFor)
{
    const bool apart = controlProcess_ != process_ && world_.alive(controlProcess_);
    if (!apart || !parts_ || parts_->control() == nullptr) return false;
    world_.crash(controlProcess_, Ending::kKilled);
    parts_->dropControl();
    world_.at(world_.now() + downFor, lifetime_.guard([this] {
        if (world_.alive(process_)) startControlAgain();
    }));
    return true;
}

void SimEngine::startControlAgain()
{
    world_.note("a fresh control takes over");
    controlProcess_ = world_.startProcess("control");
    const Status started = parts_->startControlAgain(envOn(controlProcess_, "control"));
    if (!started.ok()) options_.onState(EngineState::kFailed, &started.error());
}

void SimEngine::startHangWatch()
{
    if (options_.poisoned == nullptr) return;
    parts_->watchHangs(envOn("watch"), options_.poisoned->slots(),
                       [poisoned = options_.poisoned](WitnessSlot& slot) { poisoned->hung(slot); });
}

void SimEngine::startPredictor()
{
    parts_->startPredictor(*predictorEnv_, std::make_unique<ScriptedForecaster>(
                                               predictorEnv_->strand, random_.next()));
}

void SimEngine::startNodeLater(NodeId id)
{
    const std::uint64_t number = ++starts_.at(id.value);
    const Nanos delay{static_cast<std::int64_t>(random_.below(300'000'000))};
    world_.at(world_.now() + delay, lifetime_.guard([this, id, number] {
        if (starts_.at(id.value) != number || !world_.alive(process_)) return;
        parts_->startNode(id);
    }));
}

void SimEngine::killNode(NodeId id)
{
    world_.note("kill node " + std::to_string(id.value));
    parts_->dropNode(id);
}

void SimEngine::freeze(std::uint32_t number, Nanos span)
{
    world_.pause(*strands_[number % strands_.size()], span);
}

void SimEngine::losePredictor(Nanos span)
{
    if (!parts_->predicts()) return;
    parts_->dropPredictor();
    world_.note("the predictor is gone");
    world_.at(world_.now() + span, lifetime_.guard([this] {
        if (!parts_->predicts() && world_.alive(process_)) startPredictor();
    }));
}

}  // namespace foreshard::sim
