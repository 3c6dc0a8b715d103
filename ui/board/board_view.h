#pragma once
// The board page: the board or its table twin, a line that says what a gesture would do, and the
// actions on shards and nodes with their menus. Qt thread only.
#include "ui/board/shard_board.h"
#include "ui/models/shard_table_model.h"

#include <QAction>
#include <QWidget>

#include <functional>
#include <optional>

class QLabel;
class QMenu;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;

namespace foreshard::ui {

class BoardView final : public QWidget {
    Q_OBJECT

public:
    BoardView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

    ShardBoard& board() { return *board_; }
    bool showsTable() const;
    void setStale(bool stale);

    // For the menu bar and the palette; empty in read-only mode but for the table toggle.
    QList<QAction*> shardActions() const { return shardActions_; }
    QAction* tableAction() const { return tableAction_; }
    // Fresh menu with the intervals to choose from, owned by `parent`.
    QMenu* makeIntervalMenu(QWidget* parent);
    // Fresh menu with the nodes to move the chosen shards to.
    QMenu* makeMoveMenu(QWidget* parent);
    void applyTheme();

public Q_SLOTS:
    void setTable(bool table);
    void checkpointChosen();
    void showIntervalMenu(QPoint global);

Q_SIGNALS:
    void killRequested(foreshard::NodeId node);

private:
    void buildBoard();
    void buildTable();
    void buildHint();
    void buildActions();
    void showShardMenu(QPoint global);
    void showNodeMenu(NodeId node, QPoint global);
    void showPreview(const QString& text, bool possible);
    void setChosenInterval(std::uint32_t intervalMs);
    std::vector<ShardId> chosen() const;
    void selectRowOfSelection();

    EngineBridge& bridge_;
    const Theme& theme_;
    ShardBoard* board_ = nullptr;
    ShardTableModel* model_ = nullptr;
    QSortFilterProxyModel* sorted_ = nullptr;
    QTableView* table_ = nullptr;
    QStackedWidget* stack_ = nullptr;
    QLabel* hint_ = nullptr;
    QAction* tableAction_ = nullptr;
    QAction* moveAction_ = nullptr;
    QAction* checkpointAction_ = nullptr;
    QAction* intervalAction_ = nullptr;
    QList<QAction*> shardActions_;
};

}  // namespace foreshard::ui
