#pragma once
// What a move would do, from one snapshot: the forecast shown while a card hovers over a node.
// Pure.
#include "engine/model/snapshot.h"

#include <QString>

#include <cstdint>
#include <vector>

namespace foreshard::ui {

struct NodeChange {
    NodeId node;
    PerMille before = 0;  // predicted load, as a share of one node
    PerMille after = 0;
};

struct MovePlan {
    std::vector<ShardId> shards;  // those that would really move
    NodeId to;
    std::vector<NodeChange> changes;  // sources by id, the target last
    std::uint64_t replayRecords = 0;  // behind the newest checkpoints: what the target replays
    QString obstacle;                 // why it cannot be, in words; empty: it can

    bool possible() const { return obstacle.isEmpty(); }
    const NodeChange* changeOf(NodeId node) const;
};

// Shards already on `to` are left out; unknown ones too.
MovePlan planMove(const ClusterSnapshot& snapshot, const std::vector<ShardId>& shards, NodeId to);

// "17 -> node 2: node 0 62 -> 48 %, node 2 31 -> 45 %, replays 8 120 records", with real arrows.
QString movePlanText(const MovePlan& plan);

}  // namespace foreshard::ui
