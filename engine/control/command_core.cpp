#include "engine/control/command_core.h"

#include "engine/base/overloaded.h"
#include "engine/control/command_reply.h"
#include "engine/model/addresses.h"

#include <set>

namespace foreshard {
namespace {

constexpr Nanos kLookUpMax = 11min;  // longer than `ctl` waits for any answer
constexpr Nanos kWatcherSilence = 5s;

std::string dryRun(const Command& command, const std::string& text)
{
    return command.dryRun ? "dry run: " + text : text;
}

bool onlyAsks(const Command& command)
{
    return std::holds_alternative<StatusCommand>(command.body)
           || std::holds_alternative<SubscribeCommand>(command.body)
           || std::holds_alternative<LocateCommand>(command.body);
}

Error stoppingError() { return {Errc::kBusy, "the engine is stopping: start it again first"}; }

}  // namespace

void CommandCore::take(Instant now, const std::string& from, const Command& command,
                       Effects& effects)
{
    if (const Status status = admissible(command); !status.ok())
        return effects.send(from, refused(view_.assignment, command, status.error()));
    const auto answered = [&](const Result<std::string>& outcome) {
        answer(from, command, outcome, effects);
    };
    std::visit(Overloaded{
                   [&](const StatusCommand&) { effects.add(SendSnapshot{from}); },
                   [&](const SubscribeCommand&) { subscribe(now, from, command, effects); },
                   [&](const MoveCommand& m) { answered(move(now, command, m, effects)); },
                   [&](const IntervalCommand& m) { interval(from, command, m, effects); },
                   [&](const CheckpointCommand& m) { answered(checkpoint(command, m, effects)); },
                   [&](const PolicyCommand& m) { policy(from, command, m, effects); },
                   [&](const DrillCommand& m) { answered(drill(now, command, m, effects)); },
                   [&](const LocateCommand& m) { locate(now, from, command, m, effects); },
                   [&](const RestoreCommand& m) {
                       if (life_.stopping && view_.owner(m.shard) != nullptr)
                           return answered(stoppingError());
                       parts_.restores.begin(now, from, command, m, effects);
                   },
                   [&](const StopCommand&) { answered(stop(command, effects)); },
               },
               command.body);
}

Status CommandCore::admissible(const Command& command) const
{
    if (onlyAsks(command)) return {};
    if (!life_.ready)
        return Error{Errc::kBusy, "the engine is still starting: wait a moment and repeat"};
    const LogIndex version = view_.assignment.version;
    if (command.expectVersion == 0 || command.expectVersion == version) return {};
    return Error{Errc::kStale, "the shard map is at version " + std::to_string(version) + ", not "
                                   + std::to_string(command.expectVersion)
                                   + ": it was changed meanwhile: look again and repeat"};
}

Status CommandCore::knownShard(ShardId shard) const
{
    if (view_.owner(shard) != nullptr) return {};
    return Error{Errc::kNotFound, nameOf(shard) + ": there is no such shard: look at `shards`"};
}

Status CommandCore::knownNode(NodeId node) const
{
    if (node.value < view_.assignment.nodes) return {};
    return Error{Errc::kNotFound, nameOf(node) + ": there is no such node: give one of 0 to "
                                      + std::to_string(view_.assignment.nodes - 1)};
}

void CommandCore::answer(const std::string& to, const Command& command,
                         const Result<std::string>& outcome, Effects& effects) const
{
    effects.send(to, outcome.ok() ? accepted(view_.assignment, command, *outcome)
                                  : refused(view_.assignment, command, outcome.error()));
}

Status CommandCore::movable(const MoveCommand& move) const
{
    FS_TRY_STATUS(knownNode(move.to));
    if (life_.stopping) return stoppingError();
    for (const ShardId id : move.shards) {
        FS_TRY_STATUS(knownShard(id));
        if (parts_.ownership.activeMove(id) == nullptr && !view_.settingBack.contains(id)) continue;
        return Error{Errc::kBusy, nameOf(id)
                                      + " is being moved or restored already: wait until that is "
                                        "done"};
    }
    return {};
}

Result<std::string> CommandCore::move(Instant now, const Command& command, const MoveCommand& move,
                                      Effects& effects)
{
    FS_TRY_STATUS(movable(move));
    std::string text;
    // Named twice it is meant once: two moves of one shard would wait for each other.
    for (const ShardId id : std::set<ShardId>(move.shards.begin(), move.shards.end())) {
        const ShardAssignment& owner = *view_.owner(id);
        text += (text.empty() ? "" : "; ") + nameOf(id) + ": ";
        if (owner.node == move.to) {
            text += "it is on " + nameOf(move.to) + " already";
            continue;
        }
        text += nameOf(owner.node) + " to " + nameOf(move.to) + ", replays at most "
                + std::to_string(view_.edge.of(id).bufferedRecords) + " records";
        if (command.dryRun) continue;
        parts_.ownership.startMove(now, PlanId{nextPlan_++}, id, move.to, command.actor, effects);
    }
    return dryRun(command, text);
}

Result<std::string> CommandCore::checkpoint(const Command& command,
                                            const CheckpointCommand& checkpoint,
                                            Effects& effects) const
{
    FS_TRY_STATUS(knownShard(checkpoint.shard));
    const ShardAssignment& owner = *view_.owner(checkpoint.shard);
    if (!command.dryRun) {
        effects.send(nodeAddress(owner.node),
                     CheckpointNow{checkpoint.shard, owner.epoch, "command"});
    }
    return nameOf(checkpoint.shard)
           + ": a checkpoint is asked for; one with nothing new is not written";
}

Result<std::string> CommandCore::drill(Instant now, const Command& command,
                                       const DrillCommand& drill, Effects& effects)
{
    if (drill.name != "kill-node") {
        return Error{Errc::kNotFound,
                     "drill " + drill.name + ": there is none of this name: give kill-node"};
    }
    FS_TRY_STATUS(knownNode(drill.node));
    // A start that waits behind many others would keep the engine from its end.
    if (view_.nodes.of(drill.node).restarting) {
        return Error{Errc::kBusy,
                     nameOf(drill.node) + " is being started again already: wait until it is up"};
    }
    if (life_.stopping) return stoppingError();
    const std::string text = nameOf(drill.node) + " is killed without a farewell";
    if (!command.dryRun) {
        parts_.nodes.noteKilled(drill.node, now);
        effects.say(EventSeverity::kWarning, "drill", text);
        effects.add(RestartNode{drill.node});
    }
    return dryRun(command, text);
}

Result<std::string> CommandCore::stop(const Command& command, Effects& effects) const
{
    if (!command.dryRun) effects.add(BeginStop{});
    return std::string("stopping: a last checkpoint of every shard, then the end");
}

void CommandCore::interval(const std::string& from, const Command& command,
                           const IntervalCommand& interval, Effects& effects)
{
    if (interval.intervalMs != 0 && !isInterval(interval.intervalMs)) {
        return answer(from, command,
                      Error{Errc::kInvalid, "interval of " + std::to_string(interval.intervalMs)
                                                + " ms: it is out of range: give 10 to 600000 ms, "
                                                  "or auto"},
                      effects);
    }
    if (const Status known = knownShard(interval.shard); !known.ok())
        return answer(from, command, known.error(), effects);
    const std::string text =
        nameOf(interval.shard) + ": interval "
        + (interval.intervalMs == 0 ? "automatic" : std::to_string(interval.intervalMs) + " ms");
    if (command.dryRun) return answer(from, command, dryRun(command, text), effects);
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kInterval;
    entry.reason = text;
    ShardAssignment shard;
    shard.shard = interval.shard;
    shard.intervalOverrideMs = interval.intervalMs;
    entry.shards = {shard};
    propose({from, command, text}, std::move(entry), effects);
}

void CommandCore::policy(const std::string& from, const Command& command,
                         const PolicyCommand& policy, Effects& effects)
{
    static constexpr const char* kNames[] = {"classes", "promise", "fixed"};
    const std::string text =
        std::string("interval policy ") + kNames[static_cast<int>(policy.policy.kind)];
    if (policy.policy.kind == PolicyKind::kFixed && !isInterval(policy.policy.fixedMs)) {
        return answer(from, command,
                      Error{Errc::kInvalid, text + " of " + std::to_string(policy.policy.fixedMs)
                                                + " ms: it is out of range: give 10 to 600000 ms"},
                      effects);
    }
    if (command.dryRun) return answer(from, command, dryRun(command, text), effects);
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kPolicy;
    entry.policy = policy.policy;
    entry.reason = text;
    propose({from, command, text}, std::move(entry), effects);
}

void CommandCore::propose(Asked asked, AssignmentEntry entry, Effects& effects)
{
    if (proposed_.size() >= kCommandsWaitingMax) {
        return answer(asked.from, asked.command,
                      Error{Errc::kBusy, std::to_string(kCommandsWaitingMax)
                                             + " changes of the shard map wait for the disk "
                                               "already: repeat in a moment"},
                      effects);
    }
    entry.actor = asked.command.actor;
    const LogIndex expect = asked.command.expectVersion;
    const std::uint64_t number = nextTicket_++;
    proposed_[number] = std::move(asked);
    effects.add(ProposeAssignment{std::move(entry), expect, {ControlPart::kCommands, number}});
}

void CommandCore::committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                            Effects& effects)
{
    const Asked asked = std::move(proposed_.extract(number).mapped());
    if (!index.ok()) return answer(asked.from, asked.command, index.error(), effects);
    effects.say(EventSeverity::kInfo, "interval",
                asked.done + ", committed at " + std::to_string(*index));
    parts_.ownership.sendRoutes(now, effects);
    answer(asked.from, asked.command, asked.done, effects);
}

