#pragma once
// ControlCore is control without the world: messages, ticks and outcomes of appends in, effects
// out. It owns the parts, each of which decides one thing, and hands every event to the part whose
// it is:
//   OwnershipCore   who owns each shard, take-over and moves
//   CheckpointCore  which checkpoints are listed, read back, invalidated; truncation
//   RestoreCore     going back to an older checkpoint
//   CommandCore     what operators ask for
//   QuarantineCore  records on which the operator fails
//   LoadCore        loads, forecasts, intervals
//   EndCore         when the engine has ended
//   SinkMonitor, NodeTable, EdgeTable   what is known of them
//   SnapshotBuilder shows it
// Pure: no clock, thread, disk or socket; time and the state of the log arrive with each call.
#include "engine/base/time.h"
#include "engine/control/checkpoint_core.h"
#include "engine/control/command_core.h"
#include "engine/control/control_options.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/end_core.h"
#include "engine/control/load_core.h"
#include "engine/control/ownership_core.h"
#include "engine/control/quarantine_core.h"
#include "engine/control/restore_core.h"
#include "engine/control/sink_monitor.h"
#include "engine/control/snapshot_builder.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace foreshard {

class ControlCore {
public:
    // What is durable, and what is on its way there; it changes only between calls.
    struct Log {
        const ControlState& state;
        const SuspectCore& suspects;
        const PendingAppends& pending;
    };
    // What has become of an append.
    struct Outcome {
        Status status;
        LogIndex index = 0;         // of a change of the shard map
        CheckpointInfo checkpoint;  // that was listed
    };

    // `firstId`: of requests whose answers come back; unlike those of any control before.
    ControlCore(const ControlOptions& options, const NodeSupervisor& supervisor, Log log,
                std::uint64_t firstId);
    ControlCore(const ControlCore&) = delete;
    ControlCore& operator=(const ControlCore&) = delete;

    // Commits the first shard map of this start: until then nobody is told anything.
    void begin(Instant now, Effects& effects);
    void message(Instant now, const std::string& from, const Message& message, Effects& effects);
    // `ran`: for how long of the time since the last call control itself ran.
    void tick(Instant now, Nanos ran, const std::vector<NodePulse>& pulses, Effects& effects);
    void appended(Instant now, const Ticket& ticket, const Outcome& outcome, Effects& effects);
    void stop(Effects& effects);
    // A checkpoint's file is gone, though nothing has read it.
    void lost(ShardId shard, CheckpointId id, const std::string& text, Effects& effects);
    // See CheckpointCore: what may be reinstated at a start, when its files hold.
    std::vector<std::vector<CheckpointInfo>> repairable(ShardId shard) const
    {
        return checkpoints_.repairable(shard);
    }
    void repaired(const std::vector<CheckpointInfo>& chain, Effects& effects);
    // The engine is done or has failed: from here on it only answers.
    void noteOver() { life_.over = true; }

    bool ready() const { return life_.ready; }
    bool stopping() const { return life_.stopping; }
    bool firstLife() const { return firstLife_; }
    // Of the last tick: nothing is missing any more.
    EndCore::Step end() const { return end_; }
    const ControlView& view() const { return view_; }
    LoadTracker& loads() { return loads_.tracker(); }
    std::vector<std::string> watchers(Instant now) { return commands_.watchers(now); }
    SnapshotBuilder& snapshots() { return snapshots_; }

private:
    void nodeHeard(Instant now, const NodeReport& report, Effects& effects);
    void edgeHeard(Instant now, const EdgeReport& report, Effects& effects);
    void recovered(Instant now, const Recovered& recovered, Effects& effects);
    void watchNodes(Instant now, Nanos ran, const std::vector<NodePulse>& pulses, Effects& effects);
    void watchSink(Instant now, Effects& effects);
    void began(Instant now, const Status& status, Effects& effects);

    const ControlOptions& options_;
    const NodeSupervisor& supervisor_;
    CommandCore::Life life_;
    bool firstLife_;
    EndCore::Step end_ = EndCore::Step::kGoOn;
    std::set<ShardId> settingBack_;
    NodeTable nodes_;
    EdgeTable edge_;
    ControlView view_;
    LoadCore loads_;
    OwnershipCore ownership_;
    CheckpointCore checkpoints_;
    RestoreCore restores_;
    CommandCore commands_;
    QuarantineCore quarantine_;
    SinkMonitor sink_;
    EndCore ending_;
    SnapshotBuilder snapshots_;
};

}  // namespace foreshard
