#include "engine/control/load_core.h"

#include "engine/model/addresses.h"

namespace foreshard {

void LoadCore::edgeHeard(Instant now, const EdgeReport& report, Effects& effects)
{
    std::map<ShardId, NodeId> owners;
    for (const auto& [id, shard] : view_.assignment.shards)
        owners[id] = shard.node;
    effects.send(predictor_, tracker_.onEdgeReport(report, owners, now));
    tracker_.decide(view_.assignment, now);
    effects.add(NoteLoads{});
    for (const auto& [id, load] : tracker_.all()) {
        const NodeShardReport* entry = view_.reported(id);
        const std::uint32_t wanted = load.interval.ms;
        if (entry == nullptr || wanted == 0 || entry->intervalMs == wanted) continue;
        const ShardAssignment& owner = *view_.owner(id);
        effects.send(nodeAddress(owner.node), SetInterval{id, owner.epoch, wanted});
    }
}

}  // namespace foreshard
