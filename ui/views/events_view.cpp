#include "ui/views/events_view.h"

#include "ui/models/event_filter_model.h"
#include "ui/models/event_recovery_model.h"
#include "ui/models/event_table_model.h"
#include "ui/theme/formatting.h"
#include "ui/widgets/empty_label.h"
#include "ui/widgets/plain_table.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QShortcut>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace foreshard::ui {

namespace {

QString csvField(const QString& text)
{
    QString quoted = text;
    quoted.replace(u'"', QStringLiteral("\"\""));
    return u'"' + quoted + u'"';
}

}  // namespace

QByteArray csvOf(const QAbstractItemModel& model)
{
    QStringList lines;
    for (int row = -1; row < model.rowCount(); ++row) {
        QStringList fields;
        for (int column = 0; column < model.columnCount(); ++column)
            fields << csvField(row < 0 ? model.headerData(column, Qt::Horizontal).toString()
                                       : model.index(row, column).data().toString());
        lines << fields.join(u',');
    }
    return lines.join(QStringLiteral("\r\n")).toUtf8() + "\r\n";
}

EventsView::EventsView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      bridge_(bridge),
      theme_(theme),
      events_(new EventTableModel{theme, this}),
      filter_(new EventFilterModel{this}),
      recoveries_(new EventRecoveryModel{this}),
      tabs_(new QTabWidget{this})
{
    filter_->setSourceModel(events_);
    tabs_->setDocumentMode(true);
    tabs_->addTab(buildEvents(), tr("Events"));
    tabs_->addTab(buildRecoveries(), tr("Recoveries"));
    auto* save = new QToolButton{this};
    save->setText(tr("Export rows as CSV\u2026"));
    save->setToolTip(tr("Saves the rows shown, with the filters applied"));
    exported_ = new QLabel{this};
    exported_->setTextFormat(Qt::PlainText);
    exported_->setProperty("role", QStringLiteral("soft"));
    auto* corner = new QWidget{this};
    auto* row = new QHBoxLayout{corner};
    row->setContentsMargins(0, 0, space::kInCard, 0);
    row->addWidget(exported_);
    row->addWidget(save);
    tabs_->setCornerWidget(corner);
    connect(save, &QToolButton::clicked, this, [this] { askAndExport(); });
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(tabs_);
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] { refresh(); });
    connect(&theme_, &Theme::changed, eventTable_->viewport(), qOverload<>(&QWidget::update));
    events_->waitingChanged = [this] { showCounts(); };
    recoveries_->waitingChanged = [this] { showCounts(); };
    auto* find = new QShortcut{QKeySequence::Find, this};
    find->setContext(Qt::WidgetWithChildrenShortcut);
    connect(find, &QShortcut::activated, search_, [this] { search_->setFocus(); });
    refresh();
    showCounts();
}

QTableView* EventsView::buildTable(QAbstractItemModel* model, const QString& name)
{
    auto* table = makePlainTable(model, name, this);
    table->setColumnWidth(0, 212);
    table->viewport()->installEventFilter(this);
    return table;
}

QWidget* EventsView::buildEvents()
{
    auto* page = new QWidget{this};
    search_ = new QLineEdit{page};
    search_->setPlaceholderText(tr("Filter events"));
    search_->setAccessibleName(tr("Filter events by text"));
    search_->setClearButtonEnabled(true);
    search_->setMaximumWidth(360);
    severity_ = new QComboBox{page};
    severity_->setAccessibleName(tr("Least severity shown"));
    severity_->addItems({tr("All severities"), tr("Warnings and errors"), tr("Errors only")});
    counts_ = new QLabel{page};
    counts_->setProperty("role", QStringLiteral("soft"));
    fresh_ = new QPushButton{page};
    fresh_->setVisible(false);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(space::kAroundPanel, space::kInCard, space::kAroundPanel,
                            space::kInCard);
    bar->setSpacing(space::kInCard);
    bar->addWidget(search_, 1);
    bar->addWidget(severity_);
    bar->addWidget(fresh_);
    bar->addStretch(1);
    bar->addWidget(counts_);
    eventTable_ = buildTable(filter_, tr("Events, newest first"));
    eventTable_->setColumnWidth(EventTableModel::kSeverity, 120);
    eventTable_->setColumnWidth(EventTableModel::kKind, 128);
    eventTable_->horizontalHeader()->setStretchLastSection(true);
    eventEmpty_ = makeEmptyLabel({}, page);
    eventPages_ = new QStackedWidget{page};
    eventPages_->addWidget(eventTable_);
    eventPages_->addWidget(eventEmpty_);
    auto* column = new QVBoxLayout{page};
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(eventPages_, 1);
    connect(search_, &QLineEdit::textChanged, this, [this](const QString& text) {
        filter_->setText(text);
        showCounts();
    });
    connect(severity_, &QComboBox::currentIndexChanged, this, [this](int index) {
        filter_->setLeastSeverity(static_cast<EventSeverity>(index));
        showCounts();
    });
    connect(fresh_, &QPushButton::clicked, this, [this] {
        events_->setPaused(false);
        eventTable_->scrollToTop();
    });
    return page;
}

