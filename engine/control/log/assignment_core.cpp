#include "engine/control/log/assignment_core.h"

namespace foreshard {
namespace {

Status checkOwner(const AssignmentState& state, const ShardAssignment& change)
{
    const auto it = state.shards.find(change.shard);
    if (it == state.shards.end()) {
        return Error{Errc::kNotFound,
                     nameOf(change.shard) + ": there is no such shard: look at `shards`"};
    }
    if (change.epoch <= it->second.epoch) {
        return Error{Errc::kStale, nameOf(change.shard) + " is at epoch "
                                       + std::to_string(it->second.epoch.value)
                                       + " already: somebody else has moved it: look again"};
    }
    if (change.node.value >= state.nodes) {
        return Error{Errc::kNotFound, nameOf(change.node)
                                          + ": there is no such node: give one of 0 to "
                                          + std::to_string(state.nodes - 1)};
    }
    return {};
}

}  // namespace

AssignmentEntry makeBootstrap(std::uint32_t nodes, std::uint32_t shards, RoutingMode routing,
                              IntervalPolicySetting policy)
{
    FS_CHECK(nodes > 0 && shards > 0 && shards <= kSlotCount);
    AssignmentEntry entry;
    entry.kind = AssignmentEntryKind::kBootstrap;
    entry.routing = routing;
    entry.policy = policy;
    entry.nodes = nodes;
    entry.actor = "start";
    entry.reason = "first start of this data directory";
    for (std::uint32_t i = 0; i < shards; ++i) {
        ShardAssignment shard;
        shard.shard = ShardId{i};
        shard.slots = {{i * kSlotCount / shards, (i + 1) * kSlotCount / shards}};
        shard.node = NodeId{i % nodes};
        shard.box = BoxId{i % nodes};
        shard.epoch = Epoch{1};
        entry.shards.push_back(shard);
    }
    return entry;
}

Status checkEntry(const AssignmentState& state, const AssignmentEntry& entry)
{
    if (entry.index != state.version + 1) {
        return Error{Errc::kStale, "assignment entry " + std::to_string(entry.index)
                                       + " does not follow version "
                                       + std::to_string(state.version)};
    }
    if (entry.kind == AssignmentEntryKind::kBootstrap && !state.shards.empty()) {
        return Error{Errc::kInvalid, "the shard map exists already"};
    }
    if (entry.kind == AssignmentEntryKind::kAssign) {
        for (const ShardAssignment& change : entry.shards)
            FS_TRY_STATUS(checkOwner(state, change));
    }
    if (entry.kind == AssignmentEntryKind::kInterval) {
        for (const ShardAssignment& change : entry.shards) {
            if (!state.shards.contains(change.shard)) {
                return Error{Errc::kNotFound,
                             nameOf(change.shard) + ": there is no such shard: look at `shards`"};
            }
        }
    }
    return {};
}

void applyEntry(AssignmentState& state, const AssignmentEntry& entry)
{
    FS_CHECK(checkEntry(state, entry).ok());
    state.version = entry.index;
    switch (entry.kind) {
        case AssignmentEntryKind::kBootstrap:
            state.routing = entry.routing;
            state.policy = entry.policy;
            state.nodes = entry.nodes;
            for (const ShardAssignment& shard : entry.shards)
                state.shards[shard.shard] = shard;
            break;
        case AssignmentEntryKind::kAssign:
            for (const ShardAssignment& change : entry.shards) {
                ShardAssignment& shard = state.shards[change.shard];
                shard.node = change.node;
                shard.box = change.box;
                shard.epoch = change.epoch;
            }
            break;
        case AssignmentEntryKind::kInterval:
            for (const ShardAssignment& change : entry.shards) {
                state.shards[change.shard].intervalOverrideMs = change.intervalOverrideMs;
            }
            break;
        case AssignmentEntryKind::kPolicy:
            state.policy = entry.policy;
            break;
        case AssignmentEntryKind::kMoveStarted:
        case AssignmentEntryKind::kMoveFinished:
            break;
    }
}

}  // namespace foreshard
