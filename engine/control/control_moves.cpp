// The part of ControlDriver that moves shards.
#include "engine/base/crash_point.h"
#include "engine/control/control_driver.h"

#include <algorithm>

namespace foreshard {

const char* movePhaseName(MoveCore::Phase phase)
{
    switch (phase) {
        case MoveCore::Phase::kDraining:
            return "draining";
        case MoveCore::Phase::kCommitting:
            return "committing";
        case MoveCore::Phase::kRestoring:
            return "restoring";
        case MoveCore::Phase::kDone:
            return "done";
        case MoveCore::Phase::kFailed:
            return "failed";
    }
    return "unknown";
}

MoveCore* ControlDriver::activeMove(ShardId shard)
{
    for (MoveCore& move : moves_) {
        if (move.shard() == shard && !move.over()) return &move;
    }
    return nullptr;
}

void ControlDriver::recordMove(const MoveCore& move)
{
    for (MoveSnapshot& known : rings_.moves.items()) {
        if (known.plan != move.plan() || known.shard != move.shard()) continue;
        known.phase = movePhaseName(move.phase());
        known.pauseMs = static_cast<std::int64_t>(toMillis(move.pause(env_.strand.now())));
        known.committedAt = move.committedAt();
        return history_.move(known);
    }
    rings_.moves.push({move.plan(), move.shard(), move.from(), move.to(),
                       movePhaseName(move.phase()), env_.strand.wallNow(), 0, 0});
    history_.move(rings_.moves.items().back());
}

void ControlDriver::startMove(ShardId id, NodeId to, const std::string& actor)
{
    const ShardAssignment& owner = assignment().shards.at(id);
    const PlanId plan{nextId_++};
    moves_.emplace_back(plan, id, owner.node, to, owner.epoch, env_.strand.now());
    recordMove(moves_.back());
    event(EventSeverity::kInfo, "move",
          nameOf(id) + ": node " + std::to_string(owner.node.value) + " to node "
              + std::to_string(to.value) + ", asked by " + actor);
    send(addressOf(owner.node), Release{id, owner.epoch});
    crashPoint("release.sent");
}

void ControlDriver::stepMoves(Instant now)
{
    // By index: committing may end a move and start nothing, but must not invalidate the walk.
    for (std::size_t i = 0; i < moves_.size(); ++i) {
        MoveCore& move = moves_[i];
        // An epoch proposed before this one is committed first: the move's would be stale, and
        // until its turn comes the source runs in that epoch as if nobody wanted the shard.
        if (shards_[move.shard()].takingOver > 0) continue;
        move.follow(assignment().shards.at(move.shard()).epoch);
        if (move.takeCommit(now)) {
            commitMove(move);
        } else if (move.phase() == MoveCore::Phase::kDraining) {
            send(addressOf(move.from()), Release{move.shard(), move.fromEpoch()});
        }
        recordMove(moves_[i]);
    }
    std::erase_if(moves_, [](const MoveCore& move) { return move.over(); });
}

void ControlDriver::commitMove(MoveCore& move)
{
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kAssign;
    entry.plan = move.plan();
    entry.actor = "operator";
    ShardAssignment owner = assignment().shards.at(move.shard());
    entry.reason = "move from node " + std::to_string(owner.node.value) + " to node "
                   + std::to_string(move.to().value);
    owner.node = move.to();
    owner.box = BoxId{move.to().value};
    owner.epoch = Epoch{owner.epoch.value + 1};
    entry.shards = {owner};
    Shard& shard = shards_[move.shard()];
    shard.cause = "move";
    shard.detectMs = 0;
    shard.downSince = env_.strand.now() - move.pause(env_.strand.now());
    const ShardId id = move.shard();
    log_->propose(std::move(entry), 0, lifetime_.guard([this, id](const Result<LogIndex>& index) {
        MoveCore* active = activeMove(id);
        if (active == nullptr) return;
        if (index.ok()) {
            active->committed(*index);
            shards_[id].lastAssign = Instant{};
            sendRoutes();
            sendAssign(id, assignment().shards.at(id));
        } else {
            active->failed(env_.strand.now());
            // A log that takes no more could not say who owns a shard after the next crash either.
            if (index.error().code == Errc::kIo) fail(index.error().during("commit a move"));
            event(EventSeverity::kError, "move", nameOf(id) + " stays: " + index.error().message);
        }
        recordMove(*active);
    }));
}

void ControlDriver::moveLive(const NodeReport& report)
{
    for (const NodeShardReport& entry : report.shards) {
        MoveCore* move = activeMove(entry.shard);
        if (move == nullptr || move->to() != report.node || entry.state != ShardState::kLive)
            continue;
        const auto owner = assignment().shards.find(entry.shard);
        if (owner == assignment().shards.end() || owner->second.epoch != entry.epoch) continue;
        const bool restoring = move->phase() == MoveCore::Phase::kRestoring;
        move->live(env_.strand.now());
        if (!restoring) continue;
        ++movesDone_;
        recordMove(*move);
        event(EventSeverity::kInfo, "move",
              nameOf(entry.shard) + " is live on node " + std::to_string(report.node.value)
                  + " after a pause of "
                  + std::to_string(
                      static_cast<std::int64_t>(toMillis(move->pause(env_.strand.now()))))
                  + " ms, committed at " + std::to_string(move->committedAt()));
    }
}

}  // namespace foreshard
