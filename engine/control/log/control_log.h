#pragma once
// The control log: the one ordered, durable list of everything that control knows and may not
// forget. Nobody acts on a change before it is in the log. Whatever stands behind this interface
// (one member on this disk now, several with a leader later), its users see the same.
#include "engine/base/result.h"
#include "engine/control/log/control_state.h"
#include "engine/model/control_entry.h"
#include "engine/model/snapshot.h"

#include <functional>

namespace foreshard {

class ControlLog {
public:
    // What a proposal has come to.
    struct Applied {
        LogIndex index = 0;       // of its entry; of the newest when it changes nothing
        LogIndex version = 0;     // of the shard map, with it
        CheckpointId checkpoint;  // the id that a CheckpointListed was given
    };
    using Done = std::function<void(const Result<Applied>&)>;

    virtual ~ControlLog() = default;
    // Judges `change` by everything proposed before it, gives it its place (index, term, time, id),
    // makes it durable, applies it to state() and calls `done`, in this order and in the order of
    // the proposals. Refused (see check()) without a trace. `expectVersion` != 0: kStale unless the
    // shard map is at that version (compare and set). A refusal is told only once all that it rests
    // on is durable, so whoever looks at state() then sees why.
    virtual void propose(ControlChange change, LogIndex expectVersion, Done done) = 0;
    // What is durable.
    virtual const ControlState& state() const = 0;
    // Called with every entry that is applied from now on, before the `done` of its proposal.
    virtual void watch(std::function<void(const ControlEntry&)> watcher) = 0;
    // Leader, term, members, and the last changes of the shard map.
    virtual RaftSnapshot view() const = 0;
};

}  // namespace foreshard
