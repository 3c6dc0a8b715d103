#include "engine/control/control_driver.h"

#include "engine/base/crash_point.h"
#include "engine/base/overloaded.h"
#include "engine/control/log/assignment_core.h"
#include "engine/model/addresses.h"
#include "engine/wire/codec.h"
#include "engine/wire/senders.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kTick = 50ms;
constexpr Nanos kAssignAgain = 200ms;
constexpr Nanos kRoutesAgain = 1s;
constexpr Nanos kGarbageEvery = 5s;

LoadTracker::Options loadOptions(const ControlOptions& options)
{
    return {options.nodes, options.shards, options.memoryTotalBytes};
}

}  // namespace

ControlDriver::ControlDriver(Env& env, NodeSupervisor& supervisor, ControlOptions options)
    : env_(env),
      supervisor_(supervisor),
      options_(std::move(options)),
      loads_(loadOptions(options_)),
      reserve_(env.disk, options_.dataDirectory + "/reserve", options_.reserveBytes),
      history_(options_.onHistory),
      sink_(options_.sinkUri),
      drain_(options_.recordPatience),
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
    FS_TRY(log_, SingleAssignmentLog::open(env_, options_.dataDirectory));
    log_->watch([this](const AssignmentEntry& entry) { history_.assignment(entry); });
    FS_TRY(manifest_,
           ManifestStore::open(env_, options_.dataDirectory, 2 + options_.keepCheckpoints));
    reserve_.start();
    for (const CheckpointInfo& info : manifest_->core().all())
        FS_TRY_STATUS(checkEpoch(assignment(), info));
    FS_TRY_STATUS(openLetters());
    FS_TRY_STATUS(env_.network.open(
        "control", env_.strand,
        [this](const std::string& from, const Bytes& message) { take(from, "control", message); }));
    FS_TRY_STATUS(env_.network.open(kOutsideDoor, env_.strand,
                                    [this](const std::string& from, const Bytes& message) {
                                        take(from, kOutsideDoor, message);
                                    }));
    const auto committed = lifetime_.guard([this](const Result<LogIndex>& index) {
        if (!index.ok())
            return fail(index.error().during("commit the first shard map of this start"));
        ready_ = true;
        setState(EngineState::kRunning);
        sendRoutes();
    });
    firstLife_ = assignment().shards.empty();
    if (firstLife_) {
        log_->propose(
            makeBootstrap(options_.nodes, options_.shards, options_.routing, options_.policy), 0,
            committed);
    } else {
        // Whoever owned a shard before is gone; a new epoch makes sure of it.
        AssignmentEntry entry;
        entry.kind = AssignmentEntryKind::kAssign;
        entry.actor = "start";
        entry.reason = "the engine was started again";
        for (const auto& [id, shard] : assignment().shards) {
            entry.shards.push_back(shard);
            entry.shards.back().epoch = Epoch{shard.epoch.value + 1};
        }
        log_->propose(std::move(entry), 0, committed);
    }
    for (const auto& [id, shard] : assignment().shards) {
        shards_[id].downSince = began_;
        reinstateRepaired(id);
    }
    tick();
    return {};
}

void ControlDriver::stop()
{
    if (stopping_) return;
    stopping_ = true;
    event(EventSeverity::kInfo, "engine",
          "stopping: no more input, then a last checkpoint of every shard");
    if (state_ == EngineState::kRunning) setState(EngineState::kDraining);
    send("edge", Stop{});
}

