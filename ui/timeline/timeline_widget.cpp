#include "ui/timeline/timeline_widget.h"

#include "ui/theme/formatting.h"

#include <QApplication>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <QWheelEvent>

#include <cmath>

namespace foreshard::ui {

namespace {

constexpr double kFirstSpanMs = 60'000;
constexpr double kZoomStep = 1.25;
constexpr double kPanShare = 0.15;  // of the strip, for one key press
constexpr double kReachPixels = 6;
constexpr double kDescribeEveryMs = 1'000;

bool isOwnKey(int key)
{
    switch (key) {
        case Qt::Key_W:
        case Qt::Key_S:
        case Qt::Key_A:
        case Qt::Key_D:
        case Qt::Key_F:
        case Qt::Key_L:
        case Qt::Key_Space:
        case Qt::Key_Comma:
        case Qt::Key_Period:
            return true;
        default:
            return false;
    }
}

}  // namespace

TimelineWidget::TimelineWidget(const Theme& theme, QWidget* parent)
    : QAbstractScrollArea(parent), theme_(theme)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Checkpoint timeline"));
    connect(&theme_, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
    time_.show(0, kFirstSpanMs);
}

void TimelineWidget::observe(const SnapshotHistory& history, const ClusterSnapshot& snapshot)
{
    scene_.observe(history, snapshot);
    time_.setBounds(scene_.firstMs(), scene_.lastMs());
    if (!placed_ && !scene_.empty()) {
        placed_ = true;
        time_.show(scene_.lastMs() - kFirstSpanMs, scene_.lastMs());
    }
    if (state_.live) time_.follow(scene_.lastMs());
    updateScrollBar();
    if (std::abs(scene_.lastMs() - describedMs_) >= kDescribeEveryMs) describe();
    viewport()->update();
}

void TimelineWidget::describe()
{
    describedMs_ = scene_.lastMs();
    setAccessibleDescription(
        tr("%1 shards, %2 checkpoints from %3 to %4 UTC. Show as table lists them.")
            .arg(scene_.lanes().size())
            .arg(scene_.barCount())
            .arg(formatTime(static_cast<WallMillis>(scene_.firstMs())),
                 formatTime(static_cast<WallMillis>(scene_.lastMs()))));
}

void TimelineWidget::setLive(bool live)
{
    state_.live = live;
    if (live) time_.follow(scene_.lastMs());
    viewport()->update();
}

void TimelineWidget::selectLane(std::optional<ShardId> shard)
{
    if (state_.lane == shard) return;
    state_.lane = shard;
    state_.selected = {};
    if (shard) {
        if (const auto row = scene_.laneOf(*shard)) {
            const int top = static_cast<int>(*row) * state_.laneHeight;
            const int page = viewport()->height() - timeline_size::kRuler;
            const int value = verticalScrollBar()->value();
            if (top < value) verticalScrollBar()->setValue(top);
            if (top + state_.laneHeight > value + page)
                verticalScrollBar()->setValue(top + state_.laneHeight - page);
        }
    }
    viewport()->update();
    Q_EMIT checkpointChosen();
}

void TimelineWidget::selectCheckpoint(const CheckpointInfo& info)
{
    selectLane(info.shard);
    state_.selected = info.id;
    if (barStartMs(info) < time_.startMs() || barEndMs(info) > time_.endMs())
        time_.centerOn(barStartMs(info));
    viewport()->update();
    Q_EMIT checkpointChosen();
}

const CheckpointInfo* TimelineWidget::selected() const
{
    if (!state_.lane || state_.selected.value == 0) return nullptr;
    const auto row = scene_.laneOf(*state_.lane);
    if (!row) return nullptr;
    const CheckpointInfo* info = neighbour(scene_.lanes()[*row], state_.selected, 0);
    return info != nullptr && info->id == state_.selected ? info : nullptr;
}

void TimelineWidget::fit()
{
    if (scene_.empty()) return;
    time_.fit();
    viewport()->update();
}

void TimelineWidget::updateScrollBar()
{
    const int page = std::max(1, viewport()->height() - timeline_size::kRuler);
    const int lanes = std::max(1, static_cast<int>(scene_.lanes().size()));
    state_.laneHeight = std::clamp(page / lanes, timeline_size::kLaneMin, timeline_size::kLaneMax);
    const int all = lanes * state_.laneHeight;
    verticalScrollBar()->setRange(0, std::max(0, all - page));
    verticalScrollBar()->setPageStep(page);
    verticalScrollBar()->setSingleStep(state_.laneHeight);
}

void TimelineWidget::scrollContentsBy(int, int)
{
    state_.scrollY = verticalScrollBar()->value();
    viewport()->update();
}

void TimelineWidget::resizeEvent(QResizeEvent*)
{
    const bool following = state_.live;
    time_.setWidth(viewport()->width() - timeline_size::kLabels);
    if (following) time_.follow(scene_.lastMs());
    updateScrollBar();
}

void TimelineWidget::paintEvent(QPaintEvent*)
{
    QPainter painter{viewport()};
    state_.size = viewport()->size();
    state_.focused = hasFocus();
    TimelinePainter{theme_, scene_, time_, state_}.paint(painter);
}

const TimelineLane* TimelineWidget::laneAt(QPointF at) const
{
    const double y = at.y() - timeline_size::kRuler;
    if (y < 0) return nullptr;
    const auto row = static_cast<std::size_t>((y + state_.scrollY) / state_.laneHeight);
    return row < scene_.lanes().size() ? &scene_.lanes()[row] : nullptr;
}

void TimelineWidget::choose(QPointF at)
{
    const TimelineLane* lane = laneAt(at);
    if (lane == nullptr) return;
    const ShardId shard = lane->shard;
    const CheckpointInfo* bar =
        stripX(at) < 0 ? nullptr : barAt(*lane, time_, stripX(at), kReachPixels);
    if (bar != nullptr)
        selectCheckpoint(*bar);
    else
        selectLane(shard);
    Q_EMIT laneChosen(shard);
}

void TimelineWidget::wheelEvent(QWheelEvent* event)
{
    const QPoint turned = event->angleDelta();
    const double notches = (turned.y() != 0 ? turned.y() : turned.x()) / 120.0;
    if (event->modifiers().testFlag(Qt::ControlModifier)) {
        const double x = std::max(0.0, stripX(event->position()));
        time_.zoomAt(x, std::pow(kZoomStep, notches));
        Q_EMIT leftLive();
        viewport()->update();
        event->accept();
        return;
    }
    if (event->modifiers().testFlag(Qt::ShiftModifier) || turned.y() == 0) {
        pan(notches * time_.width() * kPanShare);
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
}

void TimelineWidget::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    pressed_ = true;
    dragging_ = false;
    pressedAt_ = draggedFrom_ = event->position();
}

void TimelineWidget::mouseMoveEvent(QMouseEvent* event)
{
    const double x = stripX(event->position());
    state_.cursorX = x >= 0 ? std::optional{x} : std::nullopt;
    if (pressed_ && !dragging_) {
        const QPointF moved = event->position() - pressedAt_;
        dragging_ = moved.manhattanLength() >= QApplication::startDragDistance();
    }
    if (dragging_) {
        const QPointF moved = event->position() - draggedFrom_;
        draggedFrom_ = event->position();
        verticalScrollBar()->setValue(verticalScrollBar()->value() - static_cast<int>(moved.y()));
        if (std::abs(moved.x()) >= 1) pan(moved.x());
    }
    viewport()->update();
}

void TimelineWidget::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || !pressed_) return;
    pressed_ = false;
    if (!dragging_) choose(event->position());
    dragging_ = false;
}

