#include "ui/board/shard_board.h"

#include "ui/theme/formatting.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace foreshard::ui {
namespace {

ShardDragController::Point pointOf(QPointF point) { return {point.x(), point.y()}; }

QString shardsText(const std::vector<ShardId>& shards)
{
    return shards.size() == 1 ? shardName(shards.front())
                              : QObject::tr("%1 shards").arg(shards.size());
}

}  // namespace

ShardBoard::ShardBoard(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QGraphicsView(parent),
      bridge_(bridge),
      style_(theme, bridge.history()),
      drag_(QApplication::startDragDistance()),
      ghost_(style_)
{
    setScene(&scene_);
    scene_.setItemIndexMethod(QGraphicsScene::NoIndex);
    scene_.addItem(&ghost_);
    setFrameShape(QFrame::NoFrame);
    setAlignment(Qt::AlignLeft | Qt::AlignTop);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setRenderHint(QPainter::Antialiasing);
    setAccessibleName(tr("Board of shards"));
    motion_.setStartValue(0.0);
    motion_.setEndValue(1.0);
    connect(&motion_, &QVariantAnimation::valueChanged, this,
            [this](const QVariant& value) { place(value.toDouble()); });
    const auto recolour = [this] {
        style_.refresh();
        setBackgroundBrush(style_.tokens().surface0);
        viewport()->update();
    };
    recolour();
    connect(&theme, &Theme::changed, this, recolour);
    connect(&bridge, &EngineBridge::snapshotChanged, this, [this] { showSnapshot(); });
    connect(&bridge, &EngineBridge::linkChanged, this, [this] {
        style_.sight = bridge_.sight();
        viewport()->update();
    });
    connect(&bridge, &EngineBridge::replyArrived, this, &ShardBoard::handleReply);
    connect(&bridge, &EngineBridge::selectionChanged, this, &ShardBoard::followSelection);
    if (bridge.snapshot()) showSnapshot();
}

ShardBoard::~ShardBoard()
{
    motion_.stop();
    scene_.removeItem(&ghost_);  // a member, not the scene's to delete
}

std::vector<ShardId> ShardBoard::chosenShards() const
{
    if (!selected_.empty()) return {selected_.begin(), selected_.end()};
    if (focused_) return {*focused_};
    return {};
}

QRect ShardBoard::cardRect(ShardId shard) const
{
    const auto found = layout_.cards.find(shard);
    return found == layout_.cards.end() ? QRect() : mapFromScene(found->second).boundingRect();
}

QRect ShardBoard::columnRect(NodeId node) const
{
    const auto found = layout_.columns.find(node);
    return found == layout_.columns.end() ? QRect() : mapFromScene(found->second).boundingRect();
}

void ShardBoard::setStale(bool stale)
{
    if (stale == stale_) return;
    stale_ = stale;
    viewport()->update();
}

void ShardBoard::showSnapshot()
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    style_.sight = bridge_.sight();
    style_.fitScale(*snapshot);
    forgetSettled(*snapshot);
    syncItems(*snapshot);
    refreshLooks();
    if (drag_.holdsLayout()) {
        layoutOwed_ = true;
        refreshPreview();
    } else {
        layOut(true);
    }
}

void ShardBoard::syncItems(const ClusterSnapshot& snapshot)
{
    const bool held = drag_.holdsLayout();
    for (const auto& node : snapshot.nodes) {
        auto& column = columns_[node.id];
        if (!column && !held) {
            column = std::make_unique<NodeColumnItem>(style_);
            column->setZValue(-1);
            scene_.addItem(column.get());
        }
        if (column) column->show(node);
    }
    for (const auto& shard : snapshot.shards) {
        auto& card = cards_[shard.id];
        if (!card && !held) {
            card = std::make_unique<ShardCardItem>(style_);
            scene_.addItem(card.get());
        }
        if (card) card->show(shard);
    }
    if (held) return;
    std::erase_if(columns_, [&](const auto& one) {
        return !one.second
               || std::none_of(snapshot.nodes.begin(), snapshot.nodes.end(),
                               [&](const auto& node) { return node.id == one.first; });
    });
    std::erase_if(cards_, [&](const auto& one) {
        return !one.second
               || std::none_of(snapshot.shards.begin(), snapshot.shards.end(),
                               [&](const auto& shard) { return shard.id == one.first; });
    });
    std::erase_if(selected_, [&](ShardId id) { return cards_.count(id) == 0; });
    if (focused_ && cards_.count(*focused_) == 0) focused_.reset();
    if (!focused_ && !cards_.empty()) focused_ = cards_.begin()->first;
}

