#include "ui/widgets/hit_lanes.h"

#include "ui/theme/formatting.h"

#include <QPainter>

#include <algorithm>
#include <map>

namespace foreshard::ui {

namespace {
constexpr int kHeader = 20;
constexpr int kLane = 24;
constexpr double kLabels = 88;
constexpr double kMaybe = 96;
constexpr double kLeft = kLabels + kMaybe;
constexpr double kRight = 16;
}  // namespace

HitLanes::HitLanes(const Theme& theme, QWidget* parent) : QWidget(parent), theme_(theme)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAccessibleName(tr("Shards with hits"));
    connect(&theme_, &Theme::changed, this, qOverload<>(&QWidget::update));
}

void HitLanes::setHits(const std::vector<LocateHit>& hits)
{
    std::map<ShardId, Lane> byShard;
    bool any = false;
    for (const LocateHit& hit : hits) {
        Lane& lane = byShard[hit.shard];
        lane.shard = hit.shard;
        if (!hit.verified) {
            ++lane.maybe;
            continue;
        }
        ++lane.verified;
        lane.ranges.emplace_back(hit.firstOffset, hit.lastOffset);
        first_ = any ? std::min(first_, hit.firstOffset) : hit.firstOffset;
        last_ = any ? std::max(last_, hit.lastOffset) : hit.lastOffset;
        any = true;
    }
    if (!any) first_ = last_ = 0;
    lanes_.clear();
    more_ = byShard.size() > kLanesMax ? byShard.size() - kLanesMax : 0;
    QStringList words;
    for (auto& [shard, lane] : byShard) {
        if (lanes_.size() == kLanesMax) break;
        words << tr("%1: %2 verified, %3 maybe")
                     .arg(shardName(shard))
                     .arg(lane.verified)
                     .arg(lane.maybe);
        lanes_.push_back(std::move(lane));
    }
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

QSize HitLanes::sizeHint() const
{
    const auto lines = static_cast<int>(lanes_.size()) + (more_ > 0 ? 1 : 0);
    return {480, kHeader + kLane * std::max(1, lines)};
}

double HitLanes::xOf(Offset offset) const
{
    const double wide = std::max(1.0, width() - kLeft - kRight);
    if (last_ == first_) return kLeft + wide / 2;
    return kLeft
           + static_cast<double>(offset - first_) / static_cast<double>(last_ - first_) * wide;
}

void HitLanes::paintLane(QPainter& painter, const Lane& lane, double top) const
{
    const Tokens& tokens = theme_.tokens();
    const double middle = top + kLane / 2.0;
    painter.setPen(tokens.text);
    painter.drawText(QRectF{0, top, kLabels - 8, double(kLane)}, Qt::AlignLeft | Qt::AlignVCenter,
                     shardName(lane.shard));
    painter.fillRect(QRectF{kLeft, middle, width() - kLeft - kRight, 1}, tokens.line);
    if (lane.maybe > 0) {
        painter.setPen(QPen{tokens.textSoft, 1});
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(QRectF{kLabels + 0.5, middle - 5.5, 11, 11});
        painter.drawText(QRectF{kLabels + 18, top, kMaybe - 18, double(kLane)},
                         Qt::AlignLeft | Qt::AlignVCenter, tr("%1 maybe").arg(lane.maybe));
    }
    for (const auto& [from, to] : lane.ranges) {
        const double x0 = xOf(from);
        painter.fillRect(QRectF{x0 - 2, middle - 6, std::max(4.0, xOf(to) - x0 + 4), 12},
                         tokens.accent);
    }
}

void HitLanes::paintEvent(QPaintEvent*)
{
    if (lanes_.empty()) return;
    QPainter painter{this};
    const Tokens& tokens = theme_.tokens();
    painter.setFont(theme_.label());
    painter.setPen(tokens.textSoft);
    const QRectF scale{kLeft, 0, width() - kLeft - kRight, double(kHeader)};
    painter.drawText(QRectF{kLabels, 0, kMaybe, double(kHeader)}, Qt::AlignLeft | Qt::AlignVCenter,
                     tr("By filter"));
    const bool any = std::any_of(lanes_.begin(), lanes_.end(),
                                 [](const Lane& lane) { return lane.verified > 0; });
    if (any && first_ != last_) {
        painter.drawText(scale, Qt::AlignLeft | Qt::AlignVCenter,
                         tr("offset %1").arg(formatOffset(first_)));
        painter.drawText(scale, Qt::AlignRight | Qt::AlignVCenter, formatOffset(last_));
    } else {
        painter.drawText(scale, Qt::AlignCenter,
                         any ? tr("offset %1").arg(formatOffset(first_))
                             : tr("no record was read: only the filters answered"));
    }
    double top = kHeader;
    for (const Lane& lane : lanes_) {
        paintLane(painter, lane, top);
        top += kLane;
    }
    if (more_ == 0) return;
    painter.setPen(tokens.textSoft);
    painter.drawText(QRectF{0, top, double(width()), double(kLane)},
                     Qt::AlignLeft | Qt::AlignVCenter,
                     tr("and %1 more shards, see the table").arg(more_));
}

}  // namespace foreshard::ui
