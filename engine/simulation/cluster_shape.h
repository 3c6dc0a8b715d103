#pragma once
// What a simulated cluster looks like, drawn from its seed: small numbers, so that every border
// (segments, windows, chains of deltas) is crossed within a few virtual seconds. Pure.
#include "engine/base/split_mix.h"
#include "engine/base/time.h"
#include "engine/model/assignment.h"
#include "engine/model/operator_spec.h"
#include "engine/model/output.h"

#include <cstdint>
#include <string>

namespace foreshard::sim {

struct ClusterShape {
    std::uint32_t nodes = 1;
    std::uint32_t shards = 1;
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    OperatorSpec operatorSpec;
    std::uint64_t records = 1000;
    double ratePerSecond = 0;  // 0: as fast as the boxes take it
    std::uint64_t segmentBytesMax = 0;
    std::uint64_t cacheBytesMax = 0;
    std::uint64_t backlogBytesMax = 0;
    std::uint64_t batchBytes = 0;
    std::uint64_t frameBytes = 0;
    std::uint64_t windowBytes = 0;
    std::uint64_t retainBytes = 0;  // 0: everything
    std::uint32_t keepCheckpoints = 0;
    std::uint64_t logSnapshotBytesMin = 1U << 20U;
    bool predictor = false;
    bool watched = false;  // a console is connected
    bool sink = false;     // in a process of its own
    SinkMode sinkMode = SinkMode::kCommitted;
    SinkFormat sinkFormat = SinkFormat::kJsonl;
    std::uint64_t outputBytesMax = 0;
    Nanos length{0};  // of the time with faults
};

// `length`: 0 for the usual one.
ClusterShape drawShape(SplitMix64& random, Nanos length);

// From a seed of its own, so that clusters with and without a sink are alike.
void drawSink(ClusterShape& shape, std::uint64_t seed);

// Likewise.
void drawKeep(ClusterShape& shape, std::uint64_t seed);

// Likewise: how soon the control log is replaced by a snapshot.
void drawLog(ClusterShape& shape, std::uint64_t seed);

// "nodes=4 shards=16 keyed ...", for people.
std::string describe(const ClusterShape& shape);

}  // namespace foreshard::sim
