#pragma once
// What the timeline shows, as plain values: a lane per shard with its checkpoint bars, interval
// steps, moves and recoveries, and marks that concern every lane (a node lost, a new term). Fed
// from the console's history and bounded; it has no widget, clock or colour. Times are wall
// milliseconds.
#include "engine/model/snapshot.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/timeline/timeline_coordinates.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard::ui {

// The class whose interval was in force: 100 ms is high, 500 ms medium, 1000 ms low (the `classes`
// policy); other policies are mapped to the nearest of the three.
LoadClass classOfInterval(std::uint32_t intervalMs);

inline double barStartMs(const CheckpointInfo& bar) { return static_cast<double>(bar.wallMs); }
inline double barSnapshotEndMs(const CheckpointInfo& bar)
{
    return barStartMs(bar) + static_cast<double>(bar.snapshotMicros) / 1000.0;
}
inline double barEndMs(const CheckpointInfo& bar)
{
    return barSnapshotEndMs(bar) + static_cast<double>(bar.storeMicros) / 1000.0;
}

struct IntervalStep {
    double timeMs = 0;
    std::uint32_t intervalMs = 0;
};

struct TimelineLane {
    ShardId shard;
    NodeId node;
    LoadClass loadClass = LoadClass::kLow;
    ShardState state = ShardState::kUnowned;
    std::uint32_t intervalMs = 0;              // in force now
    std::vector<CheckpointInfo> bars;          // by time
    std::vector<IntervalStep> steps;           // by time; only changes
    std::vector<MoveSnapshot> moves;           // by start; a plan appears once, in its newest phase
    std::vector<RecoverySnapshot> recoveries;  // by seq; wallMs is when the shard was live again
    double longestBarMs = 0;  // bound for the hit test and the left edge of the view
};

enum class TimelineMarkKind : std::uint8_t {
    kNodeLost,
    kTermChange
};
struct TimelineMark {
    TimelineMarkKind kind = TimelineMarkKind::kNodeLost;
    double timeMs = 0;
    std::uint64_t number = 0;  // the node, or the new term
};

// What is drawn for one or more bars that fall on the same pixel.
struct TimelineBox {
    double x0 = 0;
    double xMid = 0;  // end of the snapshot phase; x0 when the box stands for several bars
    double x1 = 0;
    LoadClass loadClass = LoadClass::kLow;  // the highest of those it stands for
    bool full = false;                      // one of them is full
    std::uint32_t bars = 0;
    CheckpointId first;
};

class TimelineScene {
public:
    static constexpr std::size_t kBarsMax = 50'000;
    static constexpr std::size_t kStepsPerLaneMax = 2'000;
    static constexpr std::size_t kMarksMax = 500;
    static constexpr std::size_t kMovesPerLaneMax = 200;

    // Takes what is new in `history` since the last call, and the present state from `snapshot`. A
    // history that was cleared (another engine) clears the scene.
    void observe(const SnapshotHistory& history, const ClusterSnapshot& snapshot);
    // One checkpoint; repeated and older ids are ignored.
    void addCheckpoint(const CheckpointInfo& info);

    const std::vector<TimelineLane>& lanes() const { return lanes_; }  // by shard id
    const std::vector<TimelineMark>& marks() const { return marks_; }  // by time
    std::size_t barCount() const { return barCount_; }
    bool empty() const { return lanes_.empty(); }
    double firstMs() const { return firstMs_; }  // 0 when nothing was seen
    double lastMs() const { return lastMs_; }
    // Position in lanes(), or nothing.
    std::optional<std::size_t> laneOf(ShardId shard) const;

private:
    TimelineLane& lane(ShardId shard);
    void observeShards(const SnapshotHistory& history, const ClusterSnapshot& snapshot);
    void observeNodes(const SnapshotHistory& history, const ClusterSnapshot& snapshot);
    void observeLog(const SnapshotHistory& history);
    void observeMoves(const SnapshotHistory& history);
    void addMark(TimelineMark mark);
    void addIntervalStep(TimelineLane& own, double timeMs, std::uint32_t intervalMs);
    void dropOldest();
    void touch(double timeMs);

    std::vector<TimelineLane> lanes_;
    std::vector<TimelineMark> marks_;
    std::map<NodeId, NodeState> nodes_;
    std::uint64_t generation_ = 0;
    std::uint64_t term_ = 0;
    LogIndex logIndex_ = 0;
    std::uint64_t recoverySeq_ = 0;
    CheckpointId newest_;
    WallMillis samplesUntilMs_ = 0;
    std::size_t barCount_ = 0;
    double firstMs_ = 0;
    double lastMs_ = 0;
};

// Level of detail: bars wider than two pixels are drawn as they are, all others are merged so that
// one lane never gives more than one narrow box per pixel. Appends to `boxes`.
void visibleBoxes(const TimelineLane& lane, const TimelineCoordinates& time,
                  std::vector<TimelineBox>& boxes);

// The bar nearest to `x` and at most `reachPixels` away; null when there is none.
const CheckpointInfo* barAt(const TimelineLane& lane, const TimelineCoordinates& time, double x,
                            double reachPixels);
// The bar `steps` after (before, when negative) the one named; the ends hold.
const CheckpointInfo* neighbour(const TimelineLane& lane, CheckpointId from, int steps);

}  // namespace foreshard::ui
