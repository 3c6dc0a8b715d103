#pragma once
// Draws a timeline: a ruler, a lane per shard, the marks across all lanes. Knows colours and
// geometry, nothing of events or widgets; the cost grows with pixels, not with checkpoints.
#include "engine/model/engine_sight.h"
#include "ui/theme/theme.h"
#include "ui/timeline/timeline_coordinates.h"
#include "ui/timeline/timeline_scene.h"

#include <QFont>
#include <QRectF>
#include <QSize>

#include <optional>
#include <vector>

class QPainter;

namespace foreshard::ui {

namespace timeline_size {
inline constexpr int kLabels = 192;
inline constexpr int kRuler = 44;
inline constexpr int kLaneMin = 28;
inline constexpr int kLaneMax = 44;
}  // namespace timeline_size

// What the widget knows besides scene and time.
struct TimelineState {
    QSize size;  // of the whole viewport
    int laneHeight = timeline_size::kLaneMin;
    int scrollY = 0;  // pixels of lanes above the ruler's lower edge
    std::optional<ShardId> lane;
    CheckpointId selected;
    std::optional<double> cursorX;  // from the left edge of the strip
    bool live = true;
    EngineSight sight = EngineSight::kLive;
    bool focused = false;
};

class TimelinePainter {
public:
    TimelinePainter(const Theme& theme, const TimelineScene& scene, const TimelineCoordinates& time,
                    const TimelineState& state);

    void paint(QPainter& painter);

private:
    QRectF strip() const;  // right of the labels, below the ruler
    double laneTop(std::size_t lane) const;
    void paintLanes(QPainter& painter);
    void paintLabel(QPainter& painter, const TimelineLane& lane, const QRectF& box);
    void paintSteps(QPainter& painter, const TimelineLane& lane, const QRectF& box);
    void paintBars(QPainter& painter, const TimelineLane& lane, const QRectF& box);
    void paintRecoveries(QPainter& painter, const TimelineLane& lane, const QRectF& box);
    void paintMoves(QPainter& painter, const TimelineLane& lane, const QRectF& box);
    void paintGrid(QPainter& painter);
    void paintMarks(QPainter& painter);
    void paintRuler(QPainter& painter);
    void paintCursor(QPainter& painter);

    const Tokens& tokens_;
    const TimelineScene& scene_;
    const TimelineCoordinates& time_;
    const TimelineState& state_;
    QFont labelFont_;
    QFont monoFont_;
    std::vector<TimelineBox> boxes_;  // kept between lanes to save allocations
};

}  // namespace foreshard::ui
