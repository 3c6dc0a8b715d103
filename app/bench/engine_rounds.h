#pragma once
// One round of the real engine over a csv file of a BenchStream, from its start to its end, and the
// exact check of what it computed.
#include "app/bench/bench_stream.h"
#include "app/bench/meter.h"
#include "engine/base/result.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <string>

namespace foreshard {

struct EngineWork {
    const BenchStream* stream = nullptr;
    std::string csvPath;
    std::uint64_t passes = 1;
    std::string dataDirectory;  // fresh
};
struct EngineRound {
    Round round;              // items: records
    LatencySnapshot latency;  // edge to operator; of records the source had ready at once
    std::uint64_t checkpoints = 0;
    double checkpointOverhead = 0;  // share of node time
};

// The whole engine as `foreshard run` builds it: 4 nodes, 16 shards, `aggregate`, synced boxes, no
// predictor, until the end of the source. The round holds start, last checkpoints and all.
Result<EngineRound> pipelineRound(const EngineWork& work);

// The edge alone, until everything is durable in the buffer boxes; nobody subscribes. Timed between
// two of its ten reports a second, or as a whole when there were too few.
Result<EngineRound> ingestRound(const EngineWork& work);

}  // namespace foreshard
