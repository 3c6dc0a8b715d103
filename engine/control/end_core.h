#pragma once
// EndCore decides when an engine that is to end has ended (every record applied, every shard
// checkpointed there, every output with the sink), asks for what is missing, and gives up when
// nothing gets any further. Pure: effects say what is to be done; see effects.h.
#include "engine/base/time.h"
#include "engine/control/checkpoint_core.h"
#include "engine/control/control_view.h"
#include "engine/control/drain_watch.h"
#include "engine/control/effects.h"
#include "engine/control/ownership_core.h"
#include "engine/control/restore_core.h"
#include "engine/control/sink_monitor.h"

#include <string>
#include <vector>

namespace foreshard {

class EndCore {
public:
    enum class Step : std::uint8_t {
        kGoOn,     // it is not to end yet
        kDrains,   // the source has ended; not everything is applied and saved
        kSettled,  // nothing is missing
    };
    struct Parts {
        const OwnershipCore& ownership;
        const RestoreCore& restores;
        const CheckpointCore& checkpoints;
        SinkMonitor& sink;
    };

    // `untilEnd`: the end of the source is the end of the engine. `recordPatience`: how long the
    // operator may take for one record.
    EndCore(const ControlView& view, Parts parts, bool untilEnd, Nanos recordPatience)
        : view_(view), parts_(parts), untilEnd_(untilEnd), drain_(recordPatience)
    {
    }

    Step check(Instant now, bool stopping, Effects& effects);
    // While stopping. `ran`: for how long of the time since the last call control itself ran.
    void watch(Nanos ran, const std::vector<NodePulse>& pulses, Effects& effects);

private:
    // Stopping while the sink is away or its disk full: what it has not taken stays in the
    // checkpoints.
    bool leavesOutputsBehind(bool stopping) const;
    bool outputsBlock() const;
    // Every output is confirmed, and the sink has told of itself since. REQUIRES: every shard is
    // reported.
    bool outputsSettled(Instant now, bool stopping, Effects& effects);
    bool applied(bool blocked) const;
    bool saved() const;
    std::string notSaved() const;

    const ControlView& view_;
    Parts parts_;
    bool untilEnd_;
    DrainWatch drain_;
};

}  // namespace foreshard
