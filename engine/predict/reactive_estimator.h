#pragma once
// The estimate that needs no model: the mean of the last five ticks, with p10 and p90 from its own
// recent errors. It decides until the model answers, whenever the model fails, and is the yardstick
// the model must beat. Pure.
#include "engine/base/ids.h"
#include "engine/model/load.h"

#include <cstdint>
#include <deque>
#include <map>

namespace foreshard {

class ReactiveEstimator {
public:
    // Adds the newest tick (100 ms) of its shard.
    void push(const ShardTick& tick);
    // Mean load expected over the next second; all zero for an unknown shard.
    LoadForecast estimate(ShardId shard) const;
    void forget(ShardId shard) { shards_.erase(shard); }

private:
    struct History {
        std::deque<PerMille> loads;      // newest last
        std::deque<PerMille> estimates;  // made but not yet scored, oldest first
        std::deque<PerMille> errors;     // actual minus estimate, newest last
    };
    std::map<ShardId, History> shards_;
};

}  // namespace foreshard
