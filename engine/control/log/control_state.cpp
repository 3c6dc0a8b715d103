#include "engine/control/log/control_state.h"

#include "engine/base/mutant.h"
#include "engine/base/overloaded.h"
#include "engine/control/log/assignment_core.h"

#include <algorithm>
#include <string>

namespace foreshard {
namespace {

std::string nameOf(const CheckpointInfo& info)
{
    return "checkpoint of " + nameOf(info.shard) + " at frame " + std::to_string(info.n);
}

Status checkShard(const ControlState& state, ShardId shard)
{
    if (state.assignment.shards.contains(shard)) return {};
    return Error{Errc::kNotFound, nameOf(shard) + ": there is no such shard: look at `shards`"};
}

// May this checkpoint be listed? Its owner must be the present one, and what it is built on listed.
Status checkListed(const ControlState& state, const CheckpointInfo& info)
{
    FS_TRY_STATUS(checkShard(state, info.shard));
    const ShardAssignment& owner = state.assignment.shards.at(info.shard);
    // The files of one that the shard goes back to may be those of any node.
    const bool over = info.epoch != owner.epoch || (info.node != owner.node && !info.setsBack);
    if (over && !mutant(Mutant::kIgnoreEpoch)) {
        return Error{Errc::kStale, nameOf(info) + " is of epoch " + std::to_string(info.epoch.value)
                                       + " on node " + std::to_string(info.node.value)
                                       + ", which owns the shard no more: its owner has another"};
    }
    if (state.checkpoints.follows(info)) return {};
    return Error{Errc::kStale,
                 nameOf(info) + " does not follow what is listed: a newer one exists, or what it "
                                "is built on does not hold"};
}

Status checkJudged(const ControlState& state, const CheckpointsJudged& change)
{
    if (change.state == CheckpointState::kListed)
        return Error{Errc::kInvalid, "nothing makes a checkpoint one that was never looked at"};
    return checkShard(state, change.shard);
}

Status checkReinstated(const ControlState& state, const CheckpointsReinstated& change)
{
    FS_TRY_STATUS(checkShard(state, change.shard));
    for (const CheckpointId id : change.chain) {
        if (state.checkpoints.find(change.shard, id) != nullptr) continue;
        return Error{Errc::kStale, "checkpoint " + std::to_string(id.value) + " of "
                                       + nameOf(change.shard)
                                       + " has left the list: there is nothing to reinstate"};
    }
    return {};
}

Status checkLetter(const ControlState& state, const DeadLetter& letter)
{
    FS_TRY_STATUS(checkShard(state, letter.place.shard));
    if (!state.letters.full() || state.letters.has(letter.place.offset)) return {};
    return Error{Errc::kUnavailable,
                 describe(letter.place) + ": there are as many dead letters as there may be: "
                                          "correct the operator and start again"};
}

bool judgesNothing(const ControlState& state, const CheckpointsJudged& change)
{
    return std::all_of(change.ids.begin(), change.ids.end(), [&](CheckpointId id) {
        const CheckpointInfo* info = state.checkpoints.find(change.shard, id);
        return info == nullptr || info->state == change.state
               || info->state == CheckpointState::kInvalidated;
    });
}

void judge(ControlState& state, const CheckpointsJudged& change)
{
    bool invalidates = false;
    for (const CheckpointId id : change.ids) {
        const bool changed = !state.checkpoints.judge(change.shard, id, change.state).empty();
        invalidates = invalidates || (changed && change.state == CheckpointState::kInvalidated);
    }
    // What was said to the edge so far must not cut what the one before it needs.
    if (invalidates) ++state.fences[change.shard];
    state.checkpoints.prune(change.shard);
}

void list(ManifestCore& checkpoints, const CheckpointInfo& info)
{
    FS_CHECK(checkpoints.add(info));
    const bool keepsOther = checkpoints.keepMin() != info.keepMin;
    checkpoints.setKeepMin(info.keepMin);
    if (keepsOther) {
        checkpoints.prune();
    } else {
        checkpoints.prune(info.shard);
    }
}

}  // namespace

Status check(const ControlState& state, const ControlChange& change)
{
    return std::visit(Overloaded{
                          [&](const AssignmentEntry& c) { return checkEntry(state.assignment, c); },
                          [&](const CheckpointListed& c) { return checkListed(state, c.info); },
                          [&](const CheckpointsJudged& c) { return checkJudged(state, c); },
                          [&](const CheckpointsReinstated& c) { return checkReinstated(state, c); },
                          [&](const DeadLetter& c) { return checkLetter(state, c); },
                          [&](const FenceRaised& c) { return checkShard(state, c.shard); },
                      },
                      change);
}

bool changesNothing(const ControlState& state, const ControlChange& change)
{
    if (const auto* judged = std::get_if<CheckpointsJudged>(&change))
        return judgesNothing(state, *judged);
    const auto* letter = std::get_if<DeadLetter>(&change);
    return letter != nullptr && state.letters.has(letter->place.offset);
}

void apply(ControlState& state, const ControlEntry& entry)
{
    FS_CHECK(entry.index == state.index + 1);
    state.index = entry.index;
    std::visit(Overloaded{
                   [&](const AssignmentEntry& c) { applyEntry(state.assignment, c); },
                   [&](const CheckpointListed& c) { list(state.checkpoints, c.info); },
                   [&](const CheckpointsJudged& c) { judge(state, c); },
                   [&](const CheckpointsReinstated& c) {
                       for (const CheckpointId id : c.chain)
                           state.checkpoints.restate(c.shard, id, CheckpointState::kVerified);
                       state.checkpoints.prune(c.shard);
                   },
                   [&](const DeadLetter& c) { state.letters.add(c); },
                   [&](const FenceRaised& c) { ++state.fences[c.shard]; },
               },
               entry.change);
}

ControlSnapshot headOf(const ControlState& state)
{
    ControlSnapshot head;
    head.index = state.index;
    head.version = state.assignment.version;
    head.routing = state.assignment.routing;
    head.policy = state.assignment.policy;
    head.nodes = state.assignment.nodes;
    for (const auto& [id, shard] : state.assignment.shards)
        head.shards.push_back(shard);
    for (const auto& [id, fence] : state.fences)
        head.fences.push_back({id, fence});
    head.lastCheckpoint = state.checkpoints.lastId();
    head.keepMin = state.checkpoints.keepMin();
    return head;
}

void takeHead(ControlState& state, const ControlSnapshot& head)
{
    state.index = head.index;
    state.assignment.version = head.version;
    state.assignment.routing = head.routing;
    state.assignment.policy = head.policy;
    state.assignment.nodes = head.nodes;
    for (const ShardAssignment& shard : head.shards)
        state.assignment.shards[shard.shard] = shard;
    for (const ShardFence& one : head.fences)
        state.fences[one.shard] = one.fence;
    state.checkpoints.setKeepMin(head.keepMin);
}

}  // namespace foreshard
