#include "app/engine_host.h"

#include "app/engine_sink_door.h"
#include "app/source_guard.h"
#include "app/unused_directory.h"
#include "engine/control/log/single_control_log.h"
#include "engine/env/real/crash_handler.h"
#include "engine/env/real/posix_io.h"
#include "engine/env/real/process_stats.h"
#include "engine/history/history_store.h"
#include "engine/journal/clean_seal.h"
#include "engine/predict/torch_forecaster.h"
#include "engine/wire/codec.h"
#include "engine/wire/senders.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <future>
#include <sys/resource.h>
#include <thread>

namespace foreshard {
namespace {

std::string schemaPath(const std::string& data) { return data + "/stream.schema"; }

std::string describe(const StreamSchema& schema)
{
    std::string text = "--source " + schema.source;
    const auto add = [&text](const char* flag, const std::string& value) {
        if (!value.empty()) text += std::string(" ") + flag + " " + value;
    };
    add("--pattern", schema.pattern);
    add("--key", schema.keyField);
    add("--time", schema.timeField);
    add("--type", schema.typeField);
    add("--value", schema.valueField);
    return text;
}

// What an ending waits for a forecast that is on its way.
constexpr Nanos kModelPatience = 1s;

// Per shard, so that all of them together stay below a quarter of a gigabyte, or 1 GiB with the
// greatest number of shards.
std::uint64_t outputBytesMax(std::uint32_t shards)
{
    constexpr std::uint64_t kAll = 256U << 20U;
    constexpr std::uint64_t kMin = 256U << 10U;
    constexpr std::uint64_t kMax = 4U << 20U;
    return std::clamp<std::uint64_t>(kAll / std::max(1U, shards), kMin, kMax);
}

// Files are far larger than the reserve for a full disk: with room for less nothing would be kept.
Status checkFileLimit(std::uint64_t reserveBytes)
{
    rlimit limit{};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur >= reserveBytes) return {};
    return Error{Errc::kIo, "the size limit of files is " + std::to_string(limit.rlim_cur)
                                + " bytes, less than the reserve for a full disk ("
                                + std::to_string(reserveBytes)
                                + " bytes): raise the limit (ulimit -f) and start again"};
}

// Commands are short; nobody outside may fill the engine's memory.
PeerBounds outsiderBounds()
{
    PeerBounds bounds;
    bounds.messageBytesMax = 1U << 20U;
    bounds.messagesMax = 64;
    bounds.waitingBytesOfOne = 4U << 20U;
    bounds.waitingBytesOfAll = 16U << 20U;
    return bounds;
}

}  // namespace

Result<std::unique_ptr<EngineHost>> EngineHost::start(EngineHostOptions options)
{
    std::unique_ptr<EngineHost> host(new EngineHost(std::move(options)));
    host->disk_ = std::make_unique<PosixDisk>();
    FS_TRY_STATUS(host->prepareDirectory());
    host->network_ = std::make_unique<ZmqNetwork>();
    if (host->options_.sink.kind == SinkUri::Kind::kZmq) {
        FS_TRY(host->sinkDoor_,
               openSinkDoor(*host->network_, host->options_.control.dataDirectory));
    }
    FS_TRY_STATUS(host->startParts());
    return host;
}

EngineHost::~EngineHost() { close(); }

void EngineHost::stopStrands()
{
    for (StrandThread* strand : {edgeStrand_.get(), queryStrand_.get(), predictorStrand_.get(),
                                 controlStrand_.get(), sinkStrand_.get()}) {
        if (strand != nullptr) strand->stop();
    }
    for (Node& node : nodes_) {
        if (node.strand) node.strand->stop();
    }
    // To the last: a node whose operator hangs does not stop by itself.
    if (watchStrand_) watchStrand_->stop();
    if (historyStrand_) historyStrand_->stop();
}

bool EngineHost::close()
{
    model_.callOff();  // so that the predictor's strand comes back from it
    if (parts_ && parts_->query() != nullptr) parts_->query()->end();
    stopStrands();
    // Nothing runs any more, so the parts may go from here; the doors go after them.
    const bool began = parts_ && parts_->began();
    parts_.reset();
    history_.reset();
    sink_.reset();
    sinkDoor_.reset();
    network_.reset();
    disk_.reset();  // waits for what is still being written
    sealDirectory(began);
    lock_.reset();
    // The last, as nothing else depends on it.
    return model_.end(kModelPatience);
}

void EngineHost::sealDirectory(bool began)
{
    // A start that was refused has changed nothing.
    const bool untouched = sealed_ && !began;
    if (!lock_ || (state() != EngineState::kDone && !untouched)) return;
    PosixDisk disk;
    disk.keepPrivate(options_.control.dataDirectory);
    // Without it the next start takes the directory for one that was killed, and finds it whole.
    const Status status = writeSeal(disk, options_.control.dataDirectory);
    if (!status.ok() && options_.control.log)
        options_.control.log(LogLevel::kWarning, "seal: " + status.error().message);
}

