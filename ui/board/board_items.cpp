#include "ui/board/board_items.h"

#include "ui/board/board_layout.h"
#include "ui/theme/formatting.h"

#include <QCoreApplication>
#include <QPainter>

#include <algorithm>
#include <array>

namespace foreshard::ui {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("board", text); }

// A cosmetic pen: wide pens on long polylines are slow at a screen scale of 2.
QPen hairline(const QColor& colour, Qt::PenStyle style = Qt::SolidLine)
{
    QPen pen(colour, 1, style);
    pen.setCosmetic(true);
    return pen;
}

QColor faded(QColor colour, float alpha)
{
    colour.setAlphaF(alpha);
    return colour;
}

QRectF inner(const QRectF& rect) { return rect.adjusted(0.5, 0.5, -0.5, -0.5); }

}  // namespace

void BoardStyle::refresh()
{
    body = theme.body();
    label = theme.label();
    title = theme.title();
    mono = theme.mono();
}

void BoardStyle::fitScale(const ClusterSnapshot& snapshot)
{
    PerMille most = 0;
    for (const auto& shard : snapshot.shards) {
        const auto& samples = history.samples(shard.id);
        std::size_t left = kSparklineSamples;
        for (auto one = samples.rbegin(); one != samples.rend() && left > 0; ++one, --left)
            most = std::max({most, one->actual, one->predicted});
    }
    loadScale = std::max(100, (most + 99) / 100 * 100);
}

double paintQuantity(QPainter& painter, const QRectF& rect, const QString& text, const QColor& ink,
                     const QColor& unitInk, bool right)
{
    const QFontMetricsF metrics(painter.font());
    const qsizetype space = text.lastIndexOf(u' ');
    const QString number = space < 0 ? text : text.left(space + 1);
    const QString unit = space < 0 ? QString() : text.mid(space + 1);
    const double numberWidth = metrics.horizontalAdvance(number);
    const double width = numberWidth + metrics.horizontalAdvance(unit);
    const double x = right ? rect.right() - width : rect.left();
    painter.setPen(ink);
    painter.drawText(QRectF(x, rect.top(), numberWidth + 1, rect.height()),
                     Qt::AlignVCenter | Qt::AlignLeft, number);
    painter.setPen(unitInk);
    painter.drawText(QRectF(x + numberWidth, rect.top(), width - numberWidth + 1, rect.height()),
                     Qt::AlignVCenter | Qt::AlignLeft, unit);
    return width;
}

// ---------------------------------------------------------------------------------- column

void NodeColumnItem::show(const NodeSnapshot& node)
{
    node_ = node;
    update();
}

void NodeColumnItem::setSize(QSizeF size)
{
    if (size == size_) return;
    prepareGeometryChange();
    size_ = size;
}

void NodeColumnItem::setSelected(bool selected)
{
    if (selected == selected_) return;
    selected_ = selected;
    update();
}

void NodeColumnItem::setPreview(std::optional<NodeChange> change, bool target, bool possible)
{
    change_ = change;
    target_ = target;
    possible_ = possible;
    update();
}

void NodeColumnItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const Tokens& t = style_.tokens();
    painter->setRenderHint(QPainter::Antialiasing);
    const bool dead = style_.live() && node_.state == NodeState::kDead;
    QColor border = dead ? t.failed : t.line;
    if (selected_) border = t.accent;
    if (target_) border = possible_ ? t.accent : t.failed;
    painter->setPen(QPen(border, target_ ? space::kFocusRing : 1,
                         target_ && possible_ ? Qt::DashLine : Qt::SolidLine));
    painter->setBrush(target_ && possible_ ? t.surface3 : t.surface1);
    const double inset = target_ ? 1 : 0.5;
    painter->drawRoundedRect(boundingRect().adjusted(inset, inset, -inset, -inset), space::kRadius,
                             space::kRadius);
    const double pad = space::kBetweenCards;
    const QRectF line(pad, 8, size_.width() - 2 * pad, 20);
    painter->setFont(style_.title);
    painter->setPen(t.text);
    const QString name = nodeName(node_.id);
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, name);
    const double nameWidth = QFontMetricsF(style_.title).horizontalAdvance(name);
    painter->setFont(style_.label);
    painter->setPen(t.textSoft);
    painter->drawText(line.adjusted(nameWidth + 8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter,
                      node_.shards == 1 ? tr("1 shard") : tr("%1 shards").arg(node_.shards));
    painter->setPen(dead ? t.failed : t.textSoft);
    if (style_.live()) {
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, stateText());
        paintBar(*painter, QRectF(pad, 34, line.width(), 6));
    } else {
        // Nobody measures what a bar would show; its place is for the longer words.
        painter->drawText(QRectF(pad, 28, line.width(), 18), Qt::AlignLeft | Qt::AlignVCenter,
                          stateText());
    }
    paintFigures(*painter, QRectF(pad, 46, line.width(), 18));
}