void TimelineWidget::zoom(double factor)
{
    time_.zoomAt(state_.cursorX.value_or(time_.width() / 2), factor);
    Q_EMIT leftLive();
    viewport()->update();
}

void TimelineWidget::pan(double pixels)
{
    time_.panPixels(pixels);
    Q_EMIT leftLive();
    viewport()->update();
}

void TimelineWidget::stepLane(int lanes)
{
    if (scene_.empty()) return;
    const auto last = static_cast<int>(scene_.lanes().size()) - 1;
    int row = 0;
    if (state_.lane)
        row =
            std::clamp(static_cast<int>(scene_.laneOf(*state_.lane).value_or(0)) + lanes, 0, last);
    const ShardId shard = scene_.lanes()[static_cast<std::size_t>(row)].shard;
    selectLane(shard);
    Q_EMIT laneChosen(shard);
}

void TimelineWidget::stepCheckpoint(int steps)
{
    if (scene_.empty()) return;
    const std::size_t row = state_.lane ? scene_.laneOf(*state_.lane).value_or(0) : 0;
    const CheckpointInfo* next = neighbour(scene_.lanes()[row], state_.selected, steps);
    if (next == nullptr) return;
    Q_EMIT leftLive();
    const CheckpointInfo chosen = *next;
    selectCheckpoint(chosen);
    Q_EMIT laneChosen(chosen.shard);
}

