#include "engine/assembly/engine_parts.h"

namespace foreshard {

EngineParts::EngineParts(EngineOptions options, EngineSeats seats)
    : options_(std::move(options)), seats_(std::move(seats)), nodes_(options_.control.nodes)
{
    FS_CHECK(seats_.nodes.size() == nodes_.size());
    options_.control.recordPatience = options_.operatorTimeout;
}

EngineParts::~EngineParts() { close(); }

EdgeOptions EngineParts::edgeOptions() const
{
    EdgeOptions edge = options_.edge;
    edge.dataDirectory = options_.control.dataDirectory;
    edge.operatorSpec = options_.operatorSpec;
    edge.boxes.boxes = options_.control.nodes;
    return edge;
}

NodeOptions EngineParts::nodeOptions(NodeId id)
{
    Node& node = nodes_.at(id.value);
    NodeOptions options = options_.node;
    options.node = id;
    options.incarnation = ++node.incarnation;
    options.dataDirectory = options_.control.dataDirectory;
    options.operatorSpec = options_.operatorSpec;
    if (seats_.watchOf) options.watch = seats_.watchOf(id);
    options.beat = &node.beat;
    return options;
}

Status EngineParts::start()
{
    // The edge reads the control log before control appends to it, so it goes first.
    FS_TRY_STATUS(seats_.run(*seats_.edge, [this] {
        edge_ = std::make_unique<EdgeDriver>(*seats_.edge, edgeOptions());
        return edge_->start();
    }));
    began_ = true;
    FS_TRY_STATUS(seats_.run(*seats_.control, [this] {
        control_ = std::make_unique<ControlDriver>(*seats_.control, *this, options_.control);
        return control_->start();
    }));
    // They are counted; a later control of this life knows of them from the list of suspects.
    options_.control.marks.clear();
    options_.control.marksTaken = nullptr;
    if (seats_.controlRuns) seats_.controlRuns();
    FS_TRY_STATUS(seats_.run(*seats_.query, [this] {
        query_ = std::make_unique<QueryDriver>(*seats_.query, options_.control.dataDirectory);
        return query_->start();
    }));
    for (std::uint32_t i = 0; i < options_.control.nodes; ++i) {
        FS_TRY_STATUS(seats_.run(*seats_.nodes[i], [this, i] { return tryStartNode(NodeId{i}); }));
    }
    return {};
}

Status EngineParts::startControlAgain(Env& env)
{
    options_.control.endedWell = false;
    control_ = std::make_unique<ControlDriver>(env, *this, options_.control);
    return control_->start();
}

Status EngineParts::tryStartNode(NodeId id)
{
    Node& node = nodes_.at(id.value);
    node.driver = std::make_unique<NodeDriver>(*seats_.nodes[id.value], nodeOptions(id));
    return node.driver->start().during("start " + nameOf(id));
}

void EngineParts::startNode(NodeId id)
{
    if (const Status status = tryStartNode(id); !status.ok()) seats_.nodeFailed(status.error());
}

void EngineParts::restart(NodeId id)
{
    seats_.nodes.at(id.value)->strand.post(lifetime_.guard([this, id] {
        dropNode(id);
        seats_.startAgain(id);
    }));
}

void EngineParts::startPredictor(Env& env, std::unique_ptr<ForecastModel> model)
{
    PredictorService::Options service;
    service.name = options_.control.predictorName;
    service.log = options_.control.log;
    predictor_ = std::make_unique<PredictorService>(env, std::move(model), service);
    // An error is no reason to end: the status says who predicts.
    static_cast<void>(predictor_->start());
}

void EngineParts::watchHangs(Env& env, std::vector<WitnessSlot*> slots,
                             std::function<void(WitnessSlot&)> hung)
{
    hangs_ = std::make_unique<HangWatch>(env, std::move(slots), options_.operatorTimeout,
                                         std::move(hung));
    hangs_->start();
}

void EngineParts::close()
{
    hangs_.reset();
    for (Node& node : nodes_)
        node.driver.reset();
    predictor_.reset();
    query_.reset();
    edge_.reset();
    control_.reset();
}

}  // namespace foreshard
