#include "ui/timeline/timeline_view.h"

#include "ui/models/checkpoint_table_model.h"
#include "ui/theme/formatting.h"
#include "ui/timeline/timeline_details.h"
#include "ui/timeline/timeline_legend.h"
#include "ui/timeline/timeline_widget.h"
#include "ui/widgets/empty_label.h"
#include "ui/widgets/plain_table.h"

#include <QBoxLayout>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

namespace foreshard::ui {

namespace {

enum Page {
    kTimelinePage,
    kTablePage,
    kEmptyPage
};

QToolButton* headerButton(const QString& text, const QString& tip, QWidget* parent)
{
    auto* button = new QToolButton{parent};
    button->setText(text);
    button->setToolTip(tip);
    return button;
}

}  // namespace

TimelineView::TimelineView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      bridge_(bridge),
      theme_(theme),
      timeline_(new TimelineWidget{theme, this}),
      details_(new TimelineDetails{theme, this}),
      model_(new CheckpointTableModel{this})
{
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    buildHeader();
    buildPausedBar();
    buildPages();
    column->addWidget(header_);
    column->addWidget(pausedBar_);
    auto* row = new QHBoxLayout;
    row->setSpacing(1);
    row->addWidget(pages_, 1);
    row->addWidget(details_);
    column->addLayout(row, 1);
    connectBridge();
    pausedChanged(bridge_.paused());
    refresh();
}

void TimelineView::buildHeader()
{
    header_ = new QWidget{this};
    auto* row = new QHBoxLayout{header_};
    row->setContentsMargins(space::kAroundPanel, space::kUnit, space::kAroundPanel, space::kUnit);
    row->addWidget(new TimelineLegend{theme_, header_}, 1);
    auto* fit = headerButton(
        tr("Fit"),
        tr("Show everything that is known (F). Step through a lane with comma and dot, zoom "
           "with W and S, pan with A and D."),
        header_);
    connect(fit, &QToolButton::clicked, timeline_, [this] { timeline_->fit(); });
    row->addWidget(fit);
    tableButton_ =
        headerButton(tr("Show as table"), tr("The same checkpoints as a table"), header_);
    tableButton_->setCheckable(true);
    connect(tableButton_, &QToolButton::toggled, this, [this](bool on) { showTable(on); });
    row->addWidget(tableButton_);
}

void TimelineView::buildPausedBar()
{
    pausedBar_ = new QFrame{this};
    pausedBar_->setProperty("role", QStringLiteral("message"));
    pausedText_ = new QLabel{pausedBar_};
    auto* back = new QPushButton{tr("Back to live"), pausedBar_};
    back->setToolTip(tr("Follow the newest moment again (L)"));
    connect(back, &QPushButton::clicked, this, [this] { bridge_.setPaused(false); });
    auto* row = new QHBoxLayout{pausedBar_};
    row->setContentsMargins(space::kBetweenCards, space::kUnit, space::kInCard, space::kUnit);
    row->addWidget(pausedText_);
    row->addStretch(1);
    row->addWidget(back);
}

void TimelineView::buildPages()
{
    table_ = makePlainTable(model_, tr("Checkpoints, newest first"), this);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->horizontalHeader()->setStretchLastSection(true);
    table_->horizontalHeader()->setDefaultSectionSize(84);
    for (const auto& [column, width] : {std::pair{CheckpointTableModel::kTime, 212},
                                        {CheckpointTableModel::kId, 80},
                                        {CheckpointTableModel::kShard, 76},
                                        {CheckpointTableModel::kKind, 88},
                                        {CheckpointTableModel::kN, 88},
                                        {CheckpointTableModel::kOffset, 116},
                                        {CheckpointTableModel::kKeys, 80},
                                        {CheckpointTableModel::kBytes, 92},
                                        {CheckpointTableModel::kSnapshotMs, 104},
                                        {CheckpointTableModel::kStoreMs, 88},
                                        {CheckpointTableModel::kInterval, 96}})
        table_->setColumnWidth(column, width);
    table_->viewport()->installEventFilter(this);
    connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& current) {
                if (!current.isValid()) return;
                const CheckpointInfo info = model_->rowAt(current.row());
                timeline_->selectCheckpoint(info);
                bridge_.selectShard(info.shard);
            });
    empty_ = makeEmptyLabel(tr("No shards yet. Every shard gets a lane here as soon as an engine "
                               "answers; start one or connect to one."),
                            this);
    pages_ = new QStackedWidget{this};
    pages_->insertWidget(kTimelinePage, timeline_);
    pages_->insertWidget(kTablePage, table_);
    pages_->insertWidget(kEmptyPage, empty_);
    setFocusProxy(timeline_);
}

void TimelineView::connectBridge()
{
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] { refresh(); });
    connect(&bridge_, &EngineBridge::pausedChanged, this, &TimelineView::pausedChanged);
    connect(&bridge_, &EngineBridge::selectionChanged, this,
            [this] { timeline_->selectLane(bridge_.selectedShard()); });
    connect(timeline_, &TimelineWidget::laneChosen, this,
            [this](ShardId shard) { bridge_.selectShard(shard); });
    connect(timeline_, &TimelineWidget::checkpointChosen, this, [this] { showSelected(); });
    connect(timeline_, &TimelineWidget::leftLive, this, [this] { bridge_.setPaused(true); });
    connect(timeline_, &TimelineWidget::liveWanted, this, [this] { bridge_.setPaused(false); });
}

void TimelineView::refresh()
{
    const SnapshotPtr& snapshot = bridge_.snapshot();
    // The history keeps everything, so a hidden page may wait until it is shown.
    if (snapshot != nullptr && (isVisible() || timeline_->scene().empty())) {
        timeline_->setSight(bridge_.sight());
        timeline_->observe(bridge_.history(), *snapshot);
        model_->observe(bridge_.history());
    }
    const bool empty = timeline_->scene().empty();
    details_->setVisible(!empty && timeline_->selected() != nullptr);
    header_->setVisible(!empty);
    if (empty)
        pages_->setCurrentIndex(kEmptyPage);
    else
        pages_->setCurrentIndex(tableButton_->isChecked() ? kTablePage : kTimelinePage);
}

void TimelineView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
    timeline_->selectLane(bridge_.selectedShard());
}

bool TimelineView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == table_->viewport()) {
        if (event->type() == QEvent::Enter) model_->setPaused(true);
        if (event->type() == QEvent::Leave) model_->setPaused(false);
    }
    return QWidget::eventFilter(watched, event);
}

void TimelineView::pausedChanged(bool paused)
{
    if (const SnapshotPtr& snapshot = bridge_.snapshot(); paused && snapshot != nullptr)
        pausedText_->setText(tr("Paused at %1 UTC. The engine goes on; what happens meanwhile is "
                                "kept.")
                                 .arg(formatTime(snapshot->wallMs).left(8)));
    // Before the bar takes its room: a live timeline follows the newest moment when it is resized.
    timeline_->setLive(!paused);
    pausedBar_->setVisible(paused);
}

void TimelineView::showSelected()
{
    if (const CheckpointInfo* info = timeline_->selected(); info != nullptr) details_->show(*info);
    // Without a choice the room belongs to the lanes.
    details_->setVisible(timeline_->selected() != nullptr);
}

void TimelineView::showTable(bool table)
{
    tableButton_->setText(table ? tr("Show as timeline") : tr("Show as table"));
    refresh();
    (table ? static_cast<QWidget*>(table_) : timeline_)->setFocus();
}

}  // namespace foreshard::ui
