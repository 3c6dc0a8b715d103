#pragma once
// What every part of control may look at and none may change: the state machines of the control
// log, what is on its way into them, and what nodes and edge have said. Lives as long as the parts;
// the driver keeps what it refers to up to date.
#include "engine/checkpoint/manifest_core.h"
#include "engine/control/edge_table.h"
#include "engine/control/log/dead_letter_core.h"
#include "engine/control/node_table.h"
#include "engine/control/pending_appends.h"
#include "engine/model/assignment.h"

#include <cstdint>
#include <map>
#include <set>

namespace foreshard {

// Per shard, what the newest truncation fence is: grows with everything that makes the edge keep
// frames that it was told to give up.
using TruncationFences = std::map<ShardId, std::uint64_t>;

struct ControlView {
    const AssignmentState& assignment;
    const ManifestCore& checkpoints;
    const DeadLetterCore& letters;
    const TruncationFences& fences;
    const PendingAppends& pending;
    // On their way back to an older checkpoint, which must stay on the list with what is behind it.
    const std::set<ShardId>& settingBack;
    const NodeTable& nodes;
    const EdgeTable& edge;

    // Null: there is no such shard.
    const ShardAssignment* owner(ShardId shard) const
    {
        const auto it = assignment.shards.find(shard);
        return it == assignment.shards.end() ? nullptr : &it->second;
    }
    bool isOwner(ShardId shard, NodeId node, Epoch epoch) const
    {
        const ShardAssignment* one = owner(shard);
        return one != nullptr && one->node == node && one->epoch == epoch;
    }
    // What the shard's owner last said of it in the epoch in force; null: nothing yet.
    const NodeShardReport* reported(ShardId shard) const
    {
        return nodes.reported(assignment, shard);
    }
    std::uint64_t fence(ShardId shard) const
    {
        const auto it = fences.find(shard);
        return it == fences.end() ? 0 : it->second;
    }
};

}  // namespace foreshard