void CommandCore::subscribe(Instant now, const std::string& from, const Command& command,
                            Effects& effects)
{
    const bool fresh = !watchers_.contains(from);
    if (fresh && watchers_.size() >= kWatchersMax) {
        return answer(from, command,
                      Error{Errc::kBusy, std::to_string(kWatchersMax)
                                             + " consoles watch already: close one and connect "
                                               "again"},
                      effects);
    }
    watchers_[from] = now;
    if (fresh) effects.add(SendSnapshot{from});
}

std::vector<std::string> CommandCore::watchers(Instant now)
{
    std::erase_if(watchers_, [now](const auto& one) { return now - one.second > kWatcherSilence; });
    std::vector<std::string> names;
    for (const auto& [name, heard] : watchers_)
        names.push_back(name);
    return names;
}

void CommandCore::locate(Instant now, const std::string& from, const Command& command,
                         const LocateCommand& locate, Effects& effects)
{
    // An answer may be lost; whoever asked has given up by then.
    std::erase_if(lookUps_, [now](const auto& one) { return now - one.second.since > kLookUpMax; });
    if (lookUps_.size() >= kLookUpsMax) {
        return answer(from, command,
                      Error{Errc::kBusy, std::to_string(kLookUpsMax)
                                             + " look-ups are waiting already: repeat in a moment"},
                      effects);
    }
    const std::uint64_t id = nextId_++;
    lookUps_[id] = {from, command.id, now};
    effects.send("query", LocateRequest{id, "control", locate});
}

void CommandCore::located(const LocateReply& reply, Effects& effects)
{
    const auto asked = lookUps_.find(reply.id);
    if (asked == lookUps_.end()) return;
    CommandReply answer = reply.reply;
    answer.id = asked->second.id;
    answer.version = view_.assignment.version;
    effects.send(asked->second.peer, std::move(answer));
    lookUps_.erase(asked);
}

}  // namespace foreshard