QString NodeColumnItem::stateText() const
{
    if (!style_.live()) return QStringLiteral("\u25CC ") + sightNodeText(style_.sight);
    const QString state = nodeStateText(node_.state);
    switch (node_.state) {
        case NodeState::kUp:
            return state;
        case NodeState::kDead:
            return QStringLiteral("\u2715 ") + state;
        case NodeState::kStarting:
            return QStringLiteral("\u25CC ") + state;
    }
    return state;
}

void NodeColumnItem::paintBar(QPainter& painter, const QRectF& rect) const
{
    const Tokens& t = style_.tokens();
    const auto upTo = [&](PerMille share) {
        return rect.width() * std::clamp(static_cast<double>(share) / 1000, 0.0, 1.0);
    };
    painter.setPen(Qt::NoPen);
    painter.setBrush(t.surface3 == t.surface1 ? t.line : t.surface3);
    if (target_) painter.setBrush(t.lineStrong);
    painter.drawRoundedRect(rect, 3, 3);
    const QColor fill = node_.load >= 900 ? t.failed : t.textSoft;
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect.topLeft(), QSizeF(upTo(node_.load), rect.height())), 3, 3);
    // Predicted as a tick, in its own colour everywhere.
    painter.setBrush(t.predicted);
    const PerMille mark = change_ ? change_->after : node_.predicted;
    painter.drawRect(QRectF(rect.left() + upTo(mark) - 1, rect.top() - 3, 2, rect.height() + 6));
    if (!change_) return;
    const double before = upTo(change_->before);
    const double after = upTo(change_->after);
    painter.setPen(hairline(t.accent, Qt::DashLine));
    painter.setBrush(faded(t.accent, 0.25F));
    painter.drawRect(inner(QRectF(rect.left() + std::min(before, after), rect.top() - 1,
                                  std::max(2.0, std::abs(after - before)), rect.height() + 2)));
}

void NodeColumnItem::paintFigures(QPainter& painter, const QRectF& rect) const
{
    const Tokens& t = style_.tokens();
    painter.setFont(style_.label);
    if (change_) {
        painter.setPen(change_->after > 1000 ? t.failed : t.accent);
        painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter,
                         tr("load %1 \u2192 %2")
                             .arg(formatPercent(change_->before), formatPercent(change_->after)));
        return;
    }
    const QFontMetricsF metrics(style_.label);
    const double loadWidth = metrics.horizontalAdvance(tr("load")) + 4;
    painter.setPen(t.textFaint);
    painter.drawText(rect, Qt::AlignLeft | Qt::AlignVCenter, tr("load"));
    const bool live = style_.live();
    paintQuantity(painter, rect.adjusted(loadWidth, 0, 0, 0),
                  live ? formatPercent(node_.load) : unknownText(), t.text, t.textSoft);
    const double nameWidth = metrics.horizontalAdvance(tr("cpu")) + 4;
    const double width = paintQuantity(
        painter, rect, live ? formatPercent(node_.cpu) : unknownText(), t.text, t.textSoft, true);
    painter.setPen(t.textFaint);
    painter.drawText(QRectF(rect.right() - width - nameWidth, rect.top(), nameWidth, rect.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, tr("cpu"));
}

// ---------------------------------------------------------------------------------- card

void ShardCardItem::show(const ShardSnapshot& shard)
{
    shard_ = shard;
    update();
}

void ShardCardItem::setLook(const Look& look)
{
    if (look == look_) return;
    look_ = look;
    setOpacity(look.lifted ? 0.45 : 1.0);
    update();
}

