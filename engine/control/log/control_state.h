#pragma once
// ControlState is everything that control knows and may not forget: several state machines over one
// log, so that a rule may look at more than one of them (a checkpoint is listed only for the
// present owner of its shard). Pure and deterministic: every reader of the log comes to the same.
#include "engine/base/result.h"
#include "engine/checkpoint/manifest_core.h"
#include "engine/control/log/dead_letter_core.h"
#include "engine/model/control_entry.h"

#include <cstdint>
#include <map>

namespace foreshard {

struct ControlState {
    LogIndex index = 0;          // of the last applied entry
    AssignmentState assignment;  // its version counts changes of the shard map only
    ManifestCore checkpoints;
    DeadLetterCore letters;
    // Truncation fence of each shard: grows with FenceRaised and with every invalidation.
    std::map<ShardId, std::uint64_t> fences;

    std::uint64_t fence(ShardId shard) const
    {
        const auto found = fences.find(shard);
        return found == fences.end() ? 0 : found->second;
    }
};

// May `change` follow? kStale: its time is over (an owner that is gone, a checkpoint that a newer
// one has overtaken); kNotFound, kInvalid: it names what is not there or makes no sense;
// kUnavailable: there is no room for another dead letter.
Status check(const ControlState& state, const ControlChange& change);

// Is everything that `change` asks for so already? REQUIRES: check(state, change).ok().
bool changesNothing(const ControlState& state, const ControlChange& change);

// What a snapshot begins with, and back; checkpoints and letters follow it as parts of their own.
ControlSnapshot headOf(const ControlState& state);
void takeHead(ControlState& state, const ControlSnapshot& head);

// REQUIRES: entry.index follows, and check(state, entry.change).ok().
void apply(ControlState& state, const ControlEntry& entry);

}  // namespace foreshard