BoardLayout ShardBoard::fittingLayout(const ClusterSnapshot& snapshot) const
{
    // Asked of the largest viewport, not of the present one, so that a scroll bar never calls for
    // the other one by its own presence.
    QSizeF room(maximumViewportSize());
    BoardLayout fit = BoardLayout::of(snapshot, room);
    const int bar = style()->pixelMetric(QStyle::PM_ScrollBarExtent, nullptr, this);
    const bool wide = fit.size.width() > room.width();
    const bool tall = fit.size.height() > room.height();
    if (!wide && !tall) return fit;
    room -= QSizeF(tall ? bar : 0, wide ? bar : 0);
    return BoardLayout::of(snapshot, room);
}

void ShardBoard::layOut(bool animated)
{
    layoutOwed_ = false;
    if (!bridge_.snapshot()) return;
    const BoardLayout before = std::exchange(layout_, fittingLayout(*bridge_.snapshot()));
    const bool sameCards = before.cards == layout_.cards && before.columns == layout_.columns;
    if (sameCards && animated) return;
    scene_.setSceneRect(QRectF(QPointF(0, 0), layout_.size));
    motionFrom_.clear();
    for (const auto& [id, card] : cards_) {
        // Only cards that changed their column travel; a mere resize is at once.
        if (animated && before.cards.count(id) != 0) motionFrom_[id] = card->pos();
    }
    motion_.stop();
    const int most = style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this);
    const int duration = std::min(kMotionMs, most);
    if (motionFrom_.empty() || duration <= 0) {
        place(1);
        return;
    }
    motion_.setDuration(duration);
    motion_.start();
}

void ShardBoard::place(double progress)
{
    for (const auto& [id, column] : columns_) {
        const auto found = layout_.columns.find(id);
        if (found == layout_.columns.end()) continue;
        column->setPos(found->second.topLeft());
        column->setSize(found->second.size());
    }
    for (const auto& [id, card] : cards_) {
        const auto found = layout_.cards.find(id);
        card->setVisible(found != layout_.cards.end());
        if (found == layout_.cards.end()) continue;
        card->setSize(found->second.size());
        const QPointF to = found->second.topLeft();
        const auto from = motionFrom_.find(id);
        card->setPos(from == motionFrom_.end() ? to
                                               : from->second + (to - from->second) * progress);
    }
}

void ShardBoard::forgetSettled(const ClusterSnapshot& snapshot)
{
    moving_.clear();
    for (const auto& move : snapshot.moves) {
        const bool over = move.phase == "done" || move.phase == "failed";
        if (!over) moving_[move.shard] = move.to;
        const auto asked = staged_.find(move.shard);
        if (asked != staged_.end() && move.plan > asked->second.newestPlan) staged_.erase(asked);
    }
    for (const auto& shard : snapshot.shards) {
        const auto asked = staged_.find(shard.id);
        if (asked != staged_.end() && asked->second.to == shard.node) staged_.erase(asked);
    }
}

void ShardBoard::handleReply(const CommandReply& reply)
{
    // A refusal ends what was asked for; the message bar says why.
    if (reply.ok) return;
    std::erase_if(staged_, [&](const auto& one) { return one.second.command == reply.id; });
    refreshLooks();
}

void ShardBoard::stage(const MovePlan& plan)
{
    PlanId newest;
    for (const auto& move : bridge_.snapshot()->moves)
        newest = std::max(newest, move.plan);
    const std::uint64_t command = bridge_.moveShards(plan.shards, plan.to);
    if (command == 0) return;  // the link's queue is full; the bridge has said so
    for (const ShardId shard : plan.shards)
        staged_[shard] = {plan.to, command, newest};
}

void ShardBoard::refreshLooks()
{
    const auto stagedTo = [this](ShardId id) {
        const auto found = staged_.find(id);
        return found == staged_.end() ? std::optional<NodeId>() : found->second.to;
    };
    const auto movingTo = [this](ShardId id) {
        const auto found = moving_.find(id);
        return found == moving_.end() ? std::optional<NodeId>() : found->second;
    };
    const std::set<ShardId> lifted(drag_.shards().begin(), drag_.shards().end());
    for (const auto& [id, card] : cards_) {
        if (!card) continue;
        card->setLook({.selected = selected_.count(id) != 0,
                       .focused = hasFocus() && focused_ == id,
                       .lifted = drag_.holdsLayout() && lifted.count(id) != 0,
                       .staged = stagedTo(id),
                       .moving = movingTo(id)});
    }
    for (const auto& [id, column] : columns_) {
        if (column) column->setSelected(bridge_.selectedNode() == id);
    }
}

