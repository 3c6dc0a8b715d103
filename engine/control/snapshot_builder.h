#pragma once
// SnapshotBuilder shows the cluster as plain values: the state in force, the recent past (bounded:
// events, moves, recoveries, checkpoints) and the figures of the run. It decides nothing. Pure: the
// time of day arrives with what is noted.
#include "engine/base/time.h"
#include "engine/control/checkpoint_core.h"
#include "engine/control/control_options.h"
#include "engine/control/control_view.h"
#include "engine/control/history_rings.h"
#include "engine/control/load_tracker.h"
#include "engine/control/ownership_core.h"
#include "engine/control/run_figures.h"
#include "engine/control/sink_monitor.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <string>

namespace foreshard {

class SnapshotBuilder {
public:
    struct Parts {
        const OwnershipCore& ownership;
        const CheckpointCore& checkpoints;
        const LoadTracker& loads;
        const SinkMonitor& sink;
    };
    // What only the engine as a whole knows.
    struct Engine {
        EngineState state = EngineState::kStarting;
        std::string failure;
        double uptimeSeconds = 0;
        std::uint64_t refusedMessages = 0;
        bool firstLife = false;  // no engine ran on this directory before
    };

    SnapshotBuilder(const ControlView& view, Parts parts, const ControlOptions& options)
        : view_(view), parts_(parts), options_(options)
    {
    }

    // Each returns what was noted, with its time and number.
    const EventSnapshot& note(const Say& event, WallMillis now);
    const MoveSnapshot& note(const MoveSnapshot& move, WallMillis now);
    const RecoverySnapshot& note(const RecoverySnapshot& recovery, WallMillis now);
    void note(const CheckpointInfo& checkpoint) { rings_.checkpoints.push(checkpoint); }
    void heard(const NodeReport& report);
    void heard(const Recovered& recovered);
    // To be called some times a second, also when nobody looks.
    void sample(Instant now);

    ClusterSnapshot build(Instant now, WallMillis wallMs, const Engine& engine, RaftSnapshot raft);

private:
    ShardSnapshot shard(const ShardAssignment& owner, WallMillis wallMs) const;
    void addNodes(ClusterSnapshot& snapshot, Instant now) const;
    void addTotals(ClusterSnapshot& snapshot, bool firstLife) const;
    SinkSnapshot sink() const;
    void refreshStates();

    const ControlView& view_;
    Parts parts_;
    const ControlOptions& options_;
    HistoryRings rings_;
    RunFigures figures_;
    std::uint64_t seq_ = 0;
};

}  // namespace foreshard
