#pragma once
// FenceGate keeps the newest truncation fence of each shard. Behind a shard that was set back to an
// older checkpoint, frames are needed again; a word from before that, which would free or retain
// other frames, carries a lower fence and does not pass. Pure.
#include "engine/base/ids.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace foreshard {

class FenceGate {
public:
    enum class Retaining : std::uint8_t {
        kLate,  // from before the newest: not even answered
        kDone,  // the frames are retained since the first time: answer again
        kNew,   // look whether they are there
    };

    Retaining judgeRetain(ShardId shard, std::uint64_t fence) const
    {
        if (fence < newestOf(shard)) return Retaining::kLate;
        // That nothing older passes says nothing of the frames: a subscription raises the fence,
        // too.
        const auto retained = retainedAt_.find(shard);
        const bool done = retained != retainedAt_.end() && retained->second == fence;
        return done ? Retaining::kDone : Retaining::kNew;
    }
    // Was the Truncate sent by somebody who knows of the newest setting back?
    bool letsTruncate(ShardId shard, std::uint64_t fence) const { return fence >= newestOf(shard); }
    // Nothing with a lower fence passes from now on.
    void raise(ShardId shard, std::uint64_t fence)
    {
        std::uint64_t& newest = newest_[shard];
        newest = std::max(newest, fence);
    }

    // The frames that were asked for with this fence are retained.
    void noteRetained(ShardId shard, std::uint64_t fence)
    {
        raise(shard, fence);
        retainedAt_[shard] = fence;
    }

private:
    std::uint64_t newestOf(ShardId shard) const
    {
        const auto it = newest_.find(shard);
        return it == newest_.end() ? 0 : it->second;
    }

    std::map<ShardId, std::uint64_t> newest_;
    std::map<ShardId, std::uint64_t> retainedAt_;
};

}  // namespace foreshard
