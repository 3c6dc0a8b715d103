#include "engine/simulation/checkers/replacement_checker.h"

#include <algorithm>
#include <string>

namespace foreshard::sim {

void ReplacementChecker::beginLife()
{
    heard_.clear();
    floor_.clear();
    owed_.clear();
}

void ReplacementChecker::replaced()
{
    floor_ = heard_;
    owed_ = epochs_;
}

void ReplacementChecker::heard(ShardId shard, std::uint64_t fence)
{
    std::uint64_t& known = heard_[shard];
    known = std::max(known, fence);
}

void ReplacementChecker::onTruncate(const Truncate& truncate)
{
    heard(truncate.shard, truncate.fence);
    const auto floor = floor_.find(truncate.shard);
    if (floor == floor_.end() || truncate.fence >= floor->second) return;
    violations_.report("truncation",
                       nameOf(truncate.shard) + " is cut under truncation fence "
                           + std::to_string(truncate.fence) + " by the control of now, but the one "
                           + "before had told the edge of " + std::to_string(floor->second)
                           + ": the edge ignores it, and the box grows for ever",
                       truncate.shard);
}

void ReplacementChecker::onRoutes(const RouteTable& routes)
{
    for (const ShardAssignment& shard : routes.shards) {
        Epoch& epoch = epochs_[shard.shard];
        epoch = std::max(epoch, shard.epoch);
    }
}

void ReplacementChecker::onNodeReport(const NodeReport& report)
{
    for (const NodeShardReport& entry : report.shards) {
        const auto owed = owed_.find(entry.shard);
        if (owed != owed_.end() && entry.epoch > owed->second) owed_.erase(owed);
    }
}

void ReplacementChecker::checkEnd()
{
    if (owed_.empty()) return;
    const auto& [shard, epoch] = *owed_.begin();
    violations_.report("ownership",
                       nameOf(shard) + " has had no owner above epoch "
                           + std::to_string(epoch.value) + " since control was replaced",
                       shard);
}

}  // namespace foreshard::sim
