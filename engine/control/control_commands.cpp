// The part of ControlDriver that answers commands.
#include "engine/base/overloaded.h"
#include "engine/control/control_driver.h"

#include <set>

namespace foreshard {
namespace {

constexpr std::size_t kCommandsWaitingMax = 64;
constexpr std::size_t kWatchersMax = 64;
constexpr Nanos kLocateMax = 11min;  // longer than `ctl` waits for any answer

}  // namespace

void ControlDriver::reply(const std::string& to, CommandReply reply) { send(to, reply); }

CommandReply ControlDriver::refused(const Command& command, const Error& error) const
{
    CommandReply reply;
    reply.id = command.id;
    reply.ok = false;
    reply.code = error.code;
    reply.message = error.message;
    reply.version = assignment().version;
    return reply;
}

CommandReply ControlDriver::accepted(const Command& command, std::string message) const
{
    CommandReply reply;
    reply.id = command.id;
    reply.message = std::move(message);
    reply.version = assignment().version;
    return reply;
}

void ControlDriver::onCommand(const std::string& from, const Command& command)
{
    history_.command(command, env_.strand.wallNow());
    const bool asks = std::holds_alternative<StatusCommand>(command.body)
                      || std::holds_alternative<SubscribeCommand>(command.body)
                      || std::holds_alternative<LocateCommand>(command.body);
    if (!asks && !ready_) {
        return reply(
            from,
            refused(command,
                    Error{Errc::kBusy, "the engine is still starting: wait a moment and repeat"}));
    }
    if (!asks && command.expectVersion != 0 && command.expectVersion != assignment().version) {
        return reply(
            from,
            refused(command,
                    Error{Errc::kStale,
                          "the shard map is at version " + std::to_string(assignment().version)
                              + ", not " + std::to_string(command.expectVersion)
                              + ": it was changed meanwhile: look again and repeat"}));
    }
    std::visit(
        Overloaded{
            [&](const StatusCommand&) { send(from, snapshot()); },
            [&](const SubscribeCommand&) {
                const bool fresh = !watchers_.contains(from);
                if (fresh && watchers_.size() >= kWatchersMax) {
                    return reply(
                        from, refused(command,
                                      Error{Errc::kBusy, std::to_string(kWatchersMax)
                                                             + " consoles watch already: close one "
                                                               "and connect again"}));
                }
                watchers_[from].lastHeard = env_.strand.now();
                if (fresh) send(from, snapshot());
            },
            [&](const MoveCommand& m) { doMove(from, command, m); },
            [&](const IntervalCommand& m) { doInterval(from, command, m); },
            [&](const CheckpointCommand& m) { doCheckpoint(from, command, m); },
            [&](const PolicyCommand& m) { doPolicy(from, command, m); },
            [&](const DrillCommand& m) { doDrill(from, command, m); },
            [&](const LocateCommand& m) { doLocate(from, command, m); },
            [&](const RestoreCommand& m) { doRestore(from, command, m); },
            [&](const StopCommand&) {
                if (!command.dryRun) stop();
                reply(from, accepted(command,
                                     "stopping: a last checkpoint of every shard, then the end"));
            },
        },
        command.body);
}

void ControlDriver::doMove(const std::string& from, const Command& command, const MoveCommand& move)
{
    if (move.to.value >= assignment().nodes) {
        return reply(from, refused(command, Error{Errc::kNotFound,
                                                  nameOf(move.to)
                                                      + ": there is no such node: give one of 0 to "
                                                      + std::to_string(assignment().nodes - 1)}));
    }
    if (stopping_)
        return reply(from, refused(command, Error{Errc::kBusy,
                                                  "the engine is stopping: start it again first"}));
    for (const ShardId id : move.shards) {
        const auto owner = assignment().shards.find(id);
        if (owner == assignment().shards.end()) {
            return reply(
                from,
                refused(command, Error{Errc::kNotFound,
                                       nameOf(id) + ": there is no such shard: look at `shards`"}));
        }
        if (activeMove(id) != nullptr || restores_.contains(id)) {
            return reply(from, refused(command, Error{Errc::kBusy,
                                                      nameOf(id)
                                                          + " is being moved or restored already: "
                                                            "wait until that is done"}));
        }
    }
    std::string text;
    // Named twice it is meant once: two moves of one shard would wait for each other.
    for (const ShardId id : std::set<ShardId>(move.shards.begin(), move.shards.end())) {
        const ShardAssignment& owner = assignment().shards.at(id);
        const EdgeShardReport& edge = shards_[id].edge;
        text += (text.empty() ? "" : "; ") + nameOf(id) + ": ";
        if (owner.node == move.to) {
            text += "it is on node " + std::to_string(move.to.value) + " already";
            continue;
        }
        text += nameOf(owner.node) + " to node " + std::to_string(move.to.value)
                + ", replays at most " + std::to_string(edge.bufferedRecords) + " records";
        if (!command.dryRun) startMove(id, move.to, command.actor);
    }
    reply(from, accepted(command, command.dryRun ? "dry run: " + text : text));
}

void ControlDriver::proposeFor(const std::string& from, const Command& command,
                               AssignmentEntry entry, std::string done)
{
    if (commandsWaiting_ >= kCommandsWaitingMax) {
        return reply(from, refused(command, Error{Errc::kBusy,
                                                  std::to_string(kCommandsWaitingMax)
                                                      + " changes of the shard map wait for the "
                                                        "disk already: repeat in a moment"}));
    }
    ++commandsWaiting_;
    entry.actor = command.actor;
    log_->propose(std::move(entry), command.expectVersion,
                  lifetime_.guard([this, from, command, done](const Result<LogIndex>& index) {
                      --commandsWaiting_;
                      if (!index.ok()) return reply(from, refused(command, index.error()));
                      event(EventSeverity::kInfo, "interval",
                            done + ", committed at " + std::to_string(*index));
                      sendRoutes();
                      reply(from, accepted(command, done));
                  }));
}

void ControlDriver::doInterval(const std::string& from, const Command& command,
                               const IntervalCommand& interval)
{
    if (interval.intervalMs != 0 && !isInterval(interval.intervalMs)) {
        return reply(
            from, refused(command,
                          Error{Errc::kInvalid,
                                "interval of " + std::to_string(interval.intervalMs)
                                    + " ms: it is out of range: give 10 to 600000 ms, or auto"}));
    }
    if (!assignment().shards.contains(interval.shard)) {
        return reply(from,
                     refused(command, Error{Errc::kNotFound,
                                            nameOf(interval.shard)
                                                + ": there is no such shard: look at `shards`"}));
    }
    const std::string text =
        nameOf(interval.shard) + ": interval "
        + (interval.intervalMs == 0 ? "automatic" : std::to_string(interval.intervalMs) + " ms");
    if (command.dryRun) return reply(from, accepted(command, "dry run: " + text));
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kInterval;
    entry.reason = text;
    ShardAssignment shard;
    shard.shard = interval.shard;
    shard.intervalOverrideMs = interval.intervalMs;
    entry.shards = {shard};
    proposeFor(from, command, std::move(entry), text);
}

void ControlDriver::doPolicy(const std::string& from, const Command& command,
                             const PolicyCommand& policy)
{
    static constexpr const char* kNames[] = {"classes", "promise", "fixed"};
    const std::string text =
        std::string("interval policy ") + kNames[static_cast<int>(policy.policy.kind)];
    if (policy.policy.kind == PolicyKind::kFixed && !isInterval(policy.policy.fixedMs)) {
        return reply(
            from, refused(command, Error{Errc::kInvalid,
                                         text + " of " + std::to_string(policy.policy.fixedMs)
                                             + " ms: it is out of range: give 10 to 600000 ms"}));
    }
    if (command.dryRun) return reply(from, accepted(command, "dry run: " + text));
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kPolicy;
    entry.policy = policy.policy;
    entry.reason = text;
    proposeFor(from, command, std::move(entry), text);
}

void ControlDriver::doCheckpoint(const std::string& from, const Command& command,
                                 const CheckpointCommand& checkpoint)
{
    const auto owner = assignment().shards.find(checkpoint.shard);
    if (owner == assignment().shards.end()) {
        return reply(from,
                     refused(command, Error{Errc::kNotFound,
                                            nameOf(checkpoint.shard)
                                                + ": there is no such shard: look at `shards`"}));
    }
    if (!command.dryRun) {
        send(addressOf(owner->second.node),
             CheckpointNow{checkpoint.shard, owner->second.epoch, "command"});
    }
    reply(from, accepted(command,
                         nameOf(checkpoint.shard)
                             + ": a checkpoint is asked for; one with nothing new is not written"));
}

void ControlDriver::doDrill(const std::string& from, const Command& command,
                            const DrillCommand& drill)
{
    if (drill.name != "kill-node") {
        const std::string text =
            "drill " + drill.name + ": there is none of this name: give kill-node";
        return reply(from, refused(command, Error{Errc::kNotFound, text}));
    }
    if (drill.node.value >= assignment().nodes) {
        return reply(from, refused(command, Error{Errc::kNotFound,
                                                  nameOf(drill.node)
                                                      + ": there is no such node: give one of 0 to "
                                                      + std::to_string(assignment().nodes - 1)}));
    }
    // A start that waits behind many others would keep the engine from its end.
    const bool again = nodes_[drill.node].restarting;
    if (again || stopping_) {
        const std::string why =
            again ? nameOf(drill.node) + " is being started again already: wait until it is up"
                  : "the engine is stopping: start it again first";
        return reply(from, refused(command, Error{Errc::kBusy, why}));
    }
    const std::string text = nameOf(drill.node) + " is killed without a farewell";
    if (!command.dryRun) {
        Node& node = nodes_[drill.node];
        node.state = NodeState::kDead;
        node.downCause = "node killed";
        node.downSince = env_.strand.now();
        node.silence.end();
        node.restarting = true;
        event(EventSeverity::kWarning, "drill", text);
        supervisor_.restart(drill.node);
    }
    reply(from, accepted(command, command.dryRun ? "dry run: " + text : text));
}

void ControlDriver::doLocate(const std::string& from, const Command& command,
                             const LocateCommand& locate)
{
    const Instant now = env_.strand.now();
    // An answer may be lost; whoever asked has given up by then.
    std::erase_if(locates_, [now](const auto& one) { return now - one.second.since > kLocateMax; });
    if (locates_.size() >= 64) {
        return reply(
            from, refused(command, Error{Errc::kBusy,
                                         "64 look-ups are waiting already: repeat in a moment"}));
    }
    const std::uint64_t id = nextId_++;
    locates_[id] = {from, command.id, now};
    send("query", LocateRequest{id, "control", locate});
}

}  // namespace foreshard
