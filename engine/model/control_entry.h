#pragma once
// What the control log holds: one change of what control knows per entry, and the head of a
// snapshot that stands for all entries before it. Values only; what they do is in
// engine/control/log/control_state.h.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/dead_letter.h"

#include <cstdint>
#include <variant>
#include <vector>

namespace foreshard {

// A stored checkpoint exists from here on. Its id is given when it is appended.
struct CheckpointListed {
    CheckpointInfo info;
};
// What listed checkpoints have turned out to be. An invalidation takes what is built on them along.
struct CheckpointsJudged {
    ShardId shard;
    std::vector<CheckpointId> ids;
    CheckpointState state = CheckpointState::kVerified;
};
// The invalidations of a whole chain are taken back: its files were repaired and read.
struct CheckpointsReinstated {
    ShardId shard;
    std::vector<CheckpointId> chain;
};
// The truncation fence of the shard grows by one: a Truncate from before frees nothing any more.
struct FenceRaised {
    ShardId shard;
};

using ControlChange = std::variant<AssignmentEntry, CheckpointListed, CheckpointsJudged,
                                   CheckpointsReinstated, DeadLetter, FenceRaised>;

struct ControlEntry {
    LogIndex index = 0;  // of the control log: 1, 2, 3... over all kinds of changes
    std::uint64_t term = 1;
    WallMillis wallMs = 0;
    ControlChange change;
};

struct ShardFence {
    ShardId shard;
    std::uint64_t fence = 0;
};

// Everything up to and including entry `index`, but for what may be large: that follows in `parts`
// records of its own (control/log/FORMAT.md).
struct ControlSnapshot {
    LogIndex index = 0;
    std::uint64_t term = 1;
    WallMillis wallMs = 0;
    LogIndex version = 0;  // of the shard map, which the next four make
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    std::uint32_t nodes = 0;
    std::vector<ShardAssignment> shards;
    std::vector<ShardFence> fences;
    CheckpointId lastCheckpoint;
    std::uint32_t keepMin = 2;
    std::uint32_t parts = 0;
};

}  // namespace foreshard
