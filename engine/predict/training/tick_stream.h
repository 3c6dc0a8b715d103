#pragma once
// A stream as the predictor meets it: what every shard did in each 100 ms tick, in order.
#include "engine/model/load.h"

#include <string>
#include <vector>

namespace foreshard {

struct TickStream {
    std::string name;                           // for reports: "synth:mixed?rate=2500"
    std::vector<std::vector<ShardTick>> ticks;  // by tick; each one has all shards, by id
};

}  // namespace foreshard
