#pragma once
// What the board paints: columns, cards and the ghost under the pointer. They hold values to show
// and decide nothing. All share one BoardStyle, owned by the board.
#include "engine/model/engine_sight.h"
#include "engine/model/snapshot.h"
#include "ui/board/move_plan.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/theme/theme.h"

#include <QFont>
#include <QGraphicsItem>

#include <optional>

namespace foreshard::ui {

// Fonts are looked up once per theme; the load scale is common to all sparklines, so that cards
// can be compared.
struct BoardStyle {
    static constexpr std::size_t kSparklineSamples = 200;  // 20 s

    const Theme& theme;
    const SnapshotHistory& history;
    QFont body, label, title, mono;
    PerMille loadScale = 200;
    EngineSight sight = EngineSight::kLive;

    explicit BoardStyle(const Theme& shared, const SnapshotHistory& past)
        : theme(shared), history(past)
    {
        refresh();
    }
    void refresh();
    // Makes every sparkline's window fit; in steps of a tenth of a node, so that it rests.
    void fitScale(const ClusterSnapshot& snapshot);
    bool live() const { return sight == EngineSight::kLive; }
    const Tokens& tokens() const { return theme.tokens(); }
};

class NodeColumnItem final : public QGraphicsItem {
public:
    explicit NodeColumnItem(const BoardStyle& style) : style_(style) {}

    void show(const NodeSnapshot& node);
    void setSize(QSizeF size);
    void setSelected(bool selected);
    // The plan under way, if it touches this node; `target`: the cards would land here.
    void setPreview(std::optional<NodeChange> change, bool target, bool possible);

    QRectF boundingRect() const override { return {QPointF(0, 0), size_}; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    QString stateText() const;
    void paintBar(QPainter& painter, const QRectF& rect) const;
    void paintFigures(QPainter& painter, const QRectF& rect) const;

    const BoardStyle& style_;
    NodeSnapshot node_;
    QSizeF size_;
    bool selected_ = false;
    std::optional<NodeChange> change_;
    bool target_ = false;
    bool possible_ = true;
};

class ShardCardItem final : public QGraphicsItem {
public:
    struct Look {
        bool selected = false;
        bool focused = false;
        bool lifted = false;           // under way with the pointer
        std::optional<NodeId> staged;  // asked for, not yet seen in a snapshot
        std::optional<NodeId> moving;  // the engine is moving it there
        friend bool operator==(const Look&, const Look&) = default;
    };

    explicit ShardCardItem(const BoardStyle& style) : style_(style) {}

    void show(const ShardSnapshot& shard);
    void setLook(const Look& look);
    void setSize(QSizeF size);

    QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    void paintFrame(QPainter& painter) const;
    void paintHead(QPainter& painter, const QRectF& line) const;
    void paintSparkline(QPainter& painter, const QRectF& rect) const;
    void paintFoot(QPainter& painter, const QRectF& line) const;
    QString stateText() const;

    const BoardStyle& style_;
    ShardSnapshot shard_;
    Look look_;
    QSizeF size_;
};

class GhostItem final : public QGraphicsItem {
public:
    explicit GhostItem(const BoardStyle& style);

    void setText(const QString& text, bool possible);

    QRectF boundingRect() const override;
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget* widget) override;

private:
    const BoardStyle& style_;
    QString text_;
    bool possible_ = true;
};

// A number with its unit in a softer ink ("128 ms"), inside `rect`; returns the width used.
double paintQuantity(QPainter& painter, const QRectF& rect, const QString& text, const QColor& ink,
                     const QColor& unitInk, bool right = false);

}  // namespace foreshard::ui
