#pragma once
// How often one shard should checkpoint, and why, in words an operator reads. Pure.
#include "engine/base/time.h"
#include "engine/model/assignment.h"
#include "engine/model/load.h"

#include <cstdint>
#include <string>

namespace foreshard {

struct IntervalDecision {
    std::uint32_t ms = 1000;
    std::string reason;  // "high: predicted 81 % of its share"
    // False when the promised recovery time cannot be kept at any interval: ask for a re-shard.
    bool reachable = true;
};

struct IntervalInputs {
    std::uint32_t overrideMs = 0;  // set by an operator; 0: none
    LoadClass loadClass = LoadClass::kLow;
    PerMille predicted = 0;  // p50 of the shard, of a node's capacity
    PerMille share = 1000;   // of a node's capacity that is this shard's fair part
    // For the promise only.
    Nanos budget = 1300ms;         // the shard is to be back within this time
    Nanos checkpointCost = 5ms;    // measured CPU time of one checkpoint
    Nanos restoreTime = 350ms;     // measured time to detect and load
    Nanos queued = Nanos::zero();  // work waiting for the shard now
};

IntervalDecision decideInterval(const IntervalPolicySetting& policy, const IntervalInputs& inputs);

// The recovery-budget rule with its cost floor, shares in per mille of `share`. With load rho,
// checkpoint cost C, restore time R0, queue q and budget B it lets the work since the last
// checkpoint grow to W = max(W_C, W_B):
//   W_B = (B - R0)(1 - rho) - rho R0 - q          keeps the recovery within B
//   W_C = max(10 C, C rho / (0.7 (1 - rho)))      keeps checkpoints below 10 % of the work
// and W / rho is the interval, within 50 ms and 10 s.
IntervalDecision decidePromise(const IntervalInputs& inputs);

}  // namespace foreshard