void ControlDriver::onMessage(const std::string& from, const Message& message)
{
    std::visit(Overloaded{
                   [this](const NodeReport& m) { onNodeReport(m); },
                   [this](const EdgeReport& m) { onEdgeReport(m); },
                   [this](const CheckpointDone& m) { onCheckpointDone(m); },
                   [this](const RestoreFailed& m) { onRestoreFailed(m); },
                   [this](const ScrubReply& m) { onScrubReply(m); },
                   [this](const Poisoned& m) { onPoisoned(m); },
                   [this](const Released& m) { onReleased(m); },
                   [this](const Recovered& m) { onRecovered(m); },
                   [this](const Retained& m) { onRetained(m); },
                   [this](const PredictReply& m) { loads_.onPredictReply(m, env_.strand.now()); },
                   [this](const SinkStatus& m) { sink_.heard(m, env_.strand.now()); },
                   // From a sink in another process: it answers whoever dialed.
                   [this](const OutputTaken& m) { send(addressOf(m.node), m); },
                   [this, &from](const Command& m) { onCommand(from, m); },
                   [this](const LocateReply& m) {
                       const auto asked = locates_.find(m.id);
                       if (asked == locates_.end()) return;
                       CommandReply answer = m.reply;
                       answer.id = asked->second.id;
                       answer.version = assignment().version;
                       reply(asked->second.peer, std::move(answer));
                       locates_.erase(asked);
                   },
                   [](const auto&) {},  // spoken to somebody else
               },
               message);
}

void ControlDriver::onNodeReport(const NodeReport& report)
{
    Node& node = nodes_[report.node];
    if (report.incarnation < node.report.incarnation) return;  // late, from a dead one
    node.report = report;
    node.lastHeard = env_.strand.now();
    node.silence.end();
    addFigures(report);
    loads_.onNodeReport(report);
    if (!report.failure.empty()) {
        const Errc code = report.failureCode;
        return fail(Error{code, report.failure}.during(nameOf(report.node)));
    }
    if (!ready_ || state_ == EngineState::kFailed) return;
    if (report.incarnation != node.handled) nodeCameBack(report.node, report.incarnation);
    // A report of the life before may come late.
    if (report.incarnation == supervisor_.newestIncarnation(report.node)) {
        node.state = NodeState::kUp;
        node.restarting = false;
    }
    reconcile(report);
    moveLive(report);
}

void ControlDriver::nodeCameBack(NodeId id, std::uint32_t incarnation)
{
    Node& node = nodes_[id];
    node.handled = incarnation;
    const Instant now = env_.strand.now();
    const std::string cause = node.downCause.empty() ? "node silent" : node.downCause;
    std::vector<ShardId> lost;
    for (const auto& [shard, owner] : assignment().shards) {
        if (owner.node != id) continue;
        MoveCore* move = activeMove(shard);
        if (move != nullptr && move->fromEpoch() == owner.epoch) {
            move->released();  // what it had not saved the target replays
            continue;
        }
        lost.push_back(shard);
        shards_[shard].downSince = node.downSince;
        shards_[shard].detectMs = static_cast<std::int64_t>(toMillis(now - node.downSince));
    }
    node.downCause.clear();
    event(EventSeverity::kWarning, "recovery",
          nameOf(id) + " was started again (" + cause + "), " + std::to_string(lost.size())
              + " shards restore");
    takeOver(lost, cause, nameOf(id) + " was started again: " + cause);
}

void ControlDriver::takeOver(const std::vector<ShardId>& shards, const std::string& cause,
                             const std::string& reason)
{
    if (shards.empty()) return;
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kAssign;
    entry.actor = "recovery";
    entry.reason = reason;
    for (const ShardId id : shards) {
        ShardAssignment shard = assignment().shards.at(id);
        shard.epoch = Epoch{shard.epoch.value + 1};
        entry.shards.push_back(shard);
        shards_[id].cause = cause;
        ++shards_[id].takingOver;
    }
    const auto proposed = entry.shards;
    const auto committed = [this, proposed, cause, reason](const Result<LogIndex>& index) {
        for (const ShardAssignment& shard : proposed)
            --shards_[shard.shard].takingOver;
        if (!index.ok() && index.error().code != Errc::kStale)
            return fail(index.error().during("commit a recovery"));
        // kStale: some of them have had a new owner or epoch meanwhile; the others still need one.
        if (!index.ok()) takeOver(stillAtEpochBefore(proposed), cause, reason);
        sendRoutes();
    };
    log_->propose(std::move(entry), 0, lifetime_.guard(committed));
}

