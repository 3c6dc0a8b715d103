#pragma once
// PendingAppends counts, by shard, the entries that are on their way into the control log and
// change what its owner is to be told: a listing, an invalidation or its end, a dead letter, an
// epoch. Whoever must not act on a state that is about to change waits until none is left. One
// count instead of one per kind: what is under way is settled in the order of the log, whatever it
// is. Pure.
#include "engine/base/check.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <map>

namespace foreshard {

class PendingAppends {
public:
    void begin(ShardId shard) { ++shards_[shard]; }
    void end(ShardId shard)
    {
        const auto it = shards_.find(shard);
        FS_CHECK(it != shards_.end());
        if (--it->second == 0) shards_.erase(it);
    }
    bool any(ShardId shard) const { return shards_.contains(shard); }

private:
    std::map<ShardId, std::uint32_t> shards_;
};

}  // namespace foreshard