bool TimelineWidget::pressKey(int key)
{
    switch (key) {
        case Qt::Key_W:
            zoom(kZoomStep);
            return true;
        case Qt::Key_S:
            zoom(1 / kZoomStep);
            return true;
        case Qt::Key_A:
            pan(time_.width() * kPanShare);
            return true;
        case Qt::Key_D:
            pan(-time_.width() * kPanShare);
            return true;
        case Qt::Key_F:
            fit();
            return true;
        case Qt::Key_Space:
            state_.live ? Q_EMIT leftLive() : Q_EMIT liveWanted();
            return true;
        case Qt::Key_L:
            Q_EMIT liveWanted();
            return true;
        case Qt::Key_Comma:
            stepCheckpoint(-1);
            return true;
        case Qt::Key_Period:
            stepCheckpoint(1);
            return true;
        case Qt::Key_Up:
            stepLane(-1);
            return true;
        case Qt::Key_Down:
            stepLane(1);
            return true;
        default:
            return false;
    }
}

void TimelineWidget::keyPressEvent(QKeyEvent* event)
{
    const bool plain =
        event->modifiers() == Qt::NoModifier || event->modifiers() == Qt::KeypadModifier;
    if (!plain || !pressKey(event->key())) QAbstractScrollArea::keyPressEvent(event);
}

bool TimelineWidget::event(QEvent* event)
{
    // The window may bind the same letters; inside the timeline they are the timeline's.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->modifiers() == Qt::NoModifier && isOwnKey(key->key())) {
            event->accept();
            return true;
        }
    }
    return QAbstractScrollArea::event(event);
}

bool TimelineWidget::viewportEvent(QEvent* event)
{
    if (event->type() == QEvent::Leave) {
        state_.cursorX.reset();
        viewport()->update();
    }
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        showTip(help->pos(), help->globalPos());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

void TimelineWidget::showTip(const QPoint& at, const QPoint& globalAt)
{
    const TimelineLane* lane = laneAt(at);
    const double x = stripX(at);
    const CheckpointInfo* bar =
        lane == nullptr || x < 0 ? nullptr : barAt(*lane, time_, x, kReachPixels);
    if (bar == nullptr) {
        QToolTip::hideText();
        return;
    }
    const bool full = bar->kind == CheckpointKind::kFull;
    QToolTip::showText(
        globalAt,
        tr("%1, %2 checkpoint %3\n%4, %5 keys\nsnapshot %6, store %7\n%8")
            .arg(shardName(bar->shard), full ? tr("full") : tr("delta"))
            .arg(bar->id.value)
            .arg(formatBytes(bar->bytes), formatCount(bar->keys), formatMicros(bar->snapshotMicros),
                 formatMicros(bar->storeMicros), formatDateTime(bar->wallMs)),
        viewport());
}

void TimelineWidget::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TimelineWidget::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

}  // namespace foreshard::ui
