#pragma once
// Where columns and cards are: a column per node, the cards of a node in order of their ids, as
// many beside each other as fit. Pure.
#include "engine/model/snapshot.h"

#include <QPointF>
#include <QRectF>
#include <QSizeF>

#include <map>
#include <optional>

namespace foreshard::ui {

struct BoardLayout {
    static constexpr double kHeaderHeight = 76;

    std::map<NodeId, QRectF> columns;
    std::map<ShardId, QRectF> cards;
    QSizeF size;

    std::optional<ShardId> cardAt(QPointF point) const;
    // By the column's x range alone, at any height.
    std::optional<NodeId> columnAt(QPointF point) const;
    std::optional<NodeId> headerAt(QPointF point) const;
    // The nearest card in a direction (dx or dy is -1 or +1); the same card when there is none.
    ShardId neighbour(ShardId from, int dx, int dy) const;

    static BoardLayout of(const ClusterSnapshot& snapshot, QSizeF available);
};

}  // namespace foreshard::ui
