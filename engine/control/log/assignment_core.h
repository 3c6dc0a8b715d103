#pragma once
// The state machine of the shard map: applies committed changes. Pure and deterministic, so every
// member of the log arrives at the same map.
#include "engine/base/result.h"
#include "engine/model/assignment.h"

namespace foreshard {

// The first state of a data directory: `shards` shards with equal slot ranges, spread over `nodes`.
AssignmentEntry makeBootstrap(std::uint32_t nodes, std::uint32_t shards, RoutingMode routing,
                              IntervalPolicySetting policy);

// kStale or kInvalid (and `state` unchanged) when the entry cannot follow: an epoch that does not
// grow, an unknown shard or node, an index that is not the next one.
Status checkEntry(const AssignmentState& state, const AssignmentEntry& entry);
// REQUIRES: checkEntry(state, entry).ok().
void applyEntry(AssignmentState& state, const AssignmentEntry& entry);

}  // namespace foreshard