void ShardCardItem::setSize(QSizeF size)
{
    if (size == size_) return;
    prepareGeometryChange();
    size_ = size;
}

QRectF ShardCardItem::boundingRect() const
{
    return QRectF(QPointF(0, 0), size_).adjusted(-2, -2, 2, 2);
}

void ShardCardItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    painter->setRenderHint(QPainter::Antialiasing);
    paintFrame(*painter);
    const double left = space::kClassBar + space::kInCard;
    const double width = size_.width() - left - space::kInCard;
    paintHead(*painter, QRectF(left, 6, width, 20));
    const Tokens& t = style_.tokens();
    painter->setFont(style_.label);
    const double intervalWidth = 60;
    paintQuantity(*painter, QRectF(left, 30, intervalWidth, 22), formatInterval(shard_.intervalMs),
                  t.text, t.textSoft);
    paintSparkline(*painter, QRectF(left + intervalWidth, 30, width - intervalWidth, 24));
    paintFoot(*painter, QRectF(left, 60, width, 18));
}

void ShardCardItem::paintFrame(QPainter& painter) const
{
    const Tokens& t = style_.tokens();
    const QRectF rect(QPointF(0, 0), size_);
    const bool busy = style_.live() && shard_.state != ShardState::kLive;
    QPen border(look_.selected ? t.accent : t.line, 1);
    if (look_.staged) border = QPen(t.accent, 1, Qt::DashLine);
    if (style_.live() && shard_.state == ShardState::kUnowned) border = QPen(t.failed, 1);
    painter.setPen(border);
    painter.setBrush(look_.selected ? t.surface3 : t.surface2);
    painter.drawRoundedRect(inner(rect), space::kRadius, space::kRadius);
    if (busy || look_.staged) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(QBrush(faded(look_.staged || look_.moving ? t.accent : t.textFaint, 0.22F),
                                Qt::BDiagPattern));
        painter.drawRoundedRect(rect, space::kRadius, space::kRadius);
    }
    // The class bar follows the rounded edge.
    painter.save();
    painter.setClipRect(QRectF(0, 0, space::kClassBar, size_.height()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(style_.live() ? t.load(shard_.loadClass) : t.lineStrong);
    painter.drawRoundedRect(rect, space::kRadius, space::kRadius);
    painter.restore();
    if (look_.focused) {
        painter.setPen(QPen(t.accent, space::kFocusRing));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(rect.adjusted(0, 0, 0, 0), space::kRadius, space::kRadius);
    }
}

QString ShardCardItem::stateText() const
{
    if (look_.moving) return tr("moving \u2192 %1").arg(nodeName(*look_.moving));
    if (look_.staged) return tr("asked \u2192 %1").arg(nodeName(*look_.staged));
    if (!style_.live()) return sightShardText(style_.sight);
    return shard_.state == ShardState::kLive ? QString() : shardStateText(shard_.state);
}

void ShardCardItem::paintHead(QPainter& painter, const QRectF& line) const
{
    const Tokens& t = style_.tokens();
    painter.setFont(style_.title);
    painter.setPen(t.text);
    const QString id = QString::number(shard_.id.value);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, id);
    const double idWidth = QFontMetricsF(style_.title).horizontalAdvance(id) + 8;
    painter.setFont(style_.label);
    const QString state = stateText();
    if (!state.isEmpty()) {
        const QRectF rest = line.adjusted(idWidth, 0, 0, 0);
        painter.setPen(look_.staged || look_.moving ? t.accent
                       : style_.live()              ? t.loadMedium
                                                    : t.textSoft);
        painter.drawText(rest, Qt::AlignRight | Qt::AlignVCenter, state);
        return;
    }
    painter.setPen(t.load(shard_.loadClass));
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, loadClassText(shard_.loadClass));
}

