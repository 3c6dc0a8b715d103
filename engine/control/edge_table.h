#pragma once
// EdgeTable is what the edge last said of itself and of every shard, and says to people what of it
// is news. Pure.
#include "engine/control/effects.h"
#include "engine/model/message.h"

#include <map>

namespace foreshard {

class EdgeTable {
public:
    // False for a report that came twice or late: nothing of it is taken.
    bool heard(const EdgeReport& report, Effects& effects);

    const EdgeReport& report() const { return report_; }
    // Empty before the edge has said anything of the shard.
    const EdgeShardReport& of(ShardId shard) const;

private:
    void sayNews(const EdgeReport& report, Effects& effects) const;

    EdgeReport report_;
    std::map<ShardId, EdgeShardReport> shards_;
};

}  // namespace foreshard