std::vector<ShardId> ControlDriver::stillAtEpochBefore(
    const std::vector<ShardAssignment>& proposed) const
{
    std::vector<ShardId> shards;
    for (const ShardAssignment& shard : proposed) {
        const ShardAssignment& owner = assignment().shards.at(shard.shard);
        if (owner.node == shard.node && owner.epoch.value + 1 == shard.epoch.value)
            shards.push_back(shard.shard);
    }
    return shards;
}

void ControlDriver::reconcile(const NodeReport& report)
{
    std::map<ShardId, const NodeShardReport*> has;
    for (const NodeShardReport& shard : report.shards)
        has[shard.shard] = &shard;
    for (const auto& [id, owner] : assignment().shards) {
        const auto it = has.find(id);
        const NodeShardReport* entry = it == has.end() ? nullptr : it->second;
        if (owner.node != report.node) {
            if (entry != nullptr) send(addressOf(report.node), Revoke{id, entry->epoch});
            continue;
        }
        MoveCore* move = activeMove(id);
        // Until the entry with the new owner is durable the old epoch still stands, but a source
        // that came back must not get it a second time.
        const bool leaving = move != nullptr && move->fromEpoch() == owner.epoch;
        if (leaving && (entry == nullptr || entry->epoch != owner.epoch)) move->released();
        if (leaving) continue;
        if (entry == nullptr || entry->epoch < owner.epoch) sendAssign(id, owner);
    }
}

void ControlDriver::sendAssign(ShardId id, const ShardAssignment& owner)
{
    Shard& shard = shards_[id];
    const Instant now = env_.strand.now();
    // A checkpoint of the old epoch that is being listed belongs into the chain, and a record that
    // is being given up must not be applied by the next owner: wait for both. And a node that came
    // back must not go on in the epoch of its former life.
    const bool wait = shard.committing > 0 || shard.invalidating > 0 || shard.quarantining > 0
                      || shard.takingOver > 0;
    if (wait || now - shard.lastAssign < kAssignAgain) return;
    shard.lastAssign = now;
    noteRestoreFromNothing(id);
    const LoadTracker::ShardLoad& load = loads_.of(id);
    Assign assign{id, owner.epoch, load.interval.ms, manifest_->core().chain(id), shard.cause,
                  {}, {}};
    const FrameNo restored = assign.chain.empty() ? 0 : assign.chain.back().n;
    shard.assignedRecords = assign.chain.empty() ? 0 : assign.chain.back().recordsApplied;
    assign.dead = letters_->core().deadBehind(id, restored);
    assign.suspects = letters_->core().suspectsBehind(id, restored);
    assign.fence = shard.fence;
    send(addressOf(owner.node), assign);
    crashPoint("assign.sent");
}

void ControlDriver::onReleased(const Released& released)
{
    MoveCore* move = activeMove(released.shard);
    if (move != nullptr && move->fromEpoch() == released.epoch) move->released();
    stepMoves(env_.strand.now());
}

void ControlDriver::onRecovered(const Recovered& recovered)
{
    const auto owner = assignment().shards.find(recovered.shard);
    if (owner == assignment().shards.end() || owner->second.epoch != recovered.epoch) return;
    addFigures(recovered);
    Shard& shard = shards_[recovered.shard];
    // Its first owner, or the next one behind a clean end: no recovery.
    const bool nothing = shard.assignedRecords == 0 && recovered.recordsReplayed == 0;
    if (recovered.cause == "start" && (options_.endedWell || nothing)) {
        restoresDone_ += shard.assignedRecords > 0 ? 1U : 0U;
        return;
    }
    recoveriesDone_ += recovered.cause == "move" ? 0U : 1U;
    RecoverySnapshot entry;
    entry.seq = ++rings_.recoverySeq;
    entry.wallMs = env_.strand.wallNow();
    entry.shard = recovered.shard;
    entry.cause = recovered.cause;
    entry.detectMs = shard.detectMs;
    entry.loadMs = recovered.loadMicros / 1000;
    entry.replayMs = recovered.replayMicros / 1000;
    entry.totalMs = static_cast<std::int64_t>(toMillis(env_.strand.now() - shard.downSince));
    entry.recordsReplayed = recovered.recordsReplayed;
    rings_.recoveries.push(entry);
    history_.note(entry);
    loads_.noteRestore(std::chrono::milliseconds(entry.totalMs - entry.replayMs));
    shard.detectMs = 0;
}

