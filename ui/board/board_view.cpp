#include "ui/board/board_view.h"

#include "ui/theme/formatting.h"
#include "ui/theme/icons.h"

#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QStyle>
#include <QTableView>
#include <QVBoxLayout>

namespace foreshard::ui {
namespace {

constexpr std::array<std::uint32_t, 5> kIntervals = {100, 250, 500, 1000, 5000};

}  // namespace

BoardView::BoardView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent), bridge_(bridge), theme_(theme)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    stack_ = new QStackedWidget(this);
    column->addWidget(stack_, 1);
    buildBoard();
    buildTable();
    buildHint();
    buildActions();
    showPreview({}, true);
    setFocusProxy(board_);
    connect(&bridge_, &EngineBridge::selectionChanged, this, &BoardView::selectRowOfSelection);
}

void BoardView::buildBoard()
{
    board_ = new ShardBoard(bridge_, theme_, stack_);
    stack_->addWidget(board_);
    connect(board_, &ShardBoard::previewChanged, this, &BoardView::showPreview);
    connect(board_, &ShardBoard::shardMenuRequested, this, &BoardView::showShardMenu);
    connect(board_, &ShardBoard::nodeMenuRequested, this, &BoardView::showNodeMenu);
    connect(board_, &ShardBoard::intervalMenuRequested, this, &BoardView::showIntervalMenu);
    connect(board_, &ShardBoard::checkpointRequested, this, &BoardView::checkpointChosen);
}

void BoardView::buildTable()
{
    model_ = new ShardTableModel(bridge_, this);
    sorted_ = new QSortFilterProxyModel(this);
    sorted_->setSourceModel(model_);
    sorted_->setSortRole(Qt::UserRole);
    // Rows stay where they are while figures change; a click on a header sorts anew.
    sorted_->setDynamicSortFilter(false);
    table_ = new QTableView(stack_);
    table_->setModel(sorted_);
    table_->setAccessibleName(tr("Shards"));
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setSelectionMode(QAbstractItemView::ExtendedSelection);
    table_->setSortingEnabled(true);
    table_->sortByColumn(ShardTableModel::kShard, Qt::AscendingOrder);
    table_->setShowGrid(false);
    table_->setAlternatingRowColors(true);
    table_->setTabKeyNavigation(false);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(space::kRowHeight);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->setContextMenuPolicy(Qt::CustomContextMenu);
    const QFontMetrics metrics(theme_.body());
    for (int i = 0; i < ShardTableModel::kColumns; ++i) {
        const QString title = model_->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString();
        const QString widest = i == ShardTableModel::kReason       ? QString(34, u'x')
                               : i == ShardTableModel::kClass      ? QStringLiteral("\u25C7 medium")
                               : i == ShardTableModel::kCheckpoint ? QStringLiteral("00:00:00.000")
                                                                   : QString();
        const int wanted =
            std::max(metrics.horizontalAdvance(title), metrics.horizontalAdvance(widest));
        table_->setColumnWidth(i, std::max(72, wanted + 40));
    }
    stack_->addWidget(table_);
    connect(table_, &QTableView::customContextMenuRequested, this,
            [this](QPoint at) { showShardMenu(table_->viewport()->mapToGlobal(at)); });
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& now) {
                if (now.isValid() && showsTable())
                    bridge_.selectShard(model_->shardAt(sorted_->mapToSource(now).row()));
            });
}

void BoardView::buildHint()
{
    hint_ = new QLabel(this);
    hint_->setTextFormat(Qt::PlainText);
    hint_->setContentsMargins(space::kAroundPanel, 6, space::kAroundPanel, 6);
    hint_->setAccessibleName(tr("What the gesture would do"));
    hint_->setMinimumWidth(1);  // long forecasts are cut, never widen the window
    layout()->addWidget(hint_);
}

void BoardView::buildActions()
{
    const auto make = [this](const QString& name, const QString& text, const QKeySequence& key) {
        auto* action = new QAction(text, this);
        action->setObjectName(name);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        addAction(action);
        return action;
    };
    tableAction_ = make(QStringLiteral("boardTable"), tr("Show as table"), Qt::Key_T);
    tableAction_->setCheckable(true);
    connect(tableAction_, &QAction::toggled, this, &BoardView::setTable);
    if (bridge_.readOnly()) return;
    moveAction_ = make(QStringLiteral("boardMove"), tr("Move to node\u2026"), Qt::Key_M);
    connect(moveAction_, &QAction::triggered, this, [this] {
        setTable(false);
        board_->beginMove();
    });
    intervalAction_ = make(QStringLiteral("boardInterval"), tr("Set interval\u2026"), Qt::Key_I);
    connect(intervalAction_, &QAction::triggered, this,
            [this] { showIntervalMenu(mapToGlobal(rect().center())); });
    checkpointAction_ = make(QStringLiteral("boardCheckpoint"), tr("Checkpoint now"), Qt::Key_C);
    connect(checkpointAction_, &QAction::triggered, this, &BoardView::checkpointChosen);
    shardActions_ = {moveAction_, intervalAction_, checkpointAction_};
    applyTheme();
}

void BoardView::applyTheme()
{
    if (moveAction_ == nullptr) return;
    moveAction_->setIcon(icon(QStringLiteral("move"), theme_));
    intervalAction_->setIcon(icon(QStringLiteral("interval"), theme_));
    checkpointAction_->setIcon(icon(QStringLiteral("checkpoint"), theme_));
}

