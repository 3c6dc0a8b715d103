#include "engine/control/control_driver.h"

#include "engine/base/overloaded.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/wire/codec.h"
#include "engine/wire/senders.h"

#include <algorithm>
#include <map>

namespace foreshard {
namespace {

constexpr Nanos kTick = 50ms;
constexpr Nanos kGarbageEvery = 5s;
constexpr Nanos kLookAtFilesEvery = 1s;
// Requests are numbered from the last entry of the log on: what an earlier control has asked for is
// answered under numbers of its own.
constexpr unsigned kRequestBits = 20;

std::vector<NodePulse> pulsesOf(const NodeSupervisor& supervisor, std::uint32_t nodes)
{
    std::vector<NodePulse> pulses;
    for (std::uint32_t i = 0; i < nodes; ++i)
        pulses.push_back(supervisor.pulse(NodeId{i}));
    return pulses;
}

LogLevel levelOf(EventSeverity severity)
{
    return severity == EventSeverity::kInfo      ? LogLevel::kInfo
           : severity == EventSeverity::kWarning ? LogLevel::kWarning
                                                 : LogLevel::kError;
}

}  // namespace

ControlDriver::ControlDriver(Env& env, NodeSupervisor& supervisor, ControlOptions options)
    : env_(env),
      supervisor_(supervisor),
      options_(std::move(options)),
      reserve_(env.disk, options_.dataDirectory + "/reserve", options_.reserveBytes),
      history_(options_.onHistory),
      running_(kTick),
      began_(env.strand.now()),
      // At once: a process that dies again and again must not leave more each time.
      lastGarbage_(began_ - kGarbageEvery)
{
}

ControlDriver::~ControlDriver()
{
    env_.network.close(kOutsideDoor);
    env_.network.close("control");
}

Status ControlDriver::start()
{
    FS_TRY_STATUS(open());
    reserve_.start();
    FS_TRY_STATUS(countTries());
    FS_TRY_STATUS(listen());
    Effects effects;
    core_->begin(began_, effects);
    perform(std::move(effects));
    reinstateRepaired();
    tick();
    return {};
}

Status ControlDriver::open()
{
    FS_TRY(log_, LogWriter::open(env_, options_));
    log_->log().watch([this](const ControlEntry& entry) {
        if (const auto* change = std::get_if<AssignmentEntry>(&entry.change))
            history_.assignment(*change);
    });
    log_->setDone([this](const Ticket& ticket, const ControlCore::Outcome& outcome) {
        Effects effects;
        core_->appended(env_.strand.now(), ticket, outcome, effects);
        perform(std::move(effects));
    });
    const std::uint64_t firstId = (log_->log().state().index << kRequestBits) + 1;
    core_ = std::make_unique<ControlCore>(options_, supervisor_, log_->state(), firstId);
    gate_ = std::make_unique<MessageGate>(options_, supervisor_, core_->view().edge);
    return {};
}

Status ControlDriver::countTries()
{
    SuspectStore& suspects = log_->suspects();
    FS_TRY(const std::vector<Suspect> tried, suspects.note(options_.marks, core_->view().letters));
    // What a checkpoint contains was applied in the end.
    for (const CheckpointInfo& info : core_->view().checkpoints.all())
        FS_TRY_STATUS(suspects.saved(info.shard, info.n));
    for (const Suspect& suspect : tried) {
        note(EventSeverity::kWarning, "poison",
             describe(suspect.place) + ": " + suspect.reason + ", try "
                 + std::to_string(suspect.tries) + " of " + std::to_string(kOperatorTriesMax));
    }
    if (options_.marksTaken) options_.marksTaken();
    return {};
}

Status ControlDriver::listen()
{
    for (const char* door : {"control", kOutsideDoor}) {
        FS_TRY_STATUS(env_.network.open(door, env_.strand,
                                        [this, door](const std::string& from, const Bytes& bytes) {
                                            take(from, door, bytes);
                                        }));
    }
    return {};
}

// A checkpoint whose files were put back from a copy counts again, with all it is built on.
void ControlDriver::reinstateRepaired()
{
    for (const auto& [id, owner] : core_->view().assignment.shards) {
        for (const std::vector<CheckpointInfo>& chain : core_->repairable(id)) {
            if (!CheckpointStore::load(env_.disk, options_.dataDirectory, chain).ok()) continue;
            Effects effects;
            core_->repaired(chain, effects);
            perform(std::move(effects));
            break;
        }
    }
}

void ControlDriver::stop()
{
    if (!core_) return;
    Effects effects;
    core_->stop(effects);
    perform(std::move(effects));
}

void ControlDriver::take(const std::string& from, const std::string& to, const Bytes& bytes)
{
    const Instant now = env_.strand.now();
    Effects effects;
    if (const auto message = gate_->admit(now, from, to, bytes, effects)) {
        if (const auto* command = std::get_if<Command>(&*message))
            history_.command(*command, env_.strand.wallNow());
        core_->message(now, from, *message, effects);
        // Also before the first shard map is committed: that may be what waits for the space.
        if (const auto* report = std::get_if<EdgeReport>(&*message)) updateReserve(*report);
    }
    perform(std::move(effects));
}

void ControlDriver::updateReserve(const EdgeReport& report)
{
    const bool news = report.tick == core_->view().edge.report().tick && report.failure.empty();
    if (!news || !reserve_.update(report.diskFreeBytes)) return;
    note(EventSeverity::kWarning, "disk",
         "the disk is full: the reserve was given up, so that checkpoints can be finished");
}

void ControlDriver::tick()
{
    const Instant now = env_.strand.now();
    const Nanos ran = running_.tick(now);
    if (state_ != EngineState::kFailed && state_ != EngineState::kDone) {
        Effects effects;
        core_->tick(now, ran, pulsesOf(supervisor_, options_.nodes), effects);
        perform(std::move(effects));
        watchFiles(now);
        endIfSettled();
    }
    // Snapshots at 10 Hz, every second tick.
    if (++ticks_ % 2 == 0) {
        core_->snapshots().sample(now);
        publish(now);
    }
    env_.strand.postAfter(kTick, lifetime_.guard([this] { tick(); }));
}

void ControlDriver::perform(Effects effects)
{
    for (Effect& effect : effects.take())
        effects_.push_back(std::move(effect));
    if (performing_) return;  // an outcome came at once: what follows from it waits for its turn
    performing_ = true;
    while (!effects_.empty()) {
        Effect effect = std::move(effects_.front());
        effects_.pop_front();
        performOne(std::move(effect));
    }
    performing_ = false;
}

void ControlDriver::performOne(Effect effect)
{
    const WallMillis wall = env_.strand.wallNow();
    SnapshotBuilder& shown = core_->snapshots();
    const auto append = [this](auto& change) { log_->append(std::move(change)); };
    const auto warn = [this](const Status& status) {
        if (!status.ok()) note(EventSeverity::kWarning, "disk", status.error().message);
    };
    std::visit(
        Overloaded{
            [&](Send& e) {
                env_.network.send("control", e.to, encode(e.message));
                if (e.passed) crashPoint(*e.passed);
            },
            [&](Say& e) { note(e.severity, e.kind, e.text); },
            [&](ProposeAssignment& e) { append(e); },
            [&](ListCheckpoint& e) { append(e); },
            [&](JudgeCheckpoints& e) { append(e); },
            [&](ReinstateCheckpoints& e) { append(e); },
            [&](RaiseFence& e) { append(e); },
            [&](WriteLetter& e) { append(e); },
            [&](AcquitSuspect& e) { warn(log_->suspects().acquit(e.offset)); },
            // Not vital: the next start sees from the listed checkpoints that they are applied.
            [&](ClearSuspects& e) { warn(log_->suspects().saved(e.shard, e.n)); },
            [&](SendSnapshot& e) { env_.network.send("control", e.to, encode(snapshot())); },
            [&](BeginStop&) { stop(); },
            [&](SetState& e) { setState(e.state); },
            [&](RestartNode& e) { supervisor_.restart(e.node); },
            [&](NoteLoads&) {
                history_.decisions(core_->loads().all(), wall);
                history_.predictor(core_->loads().status(env_.strand.now()), wall);
            },
            [&](NoteCheckpoint& e) {
                shown.note(e.info);
                history_.note(e.info);
            },
            [&](NoteMove& e) { history_.move(shown.note(e.move, wall)); },
            [&](NoteRecovery& e) { history_.note(shown.note(e.recovery, wall)); },
            [&](Fail& e) {
                effects_.clear();
                fail(e.error);
            },
        },
        effect);
}

// Everything is applied, saved and put out; it must be there, too, when the engine says so.
void ControlDriver::endIfSettled()
{
    if (core_->end() != EndCore::Step::kSettled || state_ == EngineState::kFailed) return;
    if (const Status status = filesThere(); !status.ok()) return fail(status.error());
    if (!checkpointsThere()) return;
    note(EventSeverity::kInfo, "engine", "every record is applied and every shard is checkpointed");
    setState(EngineState::kDone);
}

void ControlDriver::watchFiles(Instant now)
{
    if (!core_->ready() || state_ == EngineState::kFailed) return;
    if (now - lastGarbage_ >= kGarbageEvery) {
        lastGarbage_ = now;
        if (const Status status = log_->collectGarbage(); !status.ok())
            note(EventSeverity::kWarning, "disk", status.error().message);
    }
    if (now - lastWatch_ < kLookAtFilesEvery) return;
    lastWatch_ = now;
    if (const Status status = filesThere(); !status.ok()) fail(status.error());
}

Status ControlDriver::filesThere() const
{
    FS_TRY_STATUS(log_->filesThere());
    if (options_.keptFiles.empty()) return {};
    FS_TRY(const std::vector<std::string> names, env_.disk.list(options_.dataDirectory));
    for (const std::string& file : options_.keptFiles) {
        if (std::binary_search(names.begin(), names.end(), file)) continue;
        return Error{Errc::kCorrupt, options_.dataDirectory + "/" + file
                                         + " is gone: it was removed or moved while the engine "
                                           "runs: put it back from a copy, then start again"};
    }
    return {};
}

bool ControlDriver::checkpointsThere()
{
    std::map<std::string, std::vector<std::string>> folders;
    const ControlView& view = core_->view();
    for (const auto& [id, owner] : view.assignment.shards) {
        for (const CheckpointInfo& info : view.checkpoints.chain(id)) {
            const std::string path = options_.dataDirectory + "/" + info.file;
            const std::size_t slash = path.rfind('/');
            const std::string folder = path.substr(0, slash);
            if (!folders.contains(folder)) {
                const auto names = env_.disk.list(folder);
                if (!names.ok()) {
                    fail(names.error().during("look after the checkpoints"));
                    return false;
                }
                folders[folder] = *names;
            }
            const std::vector<std::string>& names = folders[folder];
            if (std::binary_search(names.begin(), names.end(), path.substr(slash + 1))) continue;
            Effects effects;
            core_->lost(id, info.id, path + " is gone: it was removed or moved: put it back",
                        effects);
            perform(std::move(effects));
            return false;
        }
    }
    return true;
}

ClusterSnapshot ControlDriver::snapshot()
{
    if (!gate_) return {};  // the log could not be opened
    const Instant now = env_.strand.now();
    SnapshotBuilder::Engine engine;
    engine.state = state_;
    engine.failure = failure_;
    engine.uptimeSeconds = toSeconds((ended_.nanos == 0 ? now : ended_) - began_);
    engine.refusedMessages = gate_->refused();
    engine.firstLife = core_->firstLife();
    return core_->snapshots().build(now, env_.strand.wallNow(), engine, log_->log().view());
}

void ControlDriver::publish(Instant now)
{
    const std::vector<std::string> watchers = core_->watchers(now);
    if (watchers.empty()) return;
    const Bytes sealed = encode(snapshot());
    for (const std::string& watcher : watchers)
        env_.network.send("control", watcher, sealed);
}

void ControlDriver::note(EventSeverity severity, const std::string& kind, const std::string& text)
{
    const WallMillis now = env_.strand.wallNow();
    if (core_) core_->snapshots().note(Say{severity, kind, text}, now);
    history_.note(HistoryEvent{now, severity, kind, text, {}, {}, {}, {}});
    if (options_.log) options_.log(levelOf(severity), kind + ": " + text);
}

void ControlDriver::setState(EngineState state, const Error* error)
{
    const bool over = state == EngineState::kDone || state == EngineState::kFailed;
    const bool drains = state == EngineState::kDraining && state_ == EngineState::kRunning;
    const bool runs = state == EngineState::kRunning && state_ == EngineState::kStarting;
    if (state_ == state || (!over && !drains && !runs)) return;
    state_ = state;
    if (over) {
        ended_ = env_.strand.now();
        core_->noteOver();
        publish(ended_);
    }
    if (options_.onState) options_.onState(state, error);
}

void ControlDriver::fail(const Error& error)
{
    if (state_ == EngineState::kFailed) return;
    failure_ = error.message;
    note(EventSeverity::kError, "engine", error.message);
    setState(EngineState::kFailed, &error);
}

}  // namespace foreshard
