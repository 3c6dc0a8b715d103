#include "ui/timeline/timeline_painter.h"

#include "ui/theme/formatting.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace foreshard::ui {

namespace {

constexpr double kFullShare = 0.66;  // of a lane's height
constexpr double kDeltaShare = 0.36;
constexpr double kTickPixels = 110;
constexpr double kIntervalTopMs = 1'000;
constexpr double kMarkRow = 14;  // lower part of the ruler
constexpr double kLaneGap = 4;

QColor faded(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

// Ticks need no more digits than they are apart.
QString tickText(double timeMs, double stepMs)
{
    const QString whole = formatTime(static_cast<WallMillis>(timeMs));  // 10:31:04.210
    return stepMs < 1'000 ? whole : whole.left(8);
}

}  // namespace

TimelinePainter::TimelinePainter(const Theme& theme, const TimelineScene& scene,
                                 const TimelineCoordinates& time, const TimelineState& state)
    : tokens_(theme.tokens()),
      scene_(scene),
      time_(time),
      state_(state),
      labelFont_(theme.label()),
      monoFont_(theme.mono())
{
}

QRectF TimelinePainter::strip() const
{
    return {double{timeline_size::kLabels}, double{timeline_size::kRuler},
            static_cast<double>(state_.size.width() - timeline_size::kLabels),
            static_cast<double>(state_.size.height() - timeline_size::kRuler)};
}

double TimelinePainter::laneTop(std::size_t lane) const
{
    return timeline_size::kRuler + static_cast<double>(lane) * state_.laneHeight - state_.scrollY;
}

void TimelinePainter::paint(QPainter& painter)
{
    painter.fillRect(QRectF{QPointF{}, state_.size}, tokens_.surface1);
    painter.save();
    painter.setClipRect(QRectF{0, strip().top(), strip().right(), strip().height()});
    paintGrid(painter);
    paintLanes(painter);
    painter.restore();
    paintMarks(painter);
    paintRuler(painter);
    paintCursor(painter);
}

void TimelinePainter::paintGrid(QPainter& painter)
{
    const QRectF area = strip();
    const double step = time_.tickStepMs(kTickPixels);
    for (double at = time_.firstTickMs(step); at < time_.endMs(); at += step)
        painter.fillRect(
            QRectF{area.left() + std::round(time_.toX(at)), area.top(), 1, area.height()},
            tokens_.grid());
}

void TimelinePainter::paintLanes(QPainter& painter)
{
    const QRectF area = strip();
    for (std::size_t i = 0; i < scene_.lanes().size(); ++i) {
        const double top = laneTop(i);
        if (top + state_.laneHeight < area.top()) continue;
        if (top > area.bottom()) break;
        const TimelineLane& lane = scene_.lanes()[i];
        const QRectF row{0, top, area.right(), double(state_.laneHeight)};
        if (state_.lane == lane.shard) {
            painter.fillRect(row, faded(tokens_.surface3, 0.7F));
            if (state_.focused) painter.fillRect(QRectF{0, top, 2, row.height()}, tokens_.accent);
        }
        painter.fillRect(QRectF{0, row.bottom() - 1, row.width(), 1}, tokens_.grid());
        const QRectF box{area.left(), top, area.width(), row.height() - 1};
        painter.save();
        painter.setClipRect(box, Qt::IntersectClip);
        paintSteps(painter, lane, box);
        paintBars(painter, lane, box);
        paintRecoveries(painter, lane, box);
        paintMoves(painter, lane, box);
        painter.restore();
        paintLabel(painter, lane, {0, top, area.left(), row.height() - 1});
    }
    painter.fillRect(QRectF{area.left() - 1, area.top(), 1, area.height()}, tokens_.line);
}

void TimelinePainter::paintLabel(QPainter& painter, const TimelineLane& lane, const QRectF& box)
{
    painter.setFont(monoFont_);
    painter.setPen(tokens_.text);
    painter.drawText(QRectF{box.left() + 8, box.top(), 32, box.height()},
                     Qt::AlignRight | Qt::AlignVCenter, QString::number(lane.shard.value));
    painter.setFont(labelFont_);
    const QRectF state{box.left() + 58, box.top(), 74, box.height()};
    if (state_.sight != EngineSight::kLive) {
        painter.setPen(tokens_.textSoft);
        painter.drawText(state, Qt::AlignLeft | Qt::AlignVCenter, sightShardText(state_.sight));
    } else {
        const bool live = lane.state == ShardState::kLive;
        painter.setPen(live ? tokens_.load(lane.loadClass) : tokens_.accent);
        painter.drawText(state, Qt::AlignLeft | Qt::AlignVCenter,
                         live ? loadClassText(lane.loadClass) : shardStateText(lane.state));
    }
    painter.setPen(tokens_.textSoft);
    painter.drawText(QRectF{box.left() + 132, box.top(), box.width() - 140, box.height()},
                     Qt::AlignRight | Qt::AlignVCenter, formatInterval(lane.intervalMs));
}

void TimelinePainter::paintSteps(QPainter& painter, const TimelineLane& lane, const QRectF& box)
{
    const auto& steps = lane.steps;
    auto at =
        std::upper_bound(steps.begin(), steps.end(), time_.startMs(),
                         [](double time, const IntervalStep& step) { return time < step.timeMs; });
    if (at != steps.begin()) --at;
    const double lastX = time_.toX(std::min(scene_.lastMs(), time_.endMs()));
    const auto yOf = [&](std::uint32_t intervalMs) {
        const double share = std::min(1.0, intervalMs / kIntervalTopMs);
        return std::round(box.bottom() - kLaneGap - share * (box.height() - 2 * kLaneGap));
    };
    const QColor ink = faded(tokens_.textFaint, 0.75F);
    double previousY = -1;
    for (; at != steps.end() && at->timeMs <= time_.endMs(); ++at) {
        const double x0 = std::max(0.0, time_.toX(at->timeMs));
        const double x1 = std::next(at) == steps.end() ? lastX : time_.toX(std::next(at)->timeMs);
        const double y = yOf(at->intervalMs);
        painter.fillRect(QRectF{box.left() + x0, y, std::max(1.0, x1 - x0), 1}, ink);
        if (previousY >= 0)
            painter.fillRect(QRectF{box.left() + std::round(x0), std::min(y, previousY), 1,
                                    std::abs(y - previousY) + 1},
                             ink);
        previousY = y;
    }
}

void TimelinePainter::paintBars(QPainter& painter, const TimelineLane& lane, const QRectF& box)
{
    boxes_.clear();
    visibleBoxes(lane, time_, boxes_);
    const double bottom = box.bottom() - kLaneGap;
    for (const TimelineBox& bar : boxes_) {
        const QColor& ink = tokens_.load(bar.loadClass);
        const double height = std::round(box.height() * (bar.full ? kFullShare : kDeltaShare));
        const double x0 = box.left() + bar.x0;
        if (bar.xMid <= bar.x0 && bar.x1 - bar.x0 <= 1) {  // too narrow for phases
            painter.fillRect(QRectF{x0, bottom - height, 1, height}, ink);
            continue;
        }
        const double snapshot = std::max(1.0, bar.xMid - bar.x0);
        painter.fillRect(QRectF{x0, bottom - height, snapshot, height}, ink);
        painter.fillRect(QRectF{x0 + snapshot, bottom - height,
                                std::max(0.0, bar.x1 - bar.x0 - snapshot), height},
                         faded(ink, 0.45F));
    }
    if (state_.selected.value == 0 || state_.lane != lane.shard) return;
    const auto* chosen = neighbour(lane, state_.selected, 0);
    if (chosen == nullptr || chosen->id != state_.selected) return;
    const double x0 = time_.toX(barStartMs(*chosen));
    const double width = std::max(3.0, time_.toX(barEndMs(*chosen)) - x0);
    painter.setPen(QPen{tokens_.accent, 2});
    painter.setBrush(Qt::NoBrush);
    const double height = std::round(box.height() * kFullShare);
    painter.drawRect(QRectF{box.left() + x0 - 2, bottom - height - 2, width + 4, height + 4});
}

void TimelinePainter::paintRecoveries(QPainter& painter, const TimelineLane& lane,
                                      const QRectF& box)
{
    // A bar that ends when the shard was live again: detect and load pale, replay solid.
    for (const RecoverySnapshot& recovery : lane.recoveries) {
        const auto endMs = static_cast<double>(recovery.wallMs);
        const double x0 = time_.toX(endMs - static_cast<double>(recovery.totalMs));
        const double x1 = std::max(time_.toX(endMs), x0 + 3);
        if (x1 < 0 || x0 > time_.width()) continue;
        const double replayX =
            std::max(x0, time_.toX(endMs - static_cast<double>(recovery.replayMs)));
        const QRectF bar{box.left() + x0, box.top() + 1, x1 - x0, 5};
        painter.fillRect(bar, faded(tokens_.predicted, 0.4F));
        painter.fillRect(QRectF{box.left() + replayX, bar.top(), x1 - replayX, bar.height()},
                         tokens_.predicted);
    }
}

void TimelinePainter::paintMoves(QPainter& painter, const TimelineLane& lane, const QRectF& box)
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (const MoveSnapshot& move : lane.moves) {
        const double x0 = time_.toX(static_cast<double>(move.startedWallMs));
        const double x1 = time_.toX(static_cast<double>(move.startedWallMs + move.pauseMs));
        if (x1 < -6 || x0 > time_.width() + 6) continue;
        const QPointF at{box.left() + x0, box.top() + 6};
        const bool failed = move.phase == "failed";
        const QColor& ink = failed ? tokens_.failed : tokens_.accent;
        painter.fillRect(QRectF{at.x(), at.y() - 1, std::max(0.0, x1 - x0), 2}, ink);
        QPainterPath diamond{at + QPointF{0, -5}};
        diamond.lineTo(at + QPointF{5, 0});
        diamond.lineTo(at + QPointF{0, 5});
        diamond.lineTo(at + QPointF{-5, 0});
        diamond.closeSubpath();
        if (move.phase == "done")
            painter.fillPath(diamond, ink);
        else
            painter.strokePath(diamond, QPen{ink, 1.5});
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelinePainter::paintMarks(QPainter& painter)
{
    const QRectF area = strip();
    painter.save();
    painter.setClipRect(QRectF{area.left(), 0, area.width(), area.bottom()});
    painter.setFont(labelFont_);
    const QFontMetricsF metrics{labelFont_};
    double freeFrom = -1;  // words that would overlap the ones before are left out, the line stays
    for (const TimelineMark& mark : scene_.marks()) {
        const double x = time_.toX(mark.timeMs);
        if (x < -80 || x > time_.width() + 1) continue;
        const bool lost = mark.kind == TimelineMarkKind::kNodeLost;
        const QColor& ink = lost ? tokens_.failed : tokens_.accent;
        painter.setPen(QPen{ink, 1, Qt::DashLine});
        const double line = area.left() + std::round(x) + 0.5;
        painter.drawLine(QPointF{line, area.top() - kMarkRow}, QPointF{line, area.bottom()});
        if (x < freeFrom) continue;
        const QString word = lost ? QObject::tr("\u2716 node %1 lost").arg(mark.number)
                                  : QObject::tr("\u2691 term %1").arg(mark.number);
        painter.setPen(ink);
        painter.drawText(QPointF{line + 4, area.top() - 4}, word);
        freeFrom = x + metrics.horizontalAdvance(word) + 12;
    }
    painter.restore();
}

void TimelinePainter::paintRuler(QPainter& painter)
{
    const QRectF area = strip();
    painter.setFont(labelFont_);
    painter.setPen(tokens_.textSoft);
    painter.drawText(QRectF{0, 0, 40, area.top() - kMarkRow}, Qt::AlignRight | Qt::AlignVCenter,
                     QObject::tr("Shard"));
    painter.drawText(QRectF{58, 0, area.left() - 66, area.top() - kMarkRow},
                     Qt::AlignLeft | Qt::AlignVCenter, QObject::tr("Class"));
    painter.drawText(QRectF{58, 0, area.left() - 66, area.top() - kMarkRow},
                     Qt::AlignRight | Qt::AlignVCenter, QObject::tr("Interval"));
    painter.save();
    painter.setClipRect(QRectF{area.left(), 0, area.width(), area.top()});
    const QFontMetricsF metrics{labelFont_};
    const double step = time_.tickStepMs(kTickPixels);
    for (double at = time_.firstTickMs(step); at < time_.endMs(); at += step) {
        const double x = area.left() + std::round(time_.toX(at));
        painter.fillRect(QRectF{x, area.top() - kMarkRow - 8, 1, 8}, tokens_.lineStrong);
        const QString word = tickText(at, step);
        if (x + 4 + metrics.horizontalAdvance(word) > area.right()) continue;
        painter.drawText(QRectF{x + 4, 0, kTickPixels, area.top() - kMarkRow},
                         Qt::AlignLeft | Qt::AlignVCenter, word);
    }
    painter.restore();
    painter.fillRect(QRectF{0, area.top() - 1, area.right(), 1}, tokens_.lineStrong);
}

void TimelinePainter::paintCursor(QPainter& painter)
{
    const QRectF area = strip();
    const double newest = area.left() + std::round(time_.toX(scene_.lastMs()));
    if (state_.live && newest < area.right())
        painter.fillRect(QRectF{newest, area.top(), 1, area.height()}, tokens_.accent);
    if (!state_.cursorX) return;
    const double x = area.left() + std::round(*state_.cursorX);
    painter.fillRect(QRectF{x, area.top(), 1, area.height()}, faded(tokens_.text, 0.45F));
    painter.setFont(labelFont_);
    const QString word = formatTime(static_cast<WallMillis>(time_.toTime(*state_.cursorX)));
    const double width = QFontMetricsF{labelFont_}.horizontalAdvance(word) + 12;
    const double left = std::clamp(x - width / 2, area.left(), area.right() - width);
    const QRectF flag{left, 4, width, area.top() - kMarkRow - 8};
    painter.fillRect(flag, tokens_.surface3);
    painter.setPen(tokens_.text);
    painter.drawText(flag, Qt::AlignCenter, word);
}

}  // namespace foreshard::ui
