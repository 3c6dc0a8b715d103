#include "engine/simulation/checkers/ownership_checker.h"

#include <algorithm>
#include <string>

namespace foreshard::sim {

void OwnershipChecker::report(ShardId shard, const std::string& text)
{
    violations_.report("ownership", nameOf(shard) + " " + text, shard);
}

void OwnershipChecker::onApplied(const Applied& applied, std::uint32_t life,
                                 std::uint32_t incarnation)
{
    const Ownership ownership{applied.shard, applied.epoch};
    const std::string epoch = "epoch " + std::to_string(applied.epoch.value);
    const Owner now{applied.node, life, incarnation};
    const auto [it, first] = owners_.try_emplace(ownership, now);
    if (!first && !(it->second == now)) {
        const auto name = [](const Owner& owner) {
            return nameOf(owner.node) + " (life " + std::to_string(owner.life) + ", incarnation "
                   + std::to_string(owner.incarnation) + ")";
        };
        return report(applied.shard,
                      epoch + " was applied by " + name(it->second) + " and then by " + name(now));
    }
    FrameNo& last = applied_[ownership];
    if (applied.n < last && !left_.contains(ownership)) {
        report(applied.shard, "went back from frame " + std::to_string(last) + " to "
                                  + std::to_string(applied.n) + " within " + epoch);
    }
    last = std::max(last, applied.n);
}

void OwnershipChecker::onRoutes(const RouteTable& routes)
{
    if (routes.version < version_) {
        violations_.report("ownership", "the shard map went back from version "
                                            + std::to_string(version_) + " to "
                                            + std::to_string(routes.version));
    }
    version_ = routes.version;
    for (const ShardAssignment& shard : routes.shards) {
        const auto [it, first] = routes_.try_emplace(shard.shard, Route{shard.epoch, shard.node});
        const Route before = std::exchange(it->second, Route{shard.epoch, shard.node});
        const bool grown = before.epoch < shard.epoch;
        if (grown || (before.epoch == shard.epoch && before.node == shard.node)) continue;
        report(shard.shard, "went from node " + std::to_string(before.node.value) + " epoch "
                                + std::to_string(before.epoch.value) + " to node "
                                + std::to_string(shard.node.value) + " epoch "
                                + std::to_string(shard.epoch.value));
    }
}

void OwnershipChecker::onAssign(const Assign& assign)
{
    Epoch& newest = owned_[assign.shard];
    newest = std::max(newest, assign.epoch);
    CheckpointId& listed = listed_[assign.shard];
    for (const CheckpointInfo& info : assign.chain)
        listed = std::max(listed, info.id);
}

void OwnershipChecker::onCommitted(const CheckpointCommitted& committed)
{
    if (!committed.accepted) return onLeft(committed.shard, committed.epoch);
    CheckpointId& listed = listed_[committed.shard];
    if (committed.id <= listed) return;  // said again
    listed = committed.id;
    // Control tells nobody about a shard while a checkpoint of it is on its way into the manifest.
    const Epoch newest = owned_[committed.shard];
    if (committed.epoch >= newest) return;
    report(committed.shard, "got checkpoint " + std::to_string(committed.id.value) + " of epoch "
                                + std::to_string(committed.epoch.value) + " listed while epoch "
                                + std::to_string(newest.value) + " had an owner");
}

}  // namespace foreshard::sim
