#include "ui/views/load_charts.h"

#include "ui/theme/formatting.h"
#include "ui/views/load_charts_data.h"
#include "ui/views/load_charts_panel.h"
#include "ui/views/load_charts_table.h"
#include "ui/widgets/empty_label.h"
#include "ui/widgets/plain_table.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>
#include <array>

namespace foreshard::ui {

namespace {

enum Page {
    kEmptyPage,
    kChartsPage,
    kTablePage
};

// A window and the distance of its labels.
struct Span {
    WallMillis lengthMs;
    WallMillis stepMs;
};
constexpr std::array<Span, 3> kSpans{{{60'000, 10'000}, {120'000, 20'000}, {600'000, 100'000}}};

constexpr double kMega = 1e6;

QString coloured(const QColor& colour, const QString& word)
{
    return QStringLiteral("<span style='color:%1'>%2</span>").arg(colour.name(), word);
}

double highestOf(const std::vector<ChartPoint>& points)
{
    double highest = 0;
    for (const ChartPoint& point : points)
        highest = std::max(highest, point.value);
    return highest;
}

double percentOf(PerMille share) { return share / 10.0; }

}  // namespace

LoadChartsView::LoadChartsView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      bridge_(bridge),
      theme_(theme),
      pages_(new QStackedWidget{this}),
      model_(new LoadChartsTable{this})
{
    buildHeader();
    empty_ = makeEmptyLabel({}, this);
    pages_->insertWidget(kEmptyPage, empty_);
    buildPanels();
    buildTable();
    auto* column = new QVBoxLayout{this};
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(header_);
    column->addWidget(pages_, 1);
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] { refresh(); });
    connect(&bridge_, &EngineBridge::selectionChanged, this, [this] { followSelection(); });
    connect(&theme_, &Theme::changed, this, [this] { showWords(); });
    followSelection();
    refresh();
}

void LoadChartsView::buildHeader()
{
    header_ = new QWidget{this};
    chooser_ = new QComboBox{header_};
    chooser_->setMinimumWidth(160);
    chooser_->setAccessibleName(tr("Shard or node shown"));
    span_ = new QComboBox{header_};
    span_->addItems({tr("Last minute"), tr("Last 2 minutes"), tr("Last 10 minutes")});
    span_->setCurrentIndex(1);
    span_->setAccessibleName(tr("Time shown"));
    tableButton_ = new QToolButton{header_};
    tableButton_->setCheckable(true);
    tableButton_->setText(tr("Show as table"));
    auto* zone = new QLabel{tr("Times are UTC"), header_};
    zone->setProperty("role", QStringLiteral("soft"));
    auto* row = new QHBoxLayout{header_};
    row->setContentsMargins(space::kAroundPanel, space::kInCard, space::kAroundPanel,
                            space::kInCard);
    row->setSpacing(space::kInCard);
    row->addWidget(chooser_);
    row->addWidget(span_);
    row->addStretch(1);
    row->addWidget(zone);
    row->addWidget(tableButton_);
    connect(chooser_, &QComboBox::activated, this, [this](int index) { choose(index); });
    connect(span_, &QComboBox::currentIndexChanged, this, [this] { refresh(); });
    connect(tableButton_, &QToolButton::toggled, this, [this](bool on) {
        tableButton_->setText(on ? tr("Show as charts") : tr("Show as table"));
        refresh();
    });
}

