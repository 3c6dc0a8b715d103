#pragma once
// The board itself: a column per node, a card per shard, moved by mouse or keyboard. It asks for
// moves and never makes them: a card changes its column only when a snapshot says so. While a
// gesture is under way snapshots change figures, never the layout. Qt thread only.
#include "ui/board/board_items.h"
#include "ui/board/board_layout.h"
#include "ui/board/shard_drag_controller.h"
#include "ui/bridge/engine_bridge.h"

#include <QGraphicsView>
#include <QVariantAnimation>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace foreshard::ui {

class ShardBoard final : public QGraphicsView {
    Q_OBJECT

public:
    ShardBoard(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);
    ~ShardBoard() override;

    // The selected shards by id; the focused one when nothing is selected.
    std::vector<ShardId> chosenShards() const;
    std::optional<ShardId> focusedShard() const { return focused_; }
    bool gestureUnderWay() const { return drag_.holdsLayout(); }

    // Viewport positions, for menus and tests; an empty rectangle for an unknown id.
    QRect cardRect(ShardId shard) const;
    QRect columnRect(NodeId node) const;

    void setStale(bool stale);

public Q_SLOTS:
    // Keyboard move of the chosen shards; nothing happens without any or in read-only mode.
    void beginMove();
    void cancelGesture();

Q_SIGNALS:
    // The forecast of the gesture in words; empty when there is none.
    void previewChanged(const QString& text, bool possible);
    void shardMenuRequested(QPoint global);
    void nodeMenuRequested(foreshard::NodeId node, QPoint global);
    void intervalMenuRequested(QPoint global);
    void checkpointRequested();

protected:
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    // Asked for, until a snapshot shows a newer plan of the shard or the command is refused.
    struct Staged {
        NodeId to;
        std::uint64_t command = 0;
        PlanId newestPlan;  // known when it was asked for
    };

    void showSnapshot();
    void stage(const MovePlan& plan);
    void syncItems(const ClusterSnapshot& snapshot);
    BoardLayout fittingLayout(const ClusterSnapshot& snapshot) const;
    void layOut(bool animated);
    void place(double progress);
    void refreshLooks();
    void refreshPreview();
    void forgetSettled(const ClusterSnapshot& snapshot);
    void finishGesture(const std::optional<ShardDragController::Wish>& wish);
    void handleReply(const CommandReply& reply);
    void selectAt(ShardId shard, Qt::KeyboardModifiers modifiers);
    void focusCard(ShardId shard, bool extend);
    bool chooseByKey(int key);
    bool walkByKey(QKeyEvent* event);
    QPoint menuPoint() const;
    void followSelection();

    EngineBridge& bridge_;
    BoardStyle style_;
    QGraphicsScene scene_;
    ShardDragController drag_;
    BoardLayout layout_;
    std::map<NodeId, std::unique_ptr<NodeColumnItem>> columns_;
    std::map<ShardId, std::unique_ptr<ShardCardItem>> cards_;
    GhostItem ghost_;
    std::set<ShardId> selected_;
    std::optional<ShardId> focused_;
    std::map<ShardId, Staged> staged_;
    std::map<ShardId, NodeId> moving_;
    std::map<ShardId, QPointF> motionFrom_;
    QVariantAnimation motion_;
    bool layoutOwed_ = false;
    bool clickSelects_ = false;
    bool stale_ = false;
};

}  // namespace foreshard::ui