Status EngineHost::prepareDirectory()
{
    const std::string& data = options_.control.dataDirectory;
    FS_TRY_STATUS(
        checkFileLimit(options_.control.reserveBytes).during("use data directory " + data));
    disk_->keepPrivate(data);
    FS_TRY_STATUS(disk_->createDirectories(data).during("use data directory " + data));
    FS_TRY(lock_, disk_->lock(data + "/LOCK").during("use data directory " + data));
    FS_TRY_STATUS(checkMadeByThisVersion(*disk_, data));
    options_.control.endedWell = isSealed(*disk_, data);
    FS_TRY_STATUS(breakSeal(*disk_, data));
    sealed_ = options_.control.endedWell;
    const Status bound = bindDirectory();
    // Binding wants other words than an earlier start's, but that start took nothing.
    const bool other = !bound.ok() && bound.error().code == Errc::kInvalid;
    if (!other || !holdsNothing(*disk_, data)) return bound;
    sealed_ = false;
    FS_TRY_STATUS(forgetStart(*disk_, data));
    return bindDirectory();
}

Status EngineHost::bindDirectory()
{
    const std::string& data = options_.control.dataDirectory;
    const StreamSchema& wanted = options_.edge.schema;
    if (const Result<Bytes> bytes = disk_->readWhole(schemaPath(data)); bytes.ok()) {
        FS_TRY(const StreamSchema stored, decodeSchema(*bytes));
        if (stored != wanted) {
            return Error{Errc::kInvalid, data + " was made with " + describe(stored)
                                             + ", not with " + describe(wanted)
                                             + ": results would mix two streams: use the same "
                                               "arguments, or another --data"};
        }
    } else if (bytes.error().code == Errc::kNotFound) {
        FS_TRY_STATUS(disk_->writeWhole(schemaPath(data), encodeSchema(wanted)));
    } else {
        return bytes.error();
    }
    FS_TRY(const ControlState known, SingleControlLog::read(*disk_, data));
    const AssignmentState& state = known.assignment;
    FS_TRY_STATUS(bindSink(state.shards.empty()));
    if (state.shards.empty()) {
        options_.control.endedWell = true;  // nothing is left to recover
        return {};
    }
    ControlOptions& control = options_.control;
    const auto shards = static_cast<std::uint32_t>(state.shards.size());
    if (options_.shapeGiven && (state.nodes != control.nodes || shards != control.shards)) {
        return Error{Errc::kInvalid,
                     data + " was made with --nodes " + std::to_string(state.nodes) + " --shards "
                         + std::to_string(shards)
                         + ": their number is fixed for a data directory: use the same, or leave "
                           "both out"};
    }
    control.nodes = state.nodes;
    control.shards = shards;
    return {};
}

Status EngineHost::bindSink(bool fresh)
{
    const std::string path = options_.control.dataDirectory + "/stream.sink";
    const SinkUri& wanted = options_.sink;
    const std::string words = wanted.kind == SinkUri::Kind::kNull
                                  ? "no --sink"
                                  : "--sink " + wanted.uri + "?mode=" + sinkModeName(wanted.mode);
    std::string made = "no --sink";
    const Result<Bytes> bytes = disk_->readWhole(path);
    if (bytes.ok()) {
        FS_TRY(const SinkBinding binding, decodeSinkBinding(*bytes).during("read " + path));
        made = "--sink " + binding.uri + "?mode=" + sinkModeName(binding.mode);
        stream_ = binding.stream;
    } else if (bytes.error().code != Errc::kNotFound) {
        return bytes.error();
    } else if (fresh && wanted.kind != SinkUri::Kind::kNull) {
        stream_ = std::max<std::uint64_t>(1, random_.next());
        FS_TRY_STATUS(checkSinkFile());
        return disk_->writeWhole(path, encodeSinkBinding({wanted.uri, wanted.mode, stream_}));
    }
    if (made == words) return checkSinkFile();
    return Error{Errc::kInvalid, options_.control.dataDirectory + " was made with " + made
                                     + ", not with " + words
                                     + ": outputs would be missing or doubled: use the same "
                                       "--sink, or another --data"};
}

// Before anything is taken: only with the first outputs the sink would say so.
Status EngineHost::checkSinkFile()
{
    if (options_.sink.kind != SinkUri::Kind::kFile) return {};
    FS_TRY_STATUS(refuseTheSource(options_.edge.schema.source, options_.sink.target, "sink"));
    FS_TRY(const std::uint64_t owner, sinkStreamOf(*disk_, options_.sink.target));
    if (owner == 0 || owner == stream_) return {};
    return Error{Errc::kInvalid, "sink " + options_.sink.target
                                     + " holds the outputs of another data directory: they would "
                                       "mix: give this one a file of its own"};
}

