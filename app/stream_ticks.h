#pragma once
// The engine's own synthetic streams (synth:NAME) as the ticks its predictor is asked with, made
// without running the engine: the same records, shards, declared costs and cost buckets, on a
// virtual clock whose ticks come a little late and whose reader sometimes waits, as on a busy
// machine. What only a running cluster knows (the nodes' state, half of the backlogs) is drawn at
// random, so that a model learns not to lean on it.
#include "engine/base/result.h"
#include "engine/predict/training/tick_stream.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct StreamTicksOptions {
    std::string source = "synth:mixed";  // seed, rate and keys are its parameters
    std::uint32_t shards = 16;
    double workScale = 1;           // of the `work` operator
    std::uint64_t firstRecord = 0;  // so that streams begin at different points of their cycle
    std::uint32_t ticks = 3000;     // at most
    std::uint64_t recordsMax = UINT64_MAX;
    std::uint64_t seed = 1;  // of lateness, backlog and the nodes' state
};

// Pure. kInvalid when `source` is no synthetic stream.
Result<TickStream> streamTicks(const StreamTicksOptions& options);

// What the shipped model is fitted on beside TickGenerator: every kind of stream at 500 to 20 000
// records/s, with half a node's to three nodes' work over 4 to 32 shards. Takes some seconds.
Result<std::vector<TickStream>> trainingStreams(std::uint64_t seed);
// Every kind again, with seeds, rates and starting points that no training stream has. The shape of
// the bursts is the same in all: it is the stream's own.
Result<std::vector<TickStream>> heldOutStreams();

}  // namespace foreshard