void ShardCardItem::paintSparkline(QPainter& painter, const QRectF& rect) const
{
    const Tokens& t = style_.tokens();
    painter.setPen(hairline(t.grid()));
    painter.drawLine(QLineF(rect.left(), rect.bottom() - 0.5, rect.right(), rect.bottom() - 0.5));
    const auto& samples = style_.history.samples(shard_.id);
    constexpr std::size_t kShown = BoardStyle::kSparklineSamples;
    constexpr std::size_t kPoints = 100;
    if (samples.size() < 2) return;
    const std::size_t first = samples.size() > kShown ? samples.size() - kShown : 0;
    // Buckets are bound to sample numbers, not to the newest one: the line slides, never shimmers.
    constexpr std::size_t kBucket = kShown / kPoints;
    const double stepX = rect.width() / static_cast<double>(kPoints);
    std::array<QLineF, kPoints + 2> actual;
    std::array<QLineF, kPoints + 2> predicted;
    int count = 0;
    QPointF lastActual;
    QPointF lastPredicted;
    const auto at = [&](std::size_t fromEnd, double value) {
        const double share = std::min(1.0, value / static_cast<double>(style_.loadScale));
        return QPointF(
            rect.right() - static_cast<double>(fromEnd) / static_cast<double>(kBucket) * stepX,
            rect.bottom() - 1 - share * (rect.height() - 2));
    };
    for (std::size_t i = first; i < samples.size(); i += kBucket) {
        const std::size_t end = std::min(i + kBucket, samples.size());
        double sum = 0;
        double sumPredicted = 0;
        for (std::size_t j = i; j < end; ++j) {
            sum += static_cast<double>(samples[j].actual);
            sumPredicted += static_cast<double>(samples[j].predicted);
        }
        const auto members = static_cast<double>(end - i);
        const std::size_t fromEnd = samples.size() - end;
        const QPointF a = at(fromEnd, sum / members);
        const QPointF p = at(fromEnd, sumPredicted / members);
        if (i != first && count < static_cast<int>(actual.size())) {
            actual[static_cast<std::size_t>(count)] = QLineF(lastActual, a);
            predicted[static_cast<std::size_t>(count)] = QLineF(lastPredicted, p);
            ++count;
        }
        lastActual = a;
        lastPredicted = p;
    }
    painter.setPen(hairline(t.actual));
    painter.drawLines(actual.data(), count);
    painter.setPen(hairline(t.predicted));
    // Dashes by leaving out every fourth piece: a dashed pen would start anew on each one.
    for (int i = 0; i < count; ++i) {
        if ((i + static_cast<int>(first / kBucket)) % 5 < 3)
            painter.drawLine(predicted[static_cast<std::size_t>(i)]);
    }
}

void ShardCardItem::paintFoot(QPainter& painter, const QRectF& line) const
{
    const Tokens& t = style_.tokens();
    painter.setFont(style_.label);
    paintQuantity(painter, line, formatBytes(shard_.bufferedBytes), t.text, t.textSoft);
    const double width =
        paintQuantity(painter, line,
                      style_.live() ? formatMillis(static_cast<double>(shard_.recoveryEstimateMs))
                                    : unknownText(),
                      t.text, t.textSoft, true);
    painter.setPen(t.textFaint);
    painter.drawText(line.adjusted(0, 0, -width - 4, 0), Qt::AlignRight | Qt::AlignVCenter,
                     tr("back in"));
}

// ---------------------------------------------------------------------------------- ghost

GhostItem::GhostItem(const BoardStyle& style) : style_(style)
{
    setZValue(100);
    setVisible(false);
}

void GhostItem::setText(const QString& text, bool possible)
{
    if (text == text_ && possible == possible_) return;
    prepareGeometryChange();
    text_ = text;
    possible_ = possible;
    update();
}

QRectF GhostItem::boundingRect() const
{
    const double width = QFontMetricsF(style_.body).horizontalAdvance(text_) + 32;
    return {0, 0, std::max(static_cast<double>(space::kCardWidth), width), 36};
}

void GhostItem::paint(QPainter* painter, const QStyleOptionGraphicsItem*, QWidget*)
{
    const Tokens& t = style_.tokens();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(possible_ ? t.accent : t.failed, 1.5, Qt::DashLine));
    painter->setBrush(faded(t.surface3, 0.94F));
    painter->drawRoundedRect(boundingRect().adjusted(1, 1, -1, -1), space::kRadius, space::kRadius);
    painter->setFont(style_.body);
    painter->setPen(possible_ ? t.text : t.failed);
    painter->drawText(boundingRect().adjusted(12, 0, -8, 0), Qt::AlignVCenter | Qt::AlignLeft,
                      text_);
}

}  // namespace foreshard::ui