std::unique_ptr<Env> EngineHost::envOn(StrandThread& strand)
{
    Network& network = sinkDoor_ ? *sinkDoor_ : *network_;
    return std::make_unique<Env>(Env{strand, *disk_, network, random_});
}

Status EngineHost::runOn(Env& env, const std::function<Status()>& work)
{
    std::promise<Status> promise;
    env.strand.post([&] { promise.set_value(work()); });
    return promise.get_future().get();
}

EngineOptions EngineHost::engineOptions()
{
    EngineOptions engine;
    engine.control = options_.control;
    engine.edge = options_.edge;
    engine.operatorSpec = options_.operatorSpec;
    engine.operatorTimeout = options_.operatorTimeout;
    ControlOptions& control = engine.control;
    control.memoryTotalBytes = memoryTotalBytes();
    control.keptFiles = {"LOCK", "stream.schema"};
    if (stream_ != 0) control.keptFiles.emplace_back("stream.sink");
    if (stream_ != 0) control.sinkUri = options_.sink.uri;
    control.sinkMode = options_.sink.mode;
    control.onState = [this](EngineState s, const Error* e) { stateChanged(s, e); };
    control.marks = witness_->marks();
    control.marksTaken = [this] { witness_->clear(); };
    prepareHistory(control);
    NodeOptions& node = engine.node;
    node.outputs.on = stream_ != 0;
    node.outputs.stream = stream_;
    node.outputs.mode = options_.sink.mode;
    node.outputs.pendingBytesMax = outputBytesMax(control.shards);
    node.rssBytes = [] { return readProcessStats().rssBytes; };
    return engine;
}

EngineSeats EngineHost::seats()
{
    EngineSeats seats;
    seats.control = controlEnv_.get();
    seats.edge = edgeEnv_.get();
    seats.query = queryEnv_.get();
    for (const Node& node : nodes_)
        seats.nodes.push_back(node.env.get());
    seats.run = runOn;
    seats.pulse = [this](NodeId id) { return pulseOf(id); };
    seats.watchOf = [this](NodeId id) { return watchOf(id); };
    seats.startAgain = [this](NodeId id) { parts_->startNode(id); };
    seats.controlRuns = [this] {
        startHistory();
        watchHangs();  // before the first node may hang
    };
    seats.nodeFailed = [this](const Error& error) { stateChanged(EngineState::kFailed, &error); };
    return seats;
}

Status EngineHost::startParts()
{
    controlStrand_ = std::make_unique<StrandThread>("fs-control");
    edgeStrand_ = std::make_unique<StrandThread>("fs-edge");
    queryStrand_ = std::make_unique<StrandThread>("fs-query");
    controlEnv_ = envOn(*controlStrand_);
    edgeEnv_ = envOn(*edgeStrand_);
    queryEnv_ = envOn(*queryStrand_);
    FS_TRY_STATUS(startWitness());
    prepareNodes();
    parts_ = std::make_unique<EngineParts>(engineOptions(), seats());
    // What may refuse goes before the edge takes a record; who comes early is asked to come again.
    FS_TRY_STATUS(startSink());
    if (!options_.listenEndpoint.empty()) {
        FS_TRY_STATUS(network_->listen(options_.listenEndpoint, kOutsideDoor, outsiderBounds()));
    }
    FS_TRY_STATUS(parts_->start());
    // The last: a start that fails has no model running beside it.
    return startPredictor();
}

// Before control, which watches them from its first tick.
void EngineHost::prepareNodes()
{
    const std::uint32_t count = options_.control.nodes;
    nodes_.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        nodes_[i].strand = std::make_unique<StrandThread>("fs-node-" + std::to_string(i));
        nodes_[i].env = envOn(*nodes_[i].strand);
        nodes_[i].strand->post(
            [this, i] { CrashHandler::watchThisThread(&witness_->slot(NodeId{i})); });
    }
}

void EngineHost::watchHangs()
{
    std::vector<WitnessSlot*> slots;
    for (std::uint32_t i = 0; i < options_.control.nodes; ++i)
        slots.push_back(&witness_->slot(NodeId{i}));
    watchStrand_->post([this, slots] {
        parts_->watchHangs(*watchEnv_, slots,
                           [](WitnessSlot& slot) { CrashHandler::endHung(slot); });
    });
}

NodePulse EngineHost::pulseOf(NodeId id) const
{
    // Not started for the first time yet: the start itself waits for its turn.
    if (parts_->newestIncarnation(id) == 0) return {0, true};
    return {parts_->beatOf(id), nodes_.at(id.value).strand->behind()};
}

