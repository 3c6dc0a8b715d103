#include "engine/control/ownership_core.h"

#include "engine/model/addresses.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kAssignAgain = 200ms;
constexpr Nanos kRoutesAgain = 1s;

std::int64_t millis(Nanos span) { return static_cast<std::int64_t>(toMillis(span)); }

}  // namespace

OwnershipCore::OwnershipCore(const ControlView& view, const LoadTracker& loads, bool endedWell)
    : view_(view), loads_(loads), endedWell_(endedWell)
{
}

void OwnershipCore::begin(Instant began)
{
    for (const auto& [id, owner] : view_.assignment.shards)
        shards_[id].downSince = began;
}

void OwnershipCore::reconcile(Instant now, const NodeReport& report, Effects& effects)
{
    std::map<ShardId, const NodeShardReport*> has;
    for (const NodeShardReport& shard : report.shards)
        has[shard.shard] = &shard;
    for (const auto& [id, owner] : view_.assignment.shards) {
        const auto it = has.find(id);
        const NodeShardReport* entry = it == has.end() ? nullptr : it->second;
        if (owner.node != report.node) {
            if (entry != nullptr) effects.send(nodeAddress(report.node), Revoke{id, entry->epoch});
            continue;
        }
        MoveCore* move = moveOf(id);
        // Until the entry with the new owner is durable the old epoch still stands, but a source
        // that came back must not get it a second time.
        const bool leaving = move != nullptr && move->fromEpoch() == owner.epoch;
        if (leaving && (entry == nullptr || entry->epoch != owner.epoch)) move->released();
        if (leaving) continue;
        if (entry == nullptr || entry->epoch < owner.epoch) assign(now, id, effects);
    }
    noteLive(now, report, effects);
}

void OwnershipCore::nodeReturned(Instant now, const NodeTable::Return& back, Effects& effects)
{
    std::vector<ShardId> lost;
    for (const auto& [id, owner] : view_.assignment.shards) {
        if (owner.node != back.node) continue;
        MoveCore* move = moveOf(id);
        if (move != nullptr && move->fromEpoch() == owner.epoch) {
            move->released();  // what it had not saved the target replays
            continue;
        }
        lost.push_back(id);
        shards_[id].downSince = back.downSince;
        shards_[id].detectMs = millis(now - back.downSince);
    }
    const std::string again = nameOf(back.node) + " was started again";
    effects.say(
        EventSeverity::kWarning, "recovery",
        again + " (" + back.cause + "), " + std::to_string(lost.size()) + " shards restore");
    takeOver(lost, back.cause, again + ": " + back.cause, effects);
}

void OwnershipCore::takeOver(const std::vector<ShardId>& shards, const std::string& cause,
                             const std::string& reason, Effects& effects)
{
    if (shards.empty()) return;
    AssignmentEntry entry;
    entry.actor = "recovery";
    entry.reason = reason;
    for (const ShardId id : shards) {
        ShardAssignment shard = view_.assignment.shards.at(id);
        shard.epoch = Epoch{shard.epoch.value + 1};
        entry.shards.push_back(shard);
        shards_[id].cause = cause;
        shards_[id].phase = Phase::kTakingOver;
    }
    Proposal proposal{entry.shards, cause, reason};
    propose(std::move(entry), std::move(proposal), effects);
}

void OwnershipCore::propose(AssignmentEntry entry, Proposal proposal, Effects& effects)
{
    entry.kind = AssignmentEntryKind::kAssign;
    const std::uint64_t number = nextTicket_++;
    proposals_[number] = std::move(proposal);
    effects.add(ProposeAssignment{std::move(entry), 0, {ControlPart::kOwnership, number}});
}

void OwnershipCore::committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                              Effects& effects)
{
    const Proposal proposal = std::move(proposals_.extract(number).mapped());
    if (proposal.isMove) return moveCommitted(now, proposal.shards.front().shard, index, effects);
    for (const ShardAssignment& shard : proposal.shards)
        shards_[shard.shard].phase = Phase::kSettled;
    if (!index.ok() && index.error().code != Errc::kStale)
        return effects.fail(index.error().during("commit a recovery"));
    // kStale: some of them have had a new owner or epoch meanwhile; the others still need one.
    if (!index.ok())
        takeOver(stillAtEpochBefore(proposal.shards), proposal.cause, proposal.reason, effects);
    sendRoutes(now, effects);
}