void ShardBoard::refreshPreview()
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    const bool under = snapshot && drag_.holdsLayout();
    std::optional<MovePlan> plan;
    if (under && drag_.target()) plan = planMove(*snapshot, drag_.shards(), *drag_.target());
    const bool possible = plan && plan->possible();
    for (const auto& [id, column] : columns_) {
        if (!column) continue;
        const NodeChange* change = possible ? plan->changeOf(id) : nullptr;
        column->setPreview(change != nullptr ? std::optional(*change) : std::nullopt,
                           plan && plan->to == id, possible);
    }
    ghost_.setVisible(under);
    if (!under) {
        Q_EMIT previewChanged({}, true);
        return;
    }
    QString text = shardsText(drag_.shards());
    if (plan)
        text += possible ? QStringLiteral(" \u2192 ") + nodeName(plan->to)
                         : QStringLiteral(": ") + plan->obstacle;
    ghost_.setText(text, possible);
    QPointF at(drag_.position().x + 12, drag_.position().y + 12);
    if (drag_.state() == ShardDragController::State::kChoosing && drag_.target()) {
        const QRectF column = layout_.columns[*drag_.target()];
        at = column.topLeft() + QPointF(space::kInCard, BoardLayout::kHeaderHeight);
    }
    ghost_.setPos(at);
    Q_EMIT previewChanged(plan ? movePlanText(*plan) : tr("%1: drop on a node to move").arg(text),
                          !plan || possible);
}

void ShardBoard::mousePressEvent(QMouseEvent* event)
{
    if (drag_.state() == ShardDragController::State::kChoosing) cancelGesture();
    const QPointF at = mapToScene(event->pos());
    const auto shard = layout_.cardAt(at);
    if (event->button() != Qt::LeftButton || !shard) {
        if (event->button() == Qt::LeftButton && !shard) {
            selected_.clear();
            if (const auto node = layout_.headerAt(at)) bridge_.selectNode(*node);
            refreshLooks();
        }
        return;
    }
    const bool plain = (event->modifiers() & (Qt::ControlModifier | Qt::ShiftModifier)) == 0;
    // A plain press on a selected card keeps the selection, in case it becomes a drag.
    clickSelects_ = plain && selected_.count(*shard) != 0;
    if (!clickSelects_) selectAt(*shard, event->modifiers());
    focused_ = *shard;
    bridge_.selectShard(*shard);
    if (!bridge_.readOnly() && selected_.count(*shard) != 0)
        drag_.press(pointOf(at), chosenShards());
    refreshLooks();
}

void ShardBoard::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = mapToScene(event->pos());
    const bool lifted = drag_.holdsLayout();
    drag_.moveTo(pointOf(at), layout_.columnAt(at));
    if (drag_.state() != ShardDragController::State::kDragging) return;
    if (!lifted) {
        motion_.stop();
        place(1);
        setFocus();
        refreshLooks();
    }
    refreshPreview();
    ensureVisible(QRectF(at, QSizeF(1, 1)), 8, 8);
}

void ShardBoard::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    if (drag_.state() == ShardDragController::State::kPressed && clickSelects_ && focused_)
        selectAt(*focused_, Qt::NoModifier);
    if (drag_.state() == ShardDragController::State::kChoosing) return;
    const QPointF at = mapToScene(event->pos());
    finishGesture(drag_.release(pointOf(at), layout_.columnAt(at)));
}

void ShardBoard::finishGesture(const std::optional<ShardDragController::Wish>& wish)
{
    if (wish && bridge_.snapshot()) {
        const MovePlan plan = planMove(*bridge_.snapshot(), wish->shards, wish->to);
        if (plan.possible()) stage(plan);
    }
    refreshPreview();
    refreshLooks();
    if (layoutOwed_) {
        syncItems(*bridge_.snapshot());
        layOut(true);
    }
}

void ShardBoard::cancelGesture()
{
    drag_.cancel();
    finishGesture({});
}

void ShardBoard::beginMove()
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    if (bridge_.readOnly() || !snapshot || drag_.holdsLayout()) return;
    const auto shards = chosenShards();
    if (shards.empty()) return;
    std::vector<NodeId> nodes;
    for (const auto& node : snapshot->nodes)
        nodes.push_back(node.id);
    NodeId from;
    for (const auto& shard : snapshot->shards) {
        if (shard.id == shards.front()) from = shard.node;
    }
    setFocus();
    drag_.beginChoosing(shards, std::move(nodes), from);
    refreshLooks();
    refreshPreview();
}

