#pragma once
// The assignment log: an ordered, durable list of changes to the shard map. Whatever stands behind
// it (one member on this disk now), nobody acts on a change before its commit.
#include "engine/base/result.h"
#include "engine/model/assignment.h"
#include "engine/model/snapshot.h"

#include <functional>
#include <vector>

namespace foreshard {

class AssignmentLog {
public:
    using Done = std::function<void(Result<LogIndex>)>;

    virtual ~AssignmentLog() = default;
    // Commits `entry` (its index, term and time are set here) and calls `done` with its index once
    // it is durable and applied to state(). `expectVersion` != 0: kStale unless state().version is
    // that (compare and set). Entries that cannot follow are refused without a trace.
    virtual void propose(AssignmentEntry entry, LogIndex expectVersion, Done done) = 0;
    virtual const AssignmentState& state() const = 0;
    virtual RaftSnapshot view() const = 0;
};

}  // namespace foreshard
