#pragma once
// The timeline as a widget: gestures and keys over TimelineScene, drawn by TimelinePainter. Says
// what was chosen and when the person left the newest moment; decides nothing about the engine.
// Ctrl+wheel zooms at the pointer, wheel scrolls lanes, Shift+wheel and drag pan; W S zoom, A D
// pan, F fits, comma and dot step through a lane's checkpoints, Space pauses, L goes live.
#include "ui/theme/theme.h"
#include "ui/timeline/timeline_coordinates.h"
#include "ui/timeline/timeline_painter.h"
#include "ui/timeline/timeline_scene.h"

#include <QAbstractScrollArea>

#include <optional>

namespace foreshard::ui {

class TimelineWidget final : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TimelineWidget(const Theme& theme, QWidget* parent = nullptr);

    // Takes what is new; while live the newest moment stays in view.
    void observe(const SnapshotHistory& history, const ClusterSnapshot& snapshot);
    void setLive(bool live);
    bool live() const { return state_.live; }
    // What the snapshots are pictures of; shown with the next one observed.
    void setSight(EngineSight sight) { state_.sight = sight; }
    // The lane is highlighted and scrolled into view; the chosen checkpoint of another lane goes.
    void selectLane(std::optional<ShardId> shard);
    void selectCheckpoint(const CheckpointInfo& info);
    const CheckpointInfo* selected() const;
    void fit();

    const TimelineScene& scene() const { return scene_; }
    const TimelineCoordinates& time() const { return time_; }
    int laneHeight() const { return state_.laneHeight; }

Q_SIGNALS:
    void laneChosen(foreshard::ShardId shard);
    void checkpointChosen();  // selected() may be null
    void leftLive();          // a pan, a zoom or Space: the picture should stand still
    void liveWanted();

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    double stripX(QPointF at) const { return at.x() - timeline_size::kLabels; }
    const TimelineLane* laneAt(QPointF at) const;
    void choose(QPointF at);
    void zoom(double factor);  // at the cursor when it is inside, else at the middle
    void pan(double pixels);
    void stepLane(int lanes);
    void stepCheckpoint(int steps);
    bool pressKey(int key);
    void updateScrollBar();
    void showTip(const QPoint& at, const QPoint& globalAt);
    void describe();

    const Theme& theme_;
    TimelineScene scene_;
    TimelineCoordinates time_;
    TimelineState state_;
    QPointF pressedAt_;
    QPointF draggedFrom_;
    bool pressed_ = false;
    bool dragging_ = false;
    bool placed_ = false;  // a first span was chosen
    double describedMs_ = 0;
};

}  // namespace foreshard::ui