void LoadChartsView::buildPanels()
{
    using Ink = LoadChartsPanel::Ink;
    auto* page = new QWidget{this};
    load_ = new LoadChartsPanel{
        theme_, {}, {{Ink::kActual, false}, {Ink::kPredicted, true}}, true, page};
    interval_ = new LoadChartsPanel{
        theme_, tr("Checkpoint interval, ms"), {{Ink::kAccent, false}}, false, page};
    rate_ =
        new LoadChartsPanel{theme_, tr("Cluster, records/s"), {{Ink::kActual, false}}, false, page};
    buffered_ =
        new LoadChartsPanel{theme_, tr("Buffered, MB"), {{Ink::kActual, false}}, false, page};
    buffered_->setToolTip(
        tr("Bytes behind the newest checkpoint: what would be replayed if the "
           "node died now"));
    auto* lower = new QHBoxLayout;
    lower->setSpacing(space::kBetweenCards);
    lower->addWidget(rate_, 1);
    lower->addWidget(buffered_, 1);
    auto* column = new QVBoxLayout{page};
    column->setContentsMargins(space::kAroundPanel, 0, space::kAroundPanel, space::kAroundPanel);
    column->setSpacing(space::kBetweenCards);
    column->addWidget(load_, 4);
    column->addWidget(interval_, 3);
    column->addLayout(lower, 3);
    for (LoadChartsPanel* panel : {load_, interval_, rate_, buffered_})
        connect(panel, &LoadChartsPanel::cursorMoved, this,
                [this](qint64 timeMs) { setCursor(timeMs); });
    pages_->insertWidget(kChartsPage, page);
}

void LoadChartsView::buildTable()
{
    table_ = makePlainTable(model_, tr("Load of the shard, a row per second, newest first"), this);
    table_->horizontalHeader()->setDefaultSectionSize(104);
    table_->setColumnWidth(LoadChartsTable::kTime, 212);
    table_->viewport()->installEventFilter(this);
    pages_->insertWidget(kTablePage, table_);
}

void LoadChartsView::refreshChooser(const ClusterSnapshot& snapshot)
{
    const bool same =
        std::equal(shards_.begin(), shards_.end(), snapshot.shards.begin(), snapshot.shards.end(),
                   [](ShardId id, const ShardSnapshot& shard) { return id == shard.id; })
        && std::equal(nodes_.begin(), nodes_.end(), snapshot.nodes.begin(), snapshot.nodes.end(),
                      [](NodeId id, const NodeSnapshot& node) { return id == node.id; });
    if (!same) {
        shards_.clear();
        nodes_.clear();
        const QSignalBlocker quiet{chooser_};
        chooser_->clear();
        for (const ShardSnapshot& shard : snapshot.shards) {
            shards_.push_back(shard.id);
            chooser_->addItem(shardName(shard.id));
        }
        for (const NodeSnapshot& node : snapshot.nodes) {
            nodes_.push_back(node.id);
            chooser_->addItem(tr("%1, all its shards").arg(nodeName(node.id)));
        }
    }
    if (std::find(shards_.begin(), shards_.end(), shard_) == shards_.end() && !shards_.empty())
        shard_ = shards_.front();
    if (node_ && std::find(nodes_.begin(), nodes_.end(), *node_) == nodes_.end()) node_.reset();
    const auto index = node_ ? std::find(nodes_.begin(), nodes_.end(), *node_) - nodes_.begin()
                                   + static_cast<std::ptrdiff_t>(shards_.size())
                             : std::find(shards_.begin(), shards_.end(), shard_) - shards_.begin();
    if (chooser_->currentIndex() != index) chooser_->setCurrentIndex(static_cast<int>(index));
}

void LoadChartsView::followSelection()
{
    if (const auto shard = bridge_.selectedShard(); shard) {
        shard_ = *shard;
        node_.reset();
    } else if (const auto node = bridge_.selectedNode(); node) {
        node_ = *node;
    }
    refresh();
}

void LoadChartsView::choose(int index)
{
    const auto at = static_cast<std::size_t>(index);
    if (at < shards_.size())
        bridge_.selectShard(shards_[at]);
    else if (at - shards_.size() < nodes_.size())
        bridge_.selectNode(nodes_[at - shards_.size()]);
}