void ShardBoard::selectAt(ShardId shard, Qt::KeyboardModifiers modifiers)
{
    if (modifiers.testFlag(Qt::ControlModifier)) {
        if (selected_.erase(shard) == 0) selected_.insert(shard);
    } else if (modifiers.testFlag(Qt::ShiftModifier) && focused_) {
        const auto [low, high] = std::minmax(*focused_, shard);
        for (const auto& [id, card] : cards_) {
            if (id >= low && id <= high) selected_.insert(id);
        }
    } else {
        selected_ = {shard};
    }
    refreshLooks();
}

void ShardBoard::focusCard(ShardId shard, bool extend)
{
    focused_ = shard;
    if (!extend) selected_.clear();
    selected_.insert(shard);
    bridge_.selectShard(shard);
    refreshLooks();
    if (const auto found = layout_.cards.find(shard); found != layout_.cards.end())
        ensureVisible(found->second, space::kAroundPanel, space::kAroundPanel);
}

void ShardBoard::followSelection()
{
    const auto shard = bridge_.selectedShard();
    if (shard && cards_.count(*shard) != 0) {
        focused_ = *shard;
        if (selected_.count(*shard) == 0) selected_ = {*shard};
    }
    if (bridge_.selectedNode()) selected_.clear();
    refreshLooks();
}

bool ShardBoard::chooseByKey(int key)
{
    if (drag_.state() != ShardDragController::State::kChoosing) return false;
    if (key == Qt::Key_Left || key == Qt::Key_Right) {
        drag_.choose(key == Qt::Key_Left ? -1 : 1);
        refreshPreview();
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) finishGesture(drag_.commit());
    return true;
}

bool ShardBoard::walkByKey(QKeyEvent* event)
{
    int dx = 0;
    int dy = 0;
    switch (event->key()) {
        case Qt::Key_Left:
            dx = -1;
            break;
        case Qt::Key_Right:
            dx = 1;
            break;
        case Qt::Key_Up:
            dy = -1;
            break;
        case Qt::Key_Down:
            dy = 1;
            break;
        default:
            return false;
    }
    if (focused_)
        focusCard(layout_.neighbour(*focused_, dx, dy),
                  event->modifiers().testFlag(Qt::ShiftModifier));
    return true;
}

void ShardBoard::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        if (drag_.state() != ShardDragController::State::kIdle) {
            cancelGesture();
        } else {
            selected_.clear();
            bridge_.clearSelection();
            refreshLooks();
        }
        return;
    }
    if (chooseByKey(event->key()) || walkByKey(event)) return;
    switch (event->key()) {
        case Qt::Key_M:
            beginMove();
            return;
        case Qt::Key_I:
            Q_EMIT intervalMenuRequested(menuPoint());
            return;
        case Qt::Key_C:
            Q_EMIT checkpointRequested();
            return;
        case Qt::Key_Menu:
            Q_EMIT shardMenuRequested(menuPoint());
            return;
        default:
            QGraphicsView::keyPressEvent(event);
    }
}

QPoint ShardBoard::menuPoint() const
{
    const QRect card = focused_ ? cardRect(*focused_) : QRect();
    return viewport()->mapToGlobal(card.isNull() ? QPoint(16, 16) : card.center());
}

void ShardBoard::contextMenuEvent(QContextMenuEvent* event)
{
    if (drag_.state() != ShardDragController::State::kIdle) return;
    const QPointF at = mapToScene(event->pos());
    if (const auto shard = layout_.cardAt(at)) {
        if (selected_.count(*shard) == 0) selectAt(*shard, Qt::NoModifier);
        focused_ = *shard;
        bridge_.selectShard(*shard);
        refreshLooks();
        Q_EMIT shardMenuRequested(event->globalPos());
    } else if (const auto node = layout_.headerAt(at)) {
        bridge_.selectNode(*node);
        Q_EMIT nodeMenuRequested(*node, event->globalPos());
    }
}

void ShardBoard::resizeEvent(QResizeEvent* event)
{
    QGraphicsView::resizeEvent(event);
    layOut(false);
}

void ShardBoard::focusInEvent(QFocusEvent* event)
{
    QGraphicsView::focusInEvent(event);
    refreshLooks();
}

void ShardBoard::focusOutEvent(QFocusEvent* event)
{
    QGraphicsView::focusOutEvent(event);
    refreshLooks();
}

void ShardBoard::drawForeground(QPainter* painter, const QRectF& rect)
{
    if (!stale_) return;
    QColor ink = style_.tokens().textFaint;
    ink.setAlphaF(0.25F);
    painter->fillRect(rect, QBrush(ink, Qt::BDiagPattern));
}

}  // namespace foreshard::ui
