#include "ui/board/board_layout.h"

#include "ui/theme/tokens.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace foreshard::ui {
namespace {

constexpr double kGap = space::kBetweenCards;
constexpr double kMargin = space::kAroundPanel;
constexpr double kPad = space::kInCard;

struct Grid {
    int cardsAcross = 1;
    double cardWidth = space::kCardWidth;
    double columnWidth = space::kCardWidth + 2 * kPad;
};

// The available width is shared by all columns; cards widen until one more fits beside them.
Grid gridFor(std::size_t columns, double width)
{
    Grid grid;
    const auto count = static_cast<double>(std::max<std::size_t>(1, columns));
    const double share = std::floor((width - 2 * kMargin - (count - 1) * kGap) / count);
    grid.columnWidth = std::max(grid.columnWidth, share);
    const double inner = grid.columnWidth - 2 * kPad;
    grid.cardsAcross = std::max(1, static_cast<int>((inner + kPad) / (space::kCardWidth + kPad)));
    const double gaps = kPad * static_cast<double>(grid.cardsAcross - 1);
    grid.cardWidth = std::floor((inner - gaps) / static_cast<double>(grid.cardsAcross));
    return grid;
}

}  // namespace

BoardLayout BoardLayout::of(const ClusterSnapshot& snapshot, QSizeF available)
{
    BoardLayout layout;
    const Grid grid = gridFor(snapshot.nodes.size(), available.width());
    double x = kMargin;
    double bottom = 0;
    for (const NodeSnapshot& node : snapshot.nodes) {
        int index = 0;
        double y = kMargin + kHeaderHeight;
        for (const ShardSnapshot& shard : snapshot.shards) {
            if (shard.node != node.id) continue;
            const int across = index % grid.cardsAcross;
            y = kMargin + kHeaderHeight
                + static_cast<double>(index / grid.cardsAcross) * (space::kCardHeight + kPad);
            layout.cards[shard.id] =
                QRectF(x + kPad + static_cast<double>(across) * (grid.cardWidth + kPad), y,
                       grid.cardWidth, space::kCardHeight);
            ++index;
        }
        if (index > 0) bottom = std::max(bottom, y + space::kCardHeight);
        layout.columns[node.id] = QRectF(x, kMargin, grid.columnWidth, 0);
        x += grid.columnWidth + kGap;
    }
    const double height = std::max(bottom + kPad + kMargin, available.height());
    for (auto& [id, rect] : layout.columns)
        rect.setHeight(height - 2 * kMargin);
    layout.size = QSizeF(std::max(x - kGap + kMargin, available.width()), height);
    return layout;
}

std::optional<ShardId> BoardLayout::cardAt(QPointF point) const
{
    for (const auto& [id, rect] : cards) {
        if (rect.contains(point)) return id;
    }
    return {};
}

std::optional<NodeId> BoardLayout::columnAt(QPointF point) const
{
    for (const auto& [id, rect] : columns) {
        if (point.x() >= rect.left() && point.x() < rect.right()) return id;
    }
    return {};
}

std::optional<NodeId> BoardLayout::headerAt(QPointF point) const
{
    const auto node = columnAt(point);
    if (!node) return {};
    const QRectF& rect = columns.at(*node);
    const bool inside = point.y() >= rect.top() && point.y() < rect.top() + kHeaderHeight;
    return inside ? node : std::nullopt;
}

ShardId BoardLayout::neighbour(ShardId from, int dx, int dy) const
{
    const auto own = cards.find(from);
    if (own == cards.end()) return cards.empty() ? from : cards.begin()->first;
    const QPointF centre = own->second.center();
    ShardId best = from;
    double bestCost = 0;
    for (const auto& [id, rect] : cards) {
        const QPointF way = rect.center() - centre;
        const double along = way.x() * dx + way.y() * dy;
        if (along <= 1) continue;
        const double aside = std::fabs(dx != 0 ? way.y() : way.x());
        // Up and down keep to the column; sideways takes the nearest height.
        const double cost = along + aside * (dx != 0 ? 2 : 8);
        if (best == from || cost < bestCost) {
            best = id;
            bestCost = cost;
        }
    }
    return best;
}

}  // namespace foreshard::ui
