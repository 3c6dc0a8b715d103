#include "engine/control/control_core.h"

#include "engine/base/overloaded.h"
#include "engine/control/log/assignment_core.h"
#include "engine/model/addresses.h"

namespace foreshard {
namespace {

LoadTracker::Options loadOptions(const ControlOptions& options)
{
    return {options.nodes, options.shards, options.memoryTotalBytes};
}

// Answers to requests of different parts come back as the same message.
constexpr std::uint64_t kReadsOfRestores = 1ULL << 63U;

}  // namespace

ControlCore::ControlCore(const ControlOptions& options, const NodeSupervisor& supervisor, Log log,
                         std::uint64_t firstId)
    : options_(options),
      supervisor_(supervisor),
      firstLife_(log.state.assignment.shards.empty()),
      nodes_(options.nodes, options.silence),
      view_{log.state, log.suspects, log.pending, settingBack_, nodes_, edge_},
      loads_(view_, loadOptions(options), options.predictorName),
      ownership_(view_, loads_.tracker(), options.endedWell),
      checkpoints_(view_, options.dataDirectory, firstId),
      restores_(view_, ownership_, settingBack_, firstId | kReadsOfRestores),
      commands_(view_, life_, {ownership_, restores_, nodes_}, firstId),
      quarantine_(view_, options.onPoison),
      sink_(options.sinkUri),
      ending_(view_, {ownership_, restores_, checkpoints_, sink_}, options.untilEnd,
              options.recordPatience),
      snapshots_(view_, {ownership_, checkpoints_, loads_.tracker(), sink_}, options)
{
}

void ControlCore::begin(Instant now, Effects& effects)
{
    AssignmentEntry entry;
    if (firstLife_) {
        entry = makeBootstrap(options_.nodes, options_.shards, options_.routing, options_.policy);
    } else {
        // Whoever owned a shard before is gone; a new epoch makes sure of it.
        entry.kind = AssignmentEntryKind::kAssign;
        entry.actor = "start";
        entry.reason = "the engine was started again";
        for (const auto& [id, shard] : view_.assignment.shards) {
            entry.shards.push_back(shard);
            entry.shards.back().epoch = Epoch{shard.epoch.value + 1};
        }
    }
    for (const auto& [id, node] : nodes_.all())
        nodes_.find(id, supervisor_.newestIncarnation(id));
    ownership_.begin(now);
    effects.add(ProposeAssignment{std::move(entry), 0, {ControlPart::kBegin, 0}});
}

void ControlCore::began(Instant now, const Status& status, Effects& effects)
{
    if (!status.ok())
        return effects.fail(status.error().during("commit the first shard map of this start"));
    life_.ready = true;
    effects.add(SetState{EngineState::kRunning});
    ownership_.sendRoutes(now, effects);
}

void ControlCore::message(Instant now, const std::string& from, const Message& message,
                          Effects& effects)
{
    std::visit(Overloaded{
                   [&](const NodeReport& m) { nodeHeard(now, m, effects); },
                   [&](const EdgeReport& m) { edgeHeard(now, m, effects); },
                   [&](const CheckpointDone& m) { checkpoints_.announced(m, effects); },
                   [&](const RestoreFailed& m) { checkpoints_.restoreFailed(m, effects); },
                   [&](const ScrubReply& m) {
                       if (!restores_.chainRead(now, m, effects)) checkpoints_.read(m, effects);
                   },
                   [&](const Poisoned& m) {
                       if (life_.ready) quarantine_.poisoned(m, effects);
                   },
                   [&](const Released& m) { ownership_.released(now, m, effects); },
                   [&](const Recovered& m) { recovered(now, m, effects); },
                   [&](const Retained& m) { restores_.retained(m, effects); },
                   [&](const PredictReply& m) { loads_.tracker().onPredictReply(m, now); },
                   [&](const SinkStatus& m) { sink_.heard(m, now); },
                   // From a sink in another process: it answers whoever dialed.
                   [&](const OutputTaken& m) { effects.send(nodeAddress(m.node), m); },
                   [&](const Command& m) { commands_.take(now, from, m, effects); },
                   [&](const LocateReply& m) { commands_.located(m, effects); },
                   [](const auto&) {},  // spoken to somebody else
               },
               message);
}

void ControlCore::nodeHeard(Instant now, const NodeReport& report, Effects& effects)
{
    if (!nodes_.heard(report, now)) return;
    snapshots_.heard(report);
    loads_.tracker().onNodeReport(report);
    if (!report.failure.empty()) {
        const Error failure{report.failureCode, report.failure};
        return effects.fail(failure.during(nameOf(report.node)));
    }
    if (!life_.ready || life_.over) return;
    if (const auto back = nodes_.takeReturn(report, now))
        ownership_.nodeReturned(now, *back, effects);
    nodes_.noteUp(report, supervisor_.newestIncarnation(report.node));
    ownership_.reconcile(now, report, effects);
}

void ControlCore::edgeHeard(Instant now, const EdgeReport& report, Effects& effects)
{
    if (!edge_.heard(report, effects)) return;
    if (!report.failure.empty()) {
        return effects.fail(checkpoints_.withInvalidated({report.failureCode, report.failure}));
    }
    if (!life_.ready) return;
    loads_.edgeHeard(now, report, effects);
    if (report.routeVersion < view_.assignment.version) ownership_.sendRoutes(now, effects);
}

void ControlCore::recovered(Instant now, const Recovered& recovered, Effects& effects)
{
    const ShardAssignment* owner = view_.owner(recovered.shard);
    if (owner == nullptr || owner->epoch != recovered.epoch) return;
    snapshots_.heard(recovered);
    std::optional<RecoverySnapshot> recovery = ownership_.recovered(now, recovered);
    if (!recovery) return;
    loads_.tracker().noteRestore(std::chrono::milliseconds(recovery->totalMs - recovery->replayMs));
    effects.add(NoteRecovery{*std::move(recovery)});
}

void ControlCore::tick(Instant now, Nanos ran, const std::vector<NodePulse>& pulses,
                       Effects& effects)
{
    if (!life_.ready) {
        // A stop may get no further before the first shard map is committed, too.
        if (life_.stopping) ending_.watch(ran, pulses, effects);
        return;
    }
    watchNodes(now, ran, pulses, effects);
    ownership_.step(now, effects);
    restores_.step(now, effects);
    watchSink(now, effects);
    checkpoints_.tick(now, effects);
    ownership_.repeatRoutes(now, effects);
    if (life_.stopping) effects.send("edge", Stop{});
    end_ = ending_.check(now, life_.stopping, effects);
    if (end_ != EndCore::Step::kGoOn) effects.add(SetState{EngineState::kDraining});
    if (life_.stopping && end_ != EndCore::Step::kSettled) ending_.watch(ran, pulses, effects);
}

void ControlCore::watchNodes(Instant now, Nanos ran, const std::vector<NodePulse>& pulses,
                             Effects& effects)
{
    for (const NodeId silent : nodes_.tick(now, ran, pulses)) {
        effects.say(EventSeverity::kError, "recovery",
                    nameOf(silent) + " says nothing: starting it again");
        effects.add(RestartNode{silent});
    }
}

void ControlCore::watchSink(Instant now, Effects& effects)
{
    const SinkMonitor::Effects sink = sink_.tick(now);
    if (sink.ask) effects.send("sink", SinkAsk{});
    if (!sink.news) return;
    if (sink.news->empty()) return effects.say(EventSeverity::kInfo, "sink", "it takes rows again");
    effects.say(EventSeverity::kWarning, "sink", *sink.news);
}

void ControlCore::appended(Instant now, const Ticket& ticket, const Outcome& outcome,
                           Effects& effects)
{
    const Result<LogIndex> index = outcome.status.ok() ? Result<LogIndex>(outcome.index)
                                                       : Result<LogIndex>(outcome.status.error());
    const Result<CheckpointInfo> listed = outcome.status.ok()
                                              ? Result<CheckpointInfo>(outcome.checkpoint)
                                              : Result<CheckpointInfo>(outcome.status.error());
    switch (ticket.part) {
        case ControlPart::kBegin:
            return began(now, outcome.status, effects);
        case ControlPart::kOwnership:
            return ownership_.committed(now, ticket.number, index, effects);
        case ControlPart::kListing:
            if (listed.ok()) {
                loads_.tracker().noteCheckpoint(std::chrono::microseconds(listed->snapshotMicros));
            }
            return checkpoints_.listed(now, ticket.number, listed, effects);
        case ControlPart::kJudging:
            return checkpoints_.judged(now, ticket.number, outcome.status, effects);
        case ControlPart::kRestoreFence:
            return restores_.fenceRaised(now, ticket.number, outcome.status, effects);
        case ControlPart::kRestoreOwner:
            return restores_.committed(now, ticket.number, index, effects);
        case ControlPart::kRestoreListing:
            return restores_.listed(now, ticket.number, listed, effects);
        case ControlPart::kCommands:
            return commands_.committed(now, ticket.number, index, effects);
        case ControlPart::kLetters:
            return quarantine_.written(ticket.number, outcome.status, effects);
    }
}

void ControlCore::stop(Effects& effects)
{
    if (life_.stopping) return;
    life_.stopping = true;
    effects.say(EventSeverity::kInfo, "engine",
                "stopping: no more input, then a last checkpoint of every shard");
    effects.add(SetState{EngineState::kDraining});
    effects.send("edge", Stop{});
}

void ControlCore::lost(ShardId shard, CheckpointId id, const std::string& text, Effects& effects)
{
    // The one before it may be on its way into the log: then it was said already.
    if (!view_.pending.any(shard)) checkpoints_.invalidate(shard, id, text, effects);
}

void ControlCore::repaired(const std::vector<CheckpointInfo>& chain, Effects& effects)
{
    checkpoints_.reinstate(chain, effects);
}

}  // namespace foreshard