std::vector<ShardId> OwnershipCore::stillAtEpochBefore(
    const std::vector<ShardAssignment>& proposed) const
{
    std::vector<ShardId> shards;
    for (const ShardAssignment& shard : proposed) {
        const Epoch before{shard.epoch.value - 1};
        if (view_.isOwner(shard.shard, shard.node, before)) shards.push_back(shard.shard);
    }
    return shards;
}

void OwnershipCore::assign(Instant now, ShardId id, Effects& effects)
{
    Shard& shard = shards_[id];
    // A checkpoint of the old epoch that is being listed belongs into the chain, a record that is
    // being given up must not be applied by the next owner, and a node that came back must not go
    // on in the epoch of its former life: the owner is told once all of that has been settled.
    if (view_.pending.any(id) || shard.phase == Phase::kTakingOver) return;
    if (now - shard.lastAssign < kAssignAgain) return;
    shard.lastAssign = now;
    noteRestoreFromNothing(id, effects);
    const ShardAssignment& owner = view_.assignment.shards.at(id);
    Assign assign;
    assign.shard = id;
    assign.epoch = owner.epoch;
    assign.intervalMs = loads_.of(id).interval.ms;
    assign.chain = view_.checkpoints.chain(id);
    assign.cause = shard.cause;
    const FrameNo restored = assign.chain.empty() ? 0 : assign.chain.back().n;
    shard.assignedRecords = assign.chain.empty() ? 0 : assign.chain.back().recordsApplied;
    assign.dead = view_.letters.deadBehind(id, restored);
    assign.suspects = view_.suspects.behind(id, restored);
    assign.fence = view_.fence(id);
    effects.send(nodeAddress(owner.node), std::move(assign), "assign.sent");
}

void OwnershipCore::assignNow(Instant now, ShardId shard, Effects& effects)
{
    shards_[shard].lastAssign = Instant{};
    assign(now, shard, effects);
}

void OwnershipCore::noteRestoreFromNothing(ShardId shard, Effects& effects) const
{
    const ManifestCore& manifest = view_.checkpoints;
    if (manifest.newest(shard) != nullptr || manifest.of(shard).empty()) return;
    effects.say(EventSeverity::kError, "damage",
                nameOf(shard)
                    + " has no checkpoint left that holds: it starts from nothing and needs every "
                      "frame from 1 on");
}

std::optional<RecoverySnapshot> OwnershipCore::recovered(Instant now, const Recovered& recovered)
{
    Shard& shard = shards_[recovered.shard];
    // Its first owner, or the next one behind a clean end: no recovery.
    const bool nothing = shard.assignedRecords == 0 && recovered.recordsReplayed == 0;
    if (recovered.cause == "start" && (endedWell_ || nothing)) {
        restoresDone_ += shard.assignedRecords > 0 ? 1U : 0U;
        return std::nullopt;
    }
    recoveriesDone_ += recovered.cause == "move" ? 0U : 1U;
    RecoverySnapshot entry;
    entry.shard = recovered.shard;
    entry.cause = recovered.cause;
    entry.detectMs = shard.detectMs;
    entry.loadMs = recovered.loadMicros / 1000;
    entry.replayMs = recovered.replayMicros / 1000;
    entry.totalMs = millis(now - shard.downSince);
    entry.recordsReplayed = recovered.recordsReplayed;
    shard.detectMs = 0;
    return entry;
}

const MoveCore* OwnershipCore::activeMove(ShardId shard) const
{
    const auto it = std::find_if(moves_.begin(), moves_.end(), [shard](const MoveCore& move) {
        return move.shard() == shard && !move.over();
    });
    return it == moves_.end() ? nullptr : &*it;
}

MoveCore* OwnershipCore::moveOf(ShardId shard)
{
    const MoveCore* move = activeMove(shard);
    return move == nullptr ? nullptr : &moves_[static_cast<std::size_t>(move - moves_.data())];
}

void OwnershipCore::startMove(Instant now, PlanId plan, ShardId id, NodeId to,
                              const std::string& actor, Effects& effects)
{
    const ShardAssignment& owner = view_.assignment.shards.at(id);
    moves_.emplace_back(plan, id, owner.node, to, owner.epoch, now);
    noteMove(now, moves_.back(), effects);
    effects.say(
        EventSeverity::kInfo, "move",
        nameOf(id) + ": " + nameOf(owner.node) + " to " + nameOf(to) + ", asked by " + actor);
    effects.send(nodeAddress(owner.node), Release{id, owner.epoch}, "release.sent");
}

void OwnershipCore::released(Instant now, const Released& released, Effects& effects)
{
    MoveCore* move = moveOf(released.shard);
    if (move != nullptr && move->fromEpoch() == released.epoch) move->released();
    step(now, effects);
}