void LoadChartsView::refresh()
{
    const SnapshotPtr& snapshot = bridge_.snapshot();
    showPage();
    if (snapshot == nullptr || !isVisible()) return;
    refreshChooser(*snapshot);
    model_->observe(bridge_.history(), shard_);
    setWindow(snapshot->wallMs);
    interval_->setVisible(!showsNode());
    buffered_->setVisible(!showsNode());
    if (showsNode())
        drawNode(snapshot->wallMs);
    else
        drawShard(snapshot->wallMs);
    drawRates();
    showWords();
}

void LoadChartsView::showPage()
{
    const bool waits = bridge_.snapshot() == nullptr;
    const bool empty = waits || (!bridge_.live() && bridge_.history().cluster().empty());
    empty_->setText(waits ? tr("No load yet. The predicted and actual load of every shard is drawn "
                               "here as soon as an engine answers.")
                          : tr("No samples here: this data directory keeps no history of them, or "
                               "its history cannot be read."));
    header_->setVisible(!empty);
    const bool table = tableButton_->isChecked() && !showsNode();
    tableButton_->setEnabled(!showsNode());
    pages_->setCurrentIndex(empty ? kEmptyPage : table ? kTablePage : kChartsPage);
}

void LoadChartsView::setWindow(WallMillis nowMs)
{
    const Span span = kSpans[static_cast<std::size_t>(span_->currentIndex())];
    window_.toMs = (nowMs / span.stepMs + 1) * span.stepMs;
    window_.fromMs = window_.toMs - span.lengthMs;
    for (LoadChartsPanel* panel : {load_, interval_, rate_, buffered_})
        panel->setWindow(window_.fromMs, window_.toMs, span.stepMs);
}

