#pragma once
// Load is offered work as a share of one node's capacity, in per mille, so that a replay never
// depends on floating point. 1000 = the work one node can just do.
#include "engine/base/ids.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

enum class LoadClass : std::uint8_t {
    kLow = 0,
    kMedium = 1,
    kHigh = 2
};
const char* loadClassName(LoadClass loadClass);  // "low", "medium", "high"

using PerMille = std::int32_t;

struct LoadForecast {
    ShardId shard;
    PerMille p10 = 0;
    PerMille p50 = 0;
    PerMille p90 = 0;
};

// One shard during one predictor tick (100 ms): what the predictor's features are made from.
struct ShardTick {
    ShardId shard;
    std::uint32_t records = 0;  // arrived in this tick
    std::uint32_t bytes = 0;
    std::uint32_t types[4] = {0, 0, 0, 0};  // records by cost bucket of their type (cheap..dear)
    std::uint32_t typeBytes[4] = {0, 0, 0, 0};
    PerMille actual = 0;       // work offered in this tick (known cost of what arrived)
    PerMille backlog = 0;      // known work still waiting in the buffer box
    PerMille topKeyShare = 0;  // share of the tick's records that have the most frequent key
    PerMille nodeCpu = 0;      // of the node that owns the shard
    PerMille nodeMemory = 0;
    PerMille nodeNetwork = 0;
};

// What the status says about who decides the loads.
struct PredictorStatus {
    std::string model;  // "shard_predictor 1" or "reactive"
    std::string gate;   // "model", "reactive (model loading)", "reactive (model benched: ...)", ...
    double maeRatio = 0;     // rolling error of the model over the reactive estimate's
    double coverageP90 = 0;  // share of ticks whose load stayed below p90
    double batchMs = 0;      // last answer's time
    std::uint64_t answered = 0;
    std::uint64_t missed = 0;
};

}  // namespace foreshard
