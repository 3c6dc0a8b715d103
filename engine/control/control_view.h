#pragma once
// What every part of control may look at and none may change: the state machines of the control
// log, what is on its way into them, and what nodes and edge have said. Lives as long as the parts;
// the driver keeps what it refers to up to date.
#include "engine/control/edge_table.h"
#include "engine/control/log/control_state.h"
#include "engine/control/log/suspect_core.h"
#include "engine/control/node_table.h"
#include "engine/control/pending_appends.h"
#include "engine/model/assignment.h"

#include <cstdint>
#include <set>

namespace foreshard {

struct ControlView {
    ControlView(const ControlState& log, const SuspectCore& suspected,
                const PendingAppends& underWay, const std::set<ShardId>& goingBack,
                const NodeTable& nodeTable, const EdgeTable& edgeTable)
        : state(log),
          assignment(log.assignment),
          checkpoints(log.checkpoints),
          letters(log.letters),
          suspects(suspected),
          pending(underWay),
          settingBack(goingBack),
          nodes(nodeTable),
          edge(edgeTable)
    {
    }

    const ControlState& state;
    const AssignmentState& assignment;
    const ManifestCore& checkpoints;
    const DeadLetterCore& letters;
    const SuspectCore& suspects;
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
    std::uint64_t fence(ShardId shard) const { return state.fence(shard); }
};

}  // namespace foreshard