QWidget* EventsView::buildRecoveries()
{
    auto* page = new QWidget{this};
    recoveryTable_ = buildTable(recoveries_, tr("Recoveries, newest first"));
    recoveryTable_->horizontalHeader()->setDefaultSectionSize(104);
    recoveryTable_->setColumnWidth(EventRecoveryModel::kTime, 212);
    recoveryTable_->setColumnWidth(EventRecoveryModel::kShard, 80);
    recoveryTable_->setColumnWidth(EventRecoveryModel::kCause, 160);
    recoveryTable_->setColumnWidth(EventRecoveryModel::kRecords, 160);
    recoveryPages_ = new QStackedWidget{page};
    recoveryPages_->addWidget(recoveryTable_);
    recoveryPages_->addWidget(
        makeEmptyLabel(tr("No recoveries listed. After a node is lost, each recovery is "
                          "listed here with the time it took to detect, load and replay."),
                       page));
    auto* column = new QVBoxLayout{page};
    column->setContentsMargins(0, space::kInCard, 0, 0);
    column->addWidget(recoveryPages_);
    return page;
}

void EventsView::refresh()
{
    events_->observe(bridge_.history());
    recoveries_->observe(bridge_.history());
    showCounts();
}

void EventsView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

bool EventsView::eventFilter(QObject* watched, QEvent* event)
{
    const bool enters = event->type() == QEvent::Enter;
    if (enters || event->type() == QEvent::Leave) {
        if (watched == eventTable_->viewport()) events_->setPaused(enters);
        if (watched == recoveryTable_->viewport()) recoveries_->setPaused(enters);
    }
    return QWidget::eventFilter(watched, event);
}

void EventsView::showCounts()
{
    const int all = events_->rowCount();
    const int shown = filter_->rowCount();
    const QString total = formatCount(static_cast<std::uint64_t>(all));
    counts_->setText(
        filter_->filtering()
            ? tr("%1 of %2 events").arg(formatCount(static_cast<std::uint64_t>(shown)), total)
            : tr("%1 events").arg(total));
    fresh_->setText(tr("%1 new").arg(events_->waiting()));
    fresh_->setVisible(events_->waiting() > 0);
    eventEmpty_->setText(
        all == 0 ? (bridge_.live() ? tr("No events yet. Moves, recoveries and anything that goes "
                                        "wrong are listed here as they happen.")
                                   : tr("No events here: this data directory keeps no history of "
                                        "them, or its history cannot be read."))
                 : tr("No event matches the filter. Clear it to see all %1.").arg(total));
    eventPages_->setCurrentIndex(shown == 0 ? 1 : 0);
    recoveryPages_->setCurrentIndex(recoveries_->rowCount() == 0 ? 1 : 0);
    // The engine's own count; it lists its newest ones only.
    const auto listed = static_cast<std::uint64_t>(recoveries_->rowCount());
    const SnapshotPtr& snapshot = bridge_.snapshot();
    const std::uint64_t done = std::max(listed, snapshot ? snapshot->recoveriesDone : 0);
    tabs_->setTabText(1,
                      done == 0 ? tr("Recoveries") : tr("Recoveries (%1)").arg(formatCount(done)));
}

Status EventsView::exportCsv(const QString& path) const
{
    const QTableView* table = tabs_->currentIndex() == 0 ? eventTable_ : recoveryTable_;
    QSaveFile file{path};
    const QByteArray bytes = csvOf(*table->model());
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error{Errc::kIo, "export to " + path.toStdString()
                                    + " failed: " + file.errorString().toStdString()
                                    + ": choose another folder or free some space"};
    return {};
}

void EventsView::askAndExport()
{
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Export rows"), QDir::home().filePath(QStringLiteral("foreshard-events.csv")),
        tr("Comma-separated values (*.csv)"));
    if (path.isEmpty()) return;
    const Status status = exportCsv(path);
    exported_->setText(status.ok() ? tr("Saved to %1").arg(QFileInfo{path}.fileName())
                                   : plainText(status.error().message));
}

}  // namespace foreshard::ui