Status EngineHost::startWitness()
{
    const std::string folder = options_.control.dataDirectory + "/deadletter";
    FS_TRY_STATUS(disk_->createDirectories(folder));
    FS_TRY(witness_, MappedWitness::open(folder + "/witness", random_.next() | 1U));
    CrashHandler::install(options_.noRestart);
    watchStrand_ = std::make_unique<StrandThread>("fs-watch");
    watchEnv_ = envOn(*watchStrand_);
    return {};
}

OperatorWatch EngineHost::watchOf(NodeId id)
{
    OperatorWatch watch;
    watch.slot = &witness_->slot(id);
    watch.crash = [] { std::raise(SIGSEGV); };
    watch.hang = [] {
        for (;;)
            std::this_thread::sleep_for(1s);
    };
    return watch;
}

void EngineHost::prepareHistory(ControlOptions& control)
{
    if (options_.historyBytes == 0) return;
    // SQLite gives its files the mode of this one.
    const std::string path = historyPath(control.dataDirectory);
    if (const auto file = openPrivate(path, O_RDWR | O_CREAT, "open the history"); !file.ok()) {
        if (control.log) control.log(LogLevel::kError, "history: none: " + file.error().message);
        return;
    }
    historyStrand_ = std::make_unique<StrandThread>("fs-history");
    HistoryDriver::Options history;
    history.dataDirectory = control.dataDirectory;
    history.bytesMax = options_.historyBytes;
    history.trouble = [this](const std::string& text) {
        controlStrand_->post(
            [this, text] { parts_->control()->note(EventSeverity::kWarning, "history", text); });
    };
    history_ = std::make_unique<HistoryDriver>(*historyStrand_, std::move(history));
    control.onHistory = [this](HistoryEntry entry) { history_->record(std::move(entry)); };
}

// After control, which hears of trouble; what it has said so far waits in the queue.
void EngineHost::startHistory()
{
    if (!history_) return;
    historyStrand_->post([this] { history_->start(); });
    sampleSoon();
}

void EngineHost::sampleSoon()
{
    historyStrand_->postAfter(std::chrono::seconds(1), [this] {
        controlStrand_->post([this] {
            history_->sample(
                std::make_shared<const ClusterSnapshot>(parts_->control()->snapshot()));
        });
        sampleSoon();
    });
}

Status EngineHost::startSink()
{
    const SinkUri& sink = options_.sink;
    if (sink.kind == SinkUri::Kind::kNull) return {};
    if (sink.kind == SinkUri::Kind::kZmq) return network_->dial(sink.target, "sink", "control");
    sinkStrand_ = std::make_unique<StrandThread>("fs-sink");
    sinkEnv_ = envOn(*sinkStrand_);
    return runOn(*sinkEnv_, [&] {
        SinkDriver::Options options;
        options.file = {sink.target, sink.format};
        options.onFailure = [this](const Error& e) { stateChanged(EngineState::kFailed, &e); };
        sink_ = std::make_unique<SinkDriver>(*sinkEnv_, std::move(options));
        return sink_->start();
    });
}

Status EngineHost::startPredictor()
{
    if (!options_.predictorEndpoint.empty()) {
        return network_->dial(options_.predictorEndpoint, options_.control.predictorName,
                              "control");
    }
    if (!options_.predictor) return {};
    predictorStrand_ = std::make_unique<StrandThread>("fs-predictor");
    predictorEnv_ = envOn(*predictorStrand_);
    predictorStrand_->post([this] {
        auto model = std::make_unique<TorchForecaster>(
            *disk_, TorchForecaster::Options{options_.modelPath, options_.modulePaths,
                                             [this](std::function<void()> work, Nanos patience) {
                                                 return model_.run(std::move(work), patience);
                                             }});
        parts_->startPredictor(*predictorEnv_, std::move(model));
    });
    return {};
}

void EngineHost::stop()
{
    controlStrand_->post([this] {
        if (ControlDriver* control = parts_->control()) control->stop();
    });
}

void EngineHost::command(Command command) { network_->send("host", "control", encode(command)); }

void EngineHost::stateChanged(EngineState state, const Error* error)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    if (state_ == EngineState::kFailed) return;  // the first failure is the cause
    state_ = state;
    if (error != nullptr) error_ = *error;
    changed_.notify_all();
}

EngineState EngineHost::state() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return state_;
}

Status EngineHost::outcome() const
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return error_ ? Status{*error_} : Status{};
}

bool EngineHost::waitUntilOver(std::chrono::milliseconds timeout)
{
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, timeout, [this] {
        return state_ == EngineState::kDone || state_ == EngineState::kFailed;
    });
}

ClusterSnapshot EngineHost::snapshot()
{
    ClusterSnapshot snapshot;
    static_cast<void>(runOn(*controlEnv_, [&] {
        snapshot = parts_->control()->snapshot();
        return Status{};
    }));
    return snapshot;
}

}  // namespace foreshard