void OwnershipCore::step(Instant now, Effects& effects)
{
    for (MoveCore& move : moves_) {
        // An epoch proposed before the move's is committed first: the move's would be stale, and
        // until its turn comes the source runs in that epoch as if nobody wanted the shard.
        if (shards_[move.shard()].phase == Phase::kTakingOver) continue;
        move.follow(view_.assignment.shards.at(move.shard()).epoch);
        if (move.takeCommit(now)) {
            commitMove(now, move, effects);
        } else if (move.phase() == MoveCore::Phase::kDraining) {
            effects.send(nodeAddress(move.from()), Release{move.shard(), move.fromEpoch()});
        }
        noteMove(now, move, effects);
    }
    std::erase_if(moves_, [](const MoveCore& move) { return move.over(); });
}

void OwnershipCore::commitMove(Instant now, const MoveCore& move, Effects& effects)
{
    ShardAssignment owner = view_.assignment.shards.at(move.shard());
    AssignmentEntry entry;
    entry.plan = move.plan();
    entry.actor = "operator";
    entry.reason = "move from " + nameOf(owner.node) + " to " + nameOf(move.to());
    owner.node = move.to();
    owner.box = BoxId{move.to().value};
    owner.epoch = Epoch{owner.epoch.value + 1};
    entry.shards = {owner};
    Shard& shard = shards_[move.shard()];
    shard.cause = "move";
    shard.detectMs = 0;
    shard.downSince = now - move.pause(now);
    propose(std::move(entry), {{owner}, "move", {}, true}, effects);
}

void OwnershipCore::moveCommitted(Instant now, ShardId id, const Result<LogIndex>& index,
                                  Effects& effects)
{
    MoveCore* move = moveOf(id);
    if (move == nullptr) return;
    if (index.ok()) {
        move->committed(*index);
        sendRoutes(now, effects);
        assignNow(now, id, effects);
    } else {
        move->failed(now);
        effects.say(EventSeverity::kError, "move", nameOf(id) + " stays: " + index.error().message);
    }
    noteMove(now, *move, effects);
    // A log that takes no more could not say who owns a shard after the next crash either.
    if (!index.ok() && index.error().code == Errc::kIo)
        effects.fail(index.error().during("commit a move"));
}

void OwnershipCore::noteLive(Instant now, const NodeReport& report, Effects& effects)
{
    for (const NodeShardReport& entry : report.shards) {
        MoveCore* move = moveOf(entry.shard);
        if (move == nullptr || move->to() != report.node || entry.state != ShardState::kLive)
            continue;
        if (!view_.isOwner(entry.shard, report.node, entry.epoch)) continue;
        const bool restoring = move->phase() == MoveCore::Phase::kRestoring;
        move->live(now);
        if (!restoring) continue;
        ++movesDone_;
        noteMove(now, *move, effects);
        effects.say(EventSeverity::kInfo, "move",
                    nameOf(entry.shard) + " is live on " + nameOf(report.node)
                        + " after a pause of " + std::to_string(millis(move->pause(now)))
                        + " ms, committed at " + std::to_string(move->committedAt()));
    }
}

void OwnershipCore::noteMove(Instant now, const MoveCore& move, Effects& effects) const
{
    MoveSnapshot snapshot;
    snapshot.plan = move.plan();
    snapshot.shard = move.shard();
    snapshot.from = move.from();
    snapshot.to = move.to();
    snapshot.phase = movePhaseName(move.phase());
    snapshot.pauseMs = millis(move.pause(now));
    snapshot.committedAt = move.committedAt();
    effects.add(NoteMove{std::move(snapshot)});
}

void OwnershipCore::setBack(Instant now, ShardId id)
{
    Shard& shard = shards_[id];
    shard.cause = "restore";
    shard.detectMs = 0;
    shard.downSince = now;
}

void OwnershipCore::sendRoutes(Instant now, Effects& effects)
{
    lastRoutes_ = now;
    RouteTable table;
    table.version = view_.assignment.version;
    table.routing = view_.assignment.routing;
    for (const auto& [id, shard] : view_.assignment.shards)
        table.shards.push_back(shard);
    effects.send("edge", std::move(table), "routes.sent");
}

void OwnershipCore::repeatRoutes(Instant now, Effects& effects)
{
    if (now - lastRoutes_ >= kRoutesAgain) sendRoutes(now, effects);
}

std::uint64_t OwnershipCore::assignedRecords(ShardId shard) const
{
    const auto it = shards_.find(shard);
    return it == shards_.end() ? 0 : it->second.assignedRecords;
}

}  // namespace foreshard