void ControlDriver::onEdgeReport(const EdgeReport& report)
{
    if (report.tick <= edge_.tick) return;  // doubled or late
    const std::string lastReject = edge_.source.lastReject;
    const std::string lastNote = edge_.source.note;
    const bool hadProblem = !edge_.source.problem.empty();
    const bool wasRow = edge_.source.problem.starts_with("the row");
    edge_ = report;
    for (const EdgeShardReport& entry : report.shards)
        shards_[entry.tick.shard].edge = entry;
    if (!report.failure.empty()) return fail(withInvalidated({report.failureCode, report.failure}));
    if (report.source.note != lastNote)
        event(EventSeverity::kWarning, "source", report.source.note);
    if (report.source.lastReject != lastReject) {
        event(EventSeverity::kWarning, "source",
              "rejected " + std::to_string(report.source.recordsRejected)
                  + " rows so far, the last one at " + report.source.lastReject);
    }
    if (reserve_.update(report.diskFreeBytes)) {
        event(EventSeverity::kWarning, "disk",
              "the disk is full: the reserve was given up, so that checkpoints can be finished");
    }
    if (hadProblem != !report.source.problem.empty()) {
        event(hadProblem ? EventSeverity::kInfo : EventSeverity::kError, "disk",
              !hadProblem ? report.source.problem
              : wasRow    ? "the open row has ended: reading goes on"
                          : "there is room again: reading goes on");
    }
    if (!ready_) return;
    std::map<ShardId, NodeId> owner;
    for (const auto& [id, shard] : assignment().shards)
        owner[id] = shard.node;
    const Instant now = env_.strand.now();
    const PredictRequest request = loads_.onEdgeReport(report, owner, now);
    send(options_.predictorName, request);
    loads_.decide(assignment(), now);
    history_.decisions(loads_.all(), env_.strand.wallNow());
    history_.predictor(loads_.status(now), env_.strand.wallNow());
    sendIntervals();
    if (report.routeVersion < assignment().version) sendRoutes();
}

void ControlDriver::sendIntervals()
{
    for (const auto& [id, load] : loads_.all()) {
        const NodeShardReport* entry = reported(id);
        if (entry == nullptr || load.interval.ms == 0 || entry->intervalMs == load.interval.ms)
            continue;
        const ShardAssignment& owner = assignment().shards.at(id);
        send(addressOf(owner.node), SetInterval{id, owner.epoch, load.interval.ms});
    }
}

void ControlDriver::sendRoutes()
{
    lastRoutes_ = env_.strand.now();
    RouteTable table;
    table.version = assignment().version;
    table.routing = assignment().routing;
    for (const auto& [id, shard] : assignment().shards)
        table.shards.push_back(shard);
    send("edge", table);
    crashPoint("routes.sent");
}

void ControlDriver::watchNodes(Instant now, Nanos ran)
{
    for (std::uint32_t i = 0; i < options_.nodes; ++i) {
        Node& node = nodes_[NodeId{i}];
        if (node.lastHeard.nanos == 0) node.lastHeard = now;
        node.silence.tick(ran, supervisor_.pulse(NodeId{i}));
        // A restart that did not come up is tried again.
        if (node.silence.span() < (node.restarting ? 4 : 1) * options_.silence) continue;
        node.state = NodeState::kDead;
        node.restarting = true;
        node.downCause = "node silent";
        node.downSince = now - node.silence.span();
        node.silence.end();  // counts anew for the next incarnation
        event(EventSeverity::kError, "recovery",
              "node " + std::to_string(i) + " says nothing: starting it again");
        supervisor_.restart(NodeId{i});
    }
}

