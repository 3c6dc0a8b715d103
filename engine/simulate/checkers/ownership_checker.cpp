#include "engine/simulate/checkers/ownership_checker.h"

#include <string>

namespace foreshard::sim {

void OwnershipChecker::onApplied(const Applied& applied, std::uint32_t life,
                                 std::uint32_t incarnation)
{
    const Owner now{applied.node, life, incarnation};
    const auto [it, first] = owners_.try_emplace({applied.shard, applied.epoch}, now);
    if (first || it->second == now) return;
    const auto name = [](const Owner& owner) {
        return "node " + std::to_string(owner.node.value) + " (life " + std::to_string(owner.life)
               + ", incarnation " + std::to_string(owner.incarnation) + ")";
    };
    violations_.report("ownership", "shard " + std::to_string(applied.shard.value) + " epoch "
                                        + std::to_string(applied.epoch.value) + " was applied by "
                                        + name(it->second) + " and then by " + name(now));
}

}  // namespace foreshard::sim
