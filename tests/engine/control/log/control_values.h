#pragma once
// Changes of the control log as its tests write them.
#include "engine/base/check.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/control_state.h"
#include "engine/model/control_entry.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::test {

// Shards 0 to `shards` - 1 over two nodes, all at epoch 1.
inline AssignmentEntry bootstrap(std::uint32_t shards = 4)
{
    return makeBootstrap(2, shards, RoutingMode::kKeyed, {});
}

inline AssignmentEntry ownership(std::uint32_t shard, std::uint32_t node, std::uint64_t epoch)
{
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kAssign;
    ShardAssignment change;
    change.shard = ShardId{shard};
    change.node = NodeId{node};
    change.box = BoxId{node};
    change.epoch = Epoch{epoch};
    entry.shards = {change};
    return entry;
}

// A full checkpoint of `shard` at frame n, written by its first owner.
inline CheckpointListed listing(std::uint32_t shard, FrameNo n, std::uint64_t epoch = 1)
{
    CheckpointListed listed;
    listed.info.shard = ShardId{shard};
    listed.info.node = NodeId{shard % 2};
    listed.info.epoch = Epoch{epoch};
    listed.info.n = n;
    listed.info.reason = "interval";
    listed.info.file = "checkpoint/" + std::to_string(shard % 2) + "/000000000001.seg";
    listed.info.position = n * 100;
    return listed;
}

inline CheckpointListed delta(std::uint32_t shard, FrameNo n, CheckpointId base)
{
    CheckpointListed listed = listing(shard, n);
    listed.info.kind = CheckpointKind::kDelta;
    listed.info.base = base;
    return listed;
}

inline CheckpointsJudged judged(std::uint32_t shard, CheckpointId id, CheckpointState state)
{
    return {ShardId{shard}, {id}, state};
}

inline DeadLetter letterAt(Offset offset, const Bytes& raw = "raw\n")
{
    DeadLetter letter;
    letter.place = {ShardId{1}, offset / 10 + 1, 0, offset};
    letter.key = "k";
    letter.raw = raw;
    return letter;
}

inline std::vector<std::uint64_t> idsOf(const std::vector<CheckpointInfo>& list)
{
    std::vector<std::uint64_t> ids;
    for (const CheckpointInfo& info : list)
        ids.push_back(info.id.value);
    return ids;
}

}  // namespace foreshard::test