void ControlDriver::tick()
{
    const Instant now = env_.strand.now();
    const Nanos ran = running_.tick(now);
    if (state_ != EngineState::kFailed && state_ != EngineState::kDone && ready_) {
        watchNodes(now, ran);
        stepMoves(now);
        stepRestores(now);
        watchSink(now);
        askForFull(now);
        scrub(now);
        watchFiles(now);
        if (now - lastRoutes_ >= kRoutesAgain) sendRoutes();
        if (stopping_) send("edge", Stop{});
        checkDone();
        if (now - lastGarbage_ >= kGarbageEvery) {
            lastGarbage_ = now;
            if (const Status status = manifest_->collectGarbage(); !status.ok()) {
                event(EventSeverity::kWarning, "disk", status.error().message);
            }
        }
    }
    watchDrain(ran);
    // Snapshots at 10 Hz, every second tick.
    if (++ticks_ % 2 == 0) {
        figures_.sample(now, edge_.source.bytesIn);
        publish(now);
    }
    env_.strand.postAfter(kTick, lifetime_.guard([this] { tick(); }));
}

void ControlDriver::checkDone()
{
    const bool ending = stopping_ || (options_.untilEnd && edge_.source.end);
    const bool blocked = leavesOutputsBehind() && outputsBlock();
    if (!ending || (!edge_.drained && !blocked)) return;
    if (state_ == EngineState::kRunning) setState(EngineState::kDraining);
    for (const MoveCore& move : moves_) {
        if (!move.over()) return;
    }
    if (!restores_.empty()) return;
    for (const auto& [id, owner] : assignment().shards) {
        const NodeShardReport* entry = reported(id);
        if (entry == nullptr || (entry->applied != shards_[id].edge.lastN && !blocked)) return;
    }
    for (const auto& [id, owner] : assignment().shards) {
        const CheckpointInfo* newest = manifest_->core().newest(id);
        const FrameNo saved = newest == nullptr ? 0 : newest->n;
        if (saved != reported(id)->applied || shards_[id].committing > 0)
            return requestClosingCheckpoints();
    }
    if (!outputsSettled()) return;
    if (const Status status = filesThere(); !status.ok()) return fail(status.error());
    if (!checkpointsThere()) return;
    event(EventSeverity::kInfo, "engine",
          "every record is applied and every shard is checkpointed");
    setState(EngineState::kDone);
}

void ControlDriver::requestClosingCheckpoints()
{
    for (const auto& [id, owner] : assignment().shards) {
        send(addressOf(owner.node), CheckpointNow{id, owner.epoch, "close"});
    }
}

const NodeShardReport* ControlDriver::reported(ShardId shard) const
{
    const auto owner = assignment().shards.find(shard);
    if (owner == assignment().shards.end()) return nullptr;
    const auto node = nodes_.find(owner->second.node);
    if (node == nodes_.end()) return nullptr;
    for (const NodeShardReport& entry : node->second.report.shards) {
        if (entry.shard == shard && entry.epoch == owner->second.epoch) return &entry;
    }
    return nullptr;
}

void ControlDriver::event(EventSeverity severity, const std::string& kind, const std::string& text)
{
    const WallMillis now = env_.strand.wallNow();
    rings_.events.push({++rings_.eventSeq, now, severity, kind, text});
    history_.note(HistoryEvent{now, severity, kind, text, {}, {}, {}, {}});
    if (!options_.log) return;
    const LogLevel level = severity == EventSeverity::kInfo      ? LogLevel::kInfo
                           : severity == EventSeverity::kWarning ? LogLevel::kWarning
                                                                 : LogLevel::kError;
    options_.log(level, kind + ": " + text);
}

void ControlDriver::setState(EngineState state, const Error* error)
{
    if (state_ == state) return;
    state_ = state;
    if (state == EngineState::kDone || state == EngineState::kFailed) ended_ = env_.strand.now();
    if (state == EngineState::kDone || state == EngineState::kFailed) publish(env_.strand.now());
    if (options_.onState) options_.onState(state, error);
}

void ControlDriver::fail(const Error& error)
{
    if (state_ == EngineState::kFailed) return;
    failure_ = error.message;
    event(EventSeverity::kError, "engine", error.message);
    setState(EngineState::kFailed, &error);
}

void ControlDriver::send(const std::string& to, const Message& message)
{
    env_.network.send("control", to, encode(message));
}

std::string ControlDriver::addressOf(NodeId node) const { return nodeAddress(node); }

}  // namespace foreshard
