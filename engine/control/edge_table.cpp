#include "engine/control/edge_table.h"

namespace foreshard {

bool EdgeTable::heard(const EdgeReport& report, Effects& effects)
{
    if (report.tick <= report_.tick) return false;
    // Why the edge ended is said with the failure.
    if (report.failure.empty()) sayNews(report, effects);
    report_ = report;
    for (const EdgeShardReport& entry : report.shards)
        shards_[entry.tick.shard] = entry;
    return true;
}

void EdgeTable::sayNews(const EdgeReport& report, Effects& effects) const
{
    const SourceSnapshot& before = report_.source;
    const SourceSnapshot& now = report.source;
    if (now.note != before.note) effects.say(EventSeverity::kWarning, "source", now.note);
    if (now.lastReject != before.lastReject) {
        effects.say(EventSeverity::kWarning, "source",
                    "rejected " + std::to_string(now.recordsRejected)
                        + " rows so far, the last one at " + now.lastReject);
    }
    if (now.problem.empty() == before.problem.empty()) return;
    if (!now.problem.empty()) return effects.say(EventSeverity::kError, "disk", now.problem);
    const bool wasRow = before.problem.starts_with("the row");
    effects.say(EventSeverity::kInfo, "disk",
                wasRow ? "the open row has ended: reading goes on"
                       : "there is room again: reading goes on");
}

const EdgeShardReport& EdgeTable::of(ShardId shard) const
{
    static const EdgeShardReport kNone;
    const auto it = shards_.find(shard);
    return it == shards_.end() ? kNone : it->second;
}

}  // namespace foreshard