void LoadChartsView::drawShard(WallMillis nowMs)
{
    const auto& samples = bridge_.history().samples(shard_);
    const auto line = [&](auto value) {
        return decimate(samples, window_.fromMs, nowMs, kPointsMax, value);
    };
    const auto actual = line([](const LoadSample& one) { return percentOf(one.actual); });
    const auto predicted = line([](const LoadSample& one) { return percentOf(one.predicted); });
    const auto p90 = line([](const LoadSample& one) { return percentOf(one.p90); });
    load_->setTitle(tr("Load of %1, % of a node").arg(shardName(shard_)));
    load_->setHighest(axisEnd(std::max(highestOf(actual), highestOf(p90)), 20));
    load_->setLine(0, actual);
    load_->setLine(1, predicted);
    // The files keep no range.
    if (bridge_.live())
        load_->setBand(line([](const LoadSample& one) { return percentOf(one.p10); }), p90);
    else
        load_->setBand({}, {});
    const auto interval =
        line([](const LoadSample& one) { return static_cast<double>(one.intervalMs); });
    // Half a second above the longest usual one: its line is not on the edge, and the labels fit
    // into a low window.
    const double longest = highestOf(interval);
    interval_->setHighest(longest <= 1'000 ? 1'500 : axisEnd(longest * 1.1, 1'500),
                          longest <= 1'000 ? 3 : 4);
    interval_->setLine(0, stepped(interval));
    const auto bytes =
        line([](const LoadSample& one) { return static_cast<double>(one.bufferedBytes) / kMega; });
    buffered_->setHighest(axisEnd(highestOf(bytes), 0.1));
    buffered_->setLine(0, bytes);
}

void LoadChartsView::drawNode(WallMillis nowMs)
{
    const auto& samples = bridge_.history().samples(*node_);
    const auto actual = decimate(samples, window_.fromMs, nowMs, kPointsMax,
                                 [](const NodeSample& one) { return percentOf(one.load); });
    const auto predicted = decimate(samples, window_.fromMs, nowMs, kPointsMax,
                                    [](const NodeSample& one) { return percentOf(one.predicted); });
    load_->setTitle(tr("Load of %1, %").arg(nodeName(*node_)));
    load_->setHighest(axisEnd(std::max(highestOf(actual), highestOf(predicted)), 100));
    load_->setLine(0, actual);
    load_->setLine(1, predicted);
    load_->setBand({}, {});
}

void LoadChartsView::drawRates()
{
    const auto rate =
        decimate(bridge_.history().cluster(), window_.fromMs, window_.toMs, kPointsMax,
                 [](const ClusterSample& one) { return one.recordsPerSecond; });
    rate_->setHighest(axisEnd(highestOf(rate), 100));
    rate_->setLine(0, rate);
}

void LoadChartsView::setCursor(WallMillis timeMs)
{
    cursorMs_ = timeMs;
    for (LoadChartsPanel* panel : {load_, interval_, rate_, buffered_})
        panel->setCursor(timeMs);
    showWords();
}

void LoadChartsView::showWords()
{
    const SnapshotPtr& snapshot = bridge_.snapshot();
    if (snapshot == nullptr || !isVisible()) return;
    const WallMillis atMs = cursorMs_ > 0 ? cursorMs_ : snapshot->wallMs;
    showLoadWords(atMs);
    if (!showsNode()) showIntervalWords(atMs);
    if (const auto* total = sampleAt(bridge_.history().cluster(), atMs); total != nullptr) {
        const QString words = formatRate(total->recordsPerSecond);
        rate_->setWords(words, words);
    }
}

void LoadChartsView::showLoadWords(WallMillis atMs)
{
    const Tokens& tokens = theme_.tokens();
    const QString when = formatTime(atMs).left(10);
    PerMille actual = 0;
    PerMille predicted = 0;
    QString band;
    if (showsNode()) {
        const auto* node = sampleAt(bridge_.history().samples(*node_), atMs);
        if (node == nullptr) return load_->setWords({}, {});
        actual = node->load;
        predicted = node->predicted;
    } else {
        const auto* shard = sampleAt(bridge_.history().samples(shard_), atMs);
        if (shard == nullptr) return load_->setWords({}, {});
        actual = shard->actual;
        predicted = shard->predicted;
        if (bridge_.live())
            band =
                tr("p10 to p90 %1 to %2").arg(formatPercent(shard->p10), formatPercent(shard->p90));
    }
    const QString solid = tr("\u2014 actual %1").arg(formatPercent(actual));
    const QString dashed = tr("\u254C predicted %1").arg(formatPercent(predicted));
    QStringList parts{coloured(tokens.textSoft, when), coloured(tokens.actual, solid),
                      coloured(tokens.predicted, dashed)};
    if (!band.isEmpty()) parts << coloured(tokens.textSoft, band);
    load_->setWords(parts.join(QStringLiteral("&nbsp;&nbsp;&nbsp;")),
                    tr("At %1 UTC actual load %2, predicted %3. %4")
                        .arg(when, formatPercent(actual), formatPercent(predicted), band));
}

void LoadChartsView::showIntervalWords(WallMillis atMs)
{
    const auto* sample = sampleAt(bridge_.history().samples(shard_), atMs);
    if (sample == nullptr) return;
    const QString interval = formatInterval(sample->intervalMs);
    QString reason;
    // The reason is known for now only; it is not said for another moment.
    if (cursorMs_ == 0 && bridge_.live())
        for (const ShardSnapshot& shard : bridge_.snapshot()->shards)
            if (shard.id == shard_) reason = plainText(shard.intervalReason, 120);
    const Tokens& tokens = theme_.tokens();
    QString words = coloured(tokens.accent, tr("\u2014 %1").arg(interval));
    if (!reason.isEmpty())
        words += QStringLiteral("&nbsp;&nbsp;&nbsp;")
                 + coloured(tokens.textSoft, reason.toHtmlEscaped());
    interval_->setWords(words, tr("Interval %1. %2").arg(interval, reason));
    const QString bytes = formatBytes(sample->bufferedBytes);
    buffered_->setWords(bytes, tr("%1 would be replayed if the node died").arg(bytes));
}

void LoadChartsView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

bool LoadChartsView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == table_->viewport()) {
        if (event->type() == QEvent::Enter) model_->setPaused(true);
        if (event->type() == QEvent::Leave) model_->setPaused(false);
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace foreshard::ui
