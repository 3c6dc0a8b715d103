#include "engine/simulation/simulation.h"

#include "engine/base/split_mix.h"
#include "engine/control/log/single_control_log.h"
#include "engine/env/sim/faults.h"
#include "engine/env/sim/world.h"
#include "engine/simulation/bit_rot.h"
#include "engine/simulation/cluster_shape.h"
#include "engine/simulation/cluster_watch.h"
#include "engine/simulation/explained_disk.h"
#include "engine/simulation/hostile_sender.h"
#include "engine/simulation/random_stream.h"
#include "engine/simulation/removed_segment.h"
#include "engine/simulation/replaced_control.h"
#include "engine/simulation/replaced_source.h"
#include "engine/simulation/shard_events.h"
#include "engine/simulation/sim_engine.h"
#include "engine/simulation/sim_sink.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace foreshard::sim {
namespace {

constexpr const char* kData = "data";
constexpr const char* kSink = "sink/rows";
// From the end of the faults; every patience in the engine is far below it.
constexpr Nanos kProgressMax = 90s;
// For the engine to notice that a file is gone; every pause in a fault plan is shorter.
constexpr Nanos kNoticeMax = 20s;
// Gone just before the end is not its fault; the edge may be frozen meanwhile.
constexpr Nanos kEndMax = 5s;
constexpr std::size_t kTraceLines = 40;

std::set<std::string> words(const std::string& text)
{
    std::set<std::string> found;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        if (end > begin) found.insert(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

void keepOnly(FaultPlan& plan, const std::set<std::string>& wanted)
{
    if (wanted.contains("all")) return;
    if (!wanted.contains("network")) plan.network = {};
    if (!wanted.contains("disk")) plan.disk = {};
    std::erase_if(plan.events,
                  [&](const FaultEvent& event) { return !wanted.contains(faultName(event.kind)); });
}

WorldOptions worldOptions(const SimulationOptions& options)
{
    WorldOptions world;
    world.traceEvents = options.onLine != nullptr;
    world.onLine = options.onLine;
    return world;
}

class Run {
public:
    explicit Run(const SimulationOptions& options)
        : options_(options),
          random_(options.seed ^ 0x72756EULL),
          shape_(drawShape(random_, options.length)),
          stream_(makeRandomStream(random_, shape_.records)),
          plan_(drawFaults(options.seed, shape_.length)),
          faults_(words(options.faultSet)),
          poisoned_(options.seed, shape_.nodes, stream_,
                    faults_.contains("all") || faults_.contains("poison")),
          world_(options.seed, worldOptions(options)),
          operator_(world_.env(world_.strand("operator"))),
          watch_(world_, operator_.disk, kData, shape_, stream_,
                 world_.now() + shape_.length + kProgressMax)
    {
        drawSink(shape_, options.seed);
        drawKeep(shape_, options.seed);
        drawLog(shape_, options.seed);
        if (faults_.contains("all") || faults_.contains("replace-control"))
            rare_.controls = drawReplacements(options.seed, plan_.duration);
        keepOnly(plan_, faults_);
        shape_.operatorSpec.poison = poisoned_.drills();
        if (options_.onLine) explain();
    }

    ~Run()
    {
        if (engine_) endEngine();
    }
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    SimulationReport run()
    {
        world_.note(describe(shape_));
        world_.disk().putFile(stream_.path, stream_.input);
        const Status open = operator_.network.open("operator", operator_.strand,
                                                   [](const std::string&, const Bytes&) {});
        FS_CHECK(open.ok());
        if (shape_.sink) startSink();
        startEngine();
        applyFaults(world_, plan_, [this](const FaultEvent& event) { act(event); });
        if (faults_.contains("all") || faults_.contains("commands")) planCommands();
        if (shape_.watched) subscribeAgain();
        if (faults_.contains("all") || faults_.contains("hostile")) letHostileIn();
        planRemoval();
        planReplacement();
        planReplacedControl();
        world_.runUntil(watch_.deadline(), [this] { return finished_ || watch_.failed(); });
        watch_.checkProgress(finished_);
        if (!watch_.failed()) checkEnd();
        return report();
    }

private:
    // Faults that come once or twice in a run, if at all.
    struct Rare {
        RemovedSegment segment;
        ReplacedSource source;
        std::vector<ControlReplacement> controls;
    };

    void explain();
    void startEngine();
    void startSink();
    void crashEngine(Ending ending, Nanos downFor);
    void endEngine(Ending ending = Ending::kPowerCut);
    void stateChanged(EngineState state, const Error* error);
    void act(const FaultEvent& event);
    void rotCheckpoint(const FaultEvent& event);
    void planRemoval();
    void removeSegment();
    void planReplacement();
    void planReplacedControl();
    void planCommands();
    void command(CommandBody body);
    CommandBody drawCommand();
    CommandBody drawRestore(ShardId shard);
    void subscribeAgain();
    void letHostileIn();
    void checkEnd();
    SimulationReport report();

    SimulationOptions options_;
    SplitMix64 random_;
    ClusterShape shape_;
    RandomStream stream_;
    FaultPlan plan_;
    std::set<std::string> faults_;
    PoisonedOperator poisoned_;
    World world_;
    Env operator_;
    ClusterWatch watch_;
    BitRot rot_{world_, operator_.disk, kData};
    Rare rare_{{world_, operator_.disk, kData, options_.seed},
               {world_, operator_.disk, stream_, options_.seed},
               {}};
    SimulationReport report_;
    std::unique_ptr<SimEngine> engine_;
    std::unique_ptr<SimSink> sink_;
    std::unique_ptr<HostileSender> hostile_;
    std::uint32_t life_ = 0;
    std::uint64_t commands_ = 0;
    bool finished_ = false;
};

void Run::explain()
{
    watch_.explainTo(options_.onLine);
    if (options_.doors.disk) return;
    options_.doors.disk = [this](Disk& disk) {
        return std::make_unique<ExplainedDisk>(disk, [this](const std::string& line) {
            options_.onLine(stamp(world_.localNow()) + "disk " + line);
        });
    };
}

void Run::startEngine()
{
    SimEngine::Options options;
    options.dataDirectory = kData;
    options.shape = shape_;
    options.schema = stream_.schema;
    options.seed = random_.next();
    options.doors = options_.doors;
    options.controlApart = !rare_.controls.empty();
    options.onState = [this](EngineState state, const Error* error) { stateChanged(state, error); };
    // A sound one needs no watch, and keeps the seed's history.
    if (!poisoned_.drills().empty()) options.poisoned = &poisoned_;
    ++life_;
    poisoned_.beginLife([this, life = life_] {
        world_.note("the operator ends the process");
        world_.at(world_.now(), [this, life] {
            if (life == life_) crashEngine(Ending::kKilled, 100ms);
        });
    });
    engine_ = std::make_unique<SimEngine>(world_, std::move(options));
    watch_.engineIs(engine_.get());
    if (const Status status = engine_->start(); !status.ok())
        stateChanged(EngineState::kFailed, &status.error());
}

void Run::stateChanged(EngineState state, const Error* error)
{
    if (state == EngineState::kDone) finished_ = true;
    if (state == EngineState::kDone && rare_.segment.missing()
        && rare_.segment.missingFor() > kEndMax)
        return watch_.report("files",
                             rare_.segment.path() + " was removed and the engine says done");
    if (state != EngineState::kFailed) return;
    FS_CHECK(error != nullptr);
    world_.note("engine failed: " + error->message);
    // Damage on the disk that is named, and not delivered: whoever reads it restores the file.
    const bool named = (error->code == Errc::kCorrupt && rot_.explains(error->message))
                       || rare_.segment.explains(*error) || rare_.source.explains(*error);
    report_.refusals += named ? 1 : 0;
    if (!named && error->code != Errc::kIo && error->code != Errc::kNoSpace)
        return watch_.report("engine", "the engine failed: " + error->message);
    // A disk that refused something: the program ends, and somebody starts it again.
    const Nanos later{static_cast<std::int64_t>(random_.below(500'000'000))};
    const Ending ending = random_.chance(500) ? Ending::kPowerCut : Ending::kKilled;
    world_.at(world_.now(), [this, life = life_, later, ending] {
        if (life == life_) crashEngine(ending, 100ms + later);
    });
}

void Run::startSink()
{
    watch_.expectSink(kSink);
    SimSink::Options options;
    options.path = kSink;
    options.format = shape_.sinkFormat;
    options.onFailure = [this](const Error& error) { watch_.report("outputs", error.message); };
    options.onEnd = [this] { watch_.checkSink(false); };
    sink_ = std::make_unique<SimSink>(world_, std::move(options));
    if (!faults_.contains("all") && !faults_.contains("crash-sink")) return;
    SplitMix64 random(options_.seed ^ 0x63726173ULL);
    const auto span = static_cast<std::uint64_t>(plan_.duration.count());
    for (std::uint64_t left = random.below(6); left > 0; --left) {
        const Nanos at{static_cast<std::int64_t>(random.below(span))};
        const Nanos downFor{static_cast<std::int64_t>(random.below(1'500'000'000))};
        const Ending ending = random.chance(500) ? Ending::kPowerCut : Ending::kKilled;
        world_.at(world_.now() + at, [this, ending, downFor] { sink_->crash(ending, downFor); });
    }
}

void Run::crashEngine(Ending ending, Nanos downFor)
{
    if (!engine_) return;
    ++report_.crashes;
    endEngine(ending);
    watch_.checkLeftBehind();
    world_.at(world_.now() + downFor, [this] { startEngine(); });
}

void Run::act(const FaultEvent& event)
{
    if (!engine_) return;
    const NodeId node{event.target % shape_.nodes};
    switch (event.kind) {
        case FaultKind::kCrashEngine:
            return crashEngine(Ending::kPowerCut, event.span);
        case FaultKind::kKillEngine:
            return crashEngine(Ending::kKilled, event.span);
        case FaultKind::kKillNode:
            ++report_.nodeKills;
            if (event.target / shape_.nodes % 2 == 0) return engine_->killNode(node);
            return command(DrillCommand{"kill-node", node});
        case FaultKind::kMoveShard:
            ++report_.moves;
            return command(MoveCommand{{ShardId{event.target % shape_.shards}},
                                       NodeId{event.target / shape_.shards % shape_.nodes}});
        case FaultKind::kPauseEngine:
            ++report_.pauses;
            return world_.pause(engine_->process(), event.span);
        case FaultKind::kFreezePart:
            ++report_.pauses;
            return engine_->freeze(event.target, event.span);
        case FaultKind::kPredictorGone:
            return engine_->losePredictor(event.span);
        case FaultKind::kRotCheckpoint:
            return rotCheckpoint(event);
        case FaultKind::kSlowDisk:
        case FaultKind::kSlowFile:
        case FaultKind::kSyncFails:
        case FaultKind::kWriteFails:
        case FaultKind::kReadFails:
        case FaultKind::kDiskFull:
        case FaultKind::kBadNetwork:
        case FaultKind::kPartition:
        case FaultKind::kPartitionHalf:
        case FaultKind::kWallJump:
            return;  // done by applyFaults()
    }
}

void Run::rotCheckpoint(const FaultEvent& event)
{
    // Found while the engine runs, by the successor of a node, or by the next life.
    const std::uint32_t how = event.target % 3;
    if (how == 2) crashEngine(Ending::kKilled, event.span);
    const std::optional<NodeId> node = rot_.flip(event.target);
    if (node && how == 1 && engine_) engine_->killNode(*node);
}

void Run::planRemoval()
{
    if (!faults_.contains("all") && !faults_.contains("remove-segment")) return;
    // With retention a segment may go by right, just then.
    if (shape_.retainBytes != 0) return;
    if (const auto at = rare_.segment.draw(plan_.duration))
        world_.at(world_.now() + *at, [this] { removeSegment(); });
}

void Run::removeSegment()
{
    if (!engine_ || finished_ || !rare_.segment.remove()) return;
    world_.at(world_.now() + kNoticeMax, [this, life = life_] {
        if (life != life_ || !engine_ || !rare_.segment.missing()) return;
        watch_.report("files", rare_.segment.path() + " was removed, and nothing is said of it");
    });
}

void Run::planReplacement()
{
    if (!faults_.contains("all") && !faults_.contains("replace-source")) return;
    const auto at = rare_.source.draw(plan_.duration);
    if (!at) return;
    world_.at(world_.now() + *at, [this] {
        if (finished_ || !rare_.source.replace(kData)) return;
        world_.at(world_.now() + rare_.source.drawStay(), [this] { rare_.source.heal(); });
    });
}

void Run::planReplacedControl()
{
    for (const ControlReplacement& one : rare_.controls) {
        world_.at(world_.now() + one.at, [this, one] {
            if (!engine_ || finished_ || !engine_->replaceControl(one.downFor)) return;
            ++report_.controlsReplaced;
            watch_.controlReplaced();
        });
    }
}

void Run::planCommands()
{
    const auto span = static_cast<std::uint64_t>(plan_.duration.count());
    for (std::uint64_t left = random_.below(16); left > 0; --left) {
        const Nanos at{static_cast<std::int64_t>(random_.below(span))};
        world_.at(world_.now() + at, [this] { command(drawCommand()); });
    }
}

CommandBody Run::drawCommand()
{
    const ShardId shard{static_cast<std::uint32_t>(random_.below(shape_.shards))};
    const auto ms = static_cast<std::uint32_t>(10 + random_.below(300));
    switch (random_.below(7)) {
        case 0:
            return IntervalCommand{shard, ms < 40 ? 0 : ms};
        case 1:
            return PolicyCommand{{static_cast<PolicyKind>(ms % 3), ms}};
        case 2:
            return StatusCommand{};
        case 3:
            return LocateCommand{.byKey = true, .key = "k" + std::to_string(ms % 20)};
        case 4: {
            ++report_.moves;
            MoveCommand move{{shard}, NodeId{ms % shape_.nodes}};
            const ShardId other{static_cast<std::uint32_t>(random_.below(shape_.shards))};
            if (other != shard) move.shards.push_back(other);
            return move;
        }
        case 5:
            return drawRestore(shard);
        default:
            return CheckpointCommand{shard};
    }
}

// Any checkpoint of the shard that is listed; the newest is one of them.
CommandBody Run::drawRestore(ShardId shard)
{
    const Result<ControlState> known = SingleControlLog::read(operator_.disk, kData);
    RestoreCommand restore{shard, {}};
    const std::uint64_t which = random_.next();
    if (!known.ok()) return restore;  // it is being written
    const std::vector<CheckpointInfo>& listed = known->checkpoints.of(shard);
    if (!listed.empty()) restore.checkpoint = listed[which % listed.size()].id;
    return restore;
}

void Run::command(CommandBody body)
{
    Command command;
    command.id = ++commands_;
    command.body = std::move(body);
    operator_.network.send("operator", "control", encode(command));
}

void Run::subscribeAgain()
{
    command(SubscribeCommand{});
    world_.at(world_.now() + 1s, [this] { subscribeAgain(); });
}

void Run::letHostileIn()
{
    const std::uint64_t rounds = HostileSender::drawRounds(options_.seed);
    if (rounds == 0) return;
    hostile_ = std::make_unique<HostileSender>(world_, options_.seed, shape_);
    watch_.overhear([this](const std::string& from, const std::string& to, BytesView sealed) {
        hostile_->overheard(from, to, sealed);
    });
    const auto span = static_cast<std::uint64_t>(plan_.duration.count());
    for (std::uint64_t i = 1; i <= rounds; ++i) {
        const Nanos at{static_cast<std::int64_t>(span / rounds * i)};
        world_.at(world_.now() + at,
                  [this] { watch_.looksAwayFrom([this] { hostile_->round(); }); });
    }
}

void Run::endEngine(Ending ending)
{
    engine_->crash(ending);
    watch_.engineIs(nullptr);
    engine_.reset();
    rot_.heal();
    rare_.segment.heal();
}

void Run::checkEnd()
{
    // Done means durable: even a power cut right now may not change the answer.
    endEngine();
    if (sink_) sink_->end(Ending::kPowerCut);
    watch_.checkEnd();
    watch_.checkSink(true);
    if (watch_.failed()) return;
    const std::string wrong = poisoned_.wrong(operator_.disk, kData);
    if (!wrong.empty()) watch_.report("poison", wrong);
}

SimulationReport Run::report()
{
    watch_.fill(report_);
    report_.bitFlips = rot_.flips();
    report_.seed = options_.seed;
    if (report_.lastTrace.size() > kTraceLines)
        report_.lastTrace.erase(report_.lastTrace.begin(),
                                report_.lastTrace.end() - static_cast<std::ptrdiff_t>(kTraceLines));
    report_.shape = describe(shape_);
    report_.faultPlan = describe(plan_);
    return report_;
}

}  // namespace

Status checkFaultSet(const std::string& faultSet)
{
    std::set<std::string> known = {
        "all",        "none",    "network",        "disk",           "commands",       "poison",
        "crash-sink", "hostile", "remove-segment", "replace-source", "replace-control"};
    for (const FaultKind kind : kFaultKinds)
        known.insert(faultName(kind));
    for (const std::string& word : words(faultSet)) {
        if (known.contains(word)) continue;
        std::string names;
        for (const std::string& name : known)
            names += (names.empty() ? "" : ", ") + name;
        return Error{Errc::kInvalid,
                     "fault set has '" + word + "': that is no fault: choose from " + names};
    }
    return {};
}

SimulationReport simulate(const SimulationOptions& options)
{
    FS_CHECK(checkFaultSet(options.faultSet).ok());
    return Run(options).run();
}

}  // namespace foreshard::sim