bool BoardView::showsTable() const { return stack_->currentWidget() == table_; }

void BoardView::setStale(bool stale) { board_->setStale(stale); }

void BoardView::setTable(bool table)
{
    if (tableAction_->isChecked() != table) {
        tableAction_->setChecked(table);  // comes back here
        return;
    }
    // Before the focus comes, or the table's first row would be selected.
    if (table) selectRowOfSelection();
    stack_->setCurrentWidget(table ? static_cast<QWidget*>(table_) : board_);
    setFocusProxy(stack_->currentWidget());
    stack_->currentWidget()->setFocus();
    showPreview({}, true);
}

std::vector<ShardId> BoardView::chosen() const
{
    if (!showsTable()) return board_->chosenShards();
    std::vector<ShardId> shards;
    for (const QModelIndex& row : table_->selectionModel()->selectedRows())
        shards.push_back(model_->shardAt(sorted_->mapToSource(row).row()));
    return shards;
}

void BoardView::selectRowOfSelection()
{
    const auto shard = bridge_.selectedShard();
    const int row = shard ? model_->rowOf(*shard) : -1;
    if (row < 0) return;
    const QModelIndex at = sorted_->mapFromSource(model_->index(row, 0));
    if (at.row() != table_->currentIndex().row()) table_->setCurrentIndex(at);
}

void BoardView::checkpointChosen()
{
    if (bridge_.readOnly()) return;
    for (const ShardId shard : chosen())
        bridge_.checkpointNow(shard);
}

void BoardView::setChosenInterval(std::uint32_t intervalMs)
{
    for (const ShardId shard : chosen())
        bridge_.setInterval(shard, intervalMs);
}

QMenu* BoardView::makeIntervalMenu(QWidget* parent)
{
    auto* menu = new QMenu(tr("Interval"), parent);
    const auto add = [this, menu](const QString& text, std::uint32_t intervalMs) {
        menu->addAction(text, this, [this, intervalMs] { setChosenInterval(intervalMs); });
    };
    add(tr("Automatic (the policy decides)"), 0);
    menu->addSeparator();
    for (const std::uint32_t interval : kIntervals)
        add(formatInterval(interval), interval);
    return menu;
}

QMenu* BoardView::makeMoveMenu(QWidget* parent)
{
    auto* menu = new QMenu(tr("Move to"), parent);
    const SnapshotPtr snapshot = bridge_.snapshot();
    if (!snapshot) return menu;
    const auto shards = chosen();
    for (const auto& node : snapshot->nodes) {
        const MovePlan plan = planMove(*snapshot, shards, node.id);
        const NodeChange* change = plan.changeOf(node.id);
        QString text = nodeName(node.id);
        if (plan.possible() && change != nullptr) {
            text += QStringLiteral("\t%1 \u2192 %2")
                        .arg(formatPercent(change->before), formatPercent(change->after));
        } else {
            text += u'\t' + plan.obstacle;
        }
        auto* action = menu->addAction(text, this, [this, to = node.id] {
            const auto now = bridge_.snapshot();
            const MovePlan fresh = planMove(*now, chosen(), to);
            if (fresh.possible()) bridge_.moveShards(fresh.shards, to);
        });
        action->setEnabled(plan.possible());
    }
    return menu;
}

void BoardView::showIntervalMenu(QPoint global)
{
    if (bridge_.readOnly() || chosen().empty()) return;
    QMenu* menu = makeIntervalMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->popup(global);
}

void BoardView::showShardMenu(QPoint global)
{
    const auto shards = chosen();
    if (shards.empty()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!bridge_.readOnly()) {
        QMenu* moveMenu = makeMoveMenu(menu);
        moveMenu->setTitle(shards.size() == 1 ? tr("Move %1 to").arg(shardName(shards.front()))
                                              : tr("Move %1 shards to").arg(shards.size()));
        menu->addMenu(moveMenu);
        menu->addAction(moveAction_);
        menu->addMenu(makeIntervalMenu(menu));
        menu->addAction(checkpointAction_);
        menu->addSeparator();
    }
    menu->addAction(tableAction_);
    menu->popup(global);
}

void BoardView::showNodeMenu(NodeId node, QPoint global)
{
    if (bridge_.readOnly()) return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(QStringLiteral("kill"), theme_),
                    tr("Kill %1 (drill)\u2026").arg(nodeName(node)), this,
                    [this, node] { Q_EMIT killRequested(node); });
    menu->popup(global);
}

void BoardView::showPreview(const QString& text, bool possible)
{
    QString line = text;
    if (board_->gestureUnderWay()) {
        line += tr("     Drop or Enter: move   Esc: leave");
    } else if (showsTable()) {
        line = tr("T: back to the board");
    } else if (bridge_.readOnly()) {
        line = tr("Read-only. Arrows: walk   T: table");
    } else {
        line =
            tr("Drag a card to a node, or press M.   Arrows: walk   I: interval   "
               "C: checkpoint   T: table");
    }
    hint_->setText(line);
    hint_->setProperty("role", !possible                   ? QStringLiteral("failed")
                               : board_->gestureUnderWay() ? QStringLiteral("accent")
                                                           : QStringLiteral("faint"));
    hint_->style()->unpolish(hint_);  // the role decides the colour
    hint_->style()->polish(hint_);
}

}  // namespace foreshard::ui
