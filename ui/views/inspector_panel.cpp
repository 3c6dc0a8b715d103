#include "ui/views/inspector_panel.h"

#include "ui/theme/formatting.h"

#include <QFormLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace foreshard::ui {
namespace {

template <class T, class IdType>
const T* byId(const std::vector<T>& all, IdType id)
{
    const auto found =
        std::find_if(all.begin(), all.end(), [id](const T& one) { return one.id == id; });
    return found == all.end() ? nullptr : &*found;
}

QString slotsText(const std::vector<SlotRange>& ranges)
{
    std::uint32_t count = 0;
    QStringList parts;
    for (const auto& range : ranges) {
        count += range.last - range.first;
        parts.append(QStringLiteral("%1\u2013%2").arg(range.first).arg(range.last - 1));
    }
    constexpr qsizetype kShown = 3;
    const bool more = parts.size() > kShown;
    return QObject::tr("%1 (%2%3)")
        .arg(count)
        .arg(parts.mid(0, kShown).join(QStringLiteral(", ")),
             more ? QStringLiteral(", \u2026") : QString());
}

void setText(QLabel* label, const QString& text)
{
    if (label->text() != text) label->setText(text);
}

}  // namespace

InspectorPanel::InspectorPanel(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent), bridge_(bridge), theme_(theme)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    pages_ = new QStackedWidget(this);
    column->addWidget(pages_);
    buildEmpty();
    buildShardPage();
    buildNodePage();
    applyTheme();
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] { refresh(); });
    connect(&bridge_, &EngineBridge::selectionChanged, this, &InspectorPanel::refresh);
    refresh();
}

void InspectorPanel::buildEmpty()
{
    empty_ = new QLabel(tr("Nothing selected.\n\nClick a card or the head of a node on the board "
                           "to see its loads, interval and recovery here."),
                        pages_);
    empty_->setWordWrap(true);
    empty_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    empty_->setContentsMargins(space::kAroundPanel, space::kAroundPanel, space::kAroundPanel, 0);
    empty_->setProperty("role", QStringLiteral("soft"));
    pages_->addWidget(empty_);
}

InspectorPanel::Page InspectorPanel::makePage(const QStringList& names)
{
    Page page;
    auto* area = new QScrollArea(pages_);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    page.widget = area;
    auto* body = new QFrame(area);
    body->setProperty("role", QStringLiteral("plain"));
    area->setWidget(body);
    auto* column = new QVBoxLayout(body);
    column->setContentsMargins(space::kAroundPanel, space::kBetweenCards, space::kAroundPanel,
                               space::kAroundPanel);
    column->setSpacing(space::kUnit);
    const auto label = [body](const QString& role) {
        auto* made = new QLabel(body);
        made->setTextFormat(Qt::PlainText);
        made->setProperty("role", role);
        return made;
    };
    auto* head = new QHBoxLayout;
    page.title = label({});
    page.lead = label({});
    head->addWidget(page.title);
    head->addWidget(page.lead, 1, Qt::AlignRight | Qt::AlignVCenter);
    column->addLayout(head);
    page.big = label({});
    column->addWidget(page.big);
    page.bigNote = label(QStringLiteral("soft"));
    page.bigNote->setWordWrap(true);
    column->addWidget(page.bigNote);
    column->addSpacing(space::kInCard);
    page.form = new QFormLayout;
    page.form->setHorizontalSpacing(space::kBetweenCards);
    page.form->setVerticalSpacing(6);
    page.form->setLabelAlignment(Qt::AlignLeft | Qt::AlignTop);
    page.form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    column->addLayout(page.form);
    for (const QString& name : names) {
        auto* key = label(QStringLiteral("soft"));
        key->setText(name);
        key->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        auto* value = label({});
        value->setWordWrap(true);
        value->setAccessibleName(name);
        value->setAlignment(Qt::AlignRight | Qt::AlignTop);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        page.form->addRow(key, value);
        page.values.append(value);
    }
    column->addSpacing(space::kInCard);
    column->addStretch(1);
    pages_->addWidget(area);
    return page;
}

QPushButton* InspectorPanel::addButton(Page& page, const QString& text)
{
    auto* body = static_cast<QScrollArea*>(page.widget)->widget();
    auto* button = new QPushButton(text, body);
    auto* column = static_cast<QVBoxLayout*>(body->layout());
    column->insertWidget(column->count() - 1, button);  // before the stretch
    return button;
}

void InspectorPanel::buildShardPage()
{
    shardPage_ =
        makePage({tr("Actual load"), tr("Expected range"), tr("Node"), tr("State"), tr("Interval"),
                  tr("Because"), tr("Checkpoint"), tr("At (UTC)"), tr("To replay"), tr("Buffered"),
                  tr("Back in"), tr("Applied"), tr("Slots"), tr("Epoch")});
    if (bridge_.readOnly()) return;
    auto* move = addButton(shardPage_, tr("Move to another node\u2026"));
    auto* interval = addButton(shardPage_, tr("Set the interval\u2026"));
    auto* checkpoint = addButton(shardPage_, tr("Checkpoint now"));
    connect(move, &QPushButton::clicked, this, &InspectorPanel::moveRequested);
    connect(checkpoint, &QPushButton::clicked, this, &InspectorPanel::checkpointRequested);
    connect(interval, &QPushButton::clicked, this, [this, interval] {
        Q_EMIT intervalRequested(interval->mapToGlobal(QPoint(0, interval->height())));
    });
}

void InspectorPanel::buildNodePage()
{
    nodePage_ = makePage({tr("Predicted load"), tr("Processor"), tr("Memory"), tr("Received"),
                          tr("Shards"), tr("To replay"), tr("Incarnation"), tr("Last heard")});
    if (bridge_.readOnly()) return;
    kill_ = addButton(nodePage_, tr("Kill node (drill)\u2026"));
    kill_->setProperty("role", QStringLiteral("danger"));
    connect(kill_, &QPushButton::clicked, this, [this] {
        if (const auto node = bridge_.selectedNode()) Q_EMIT killRequested(*node);
    });
}

void InspectorPanel::applyTheme()
{
    for (const Page& page : {shardPage_, nodePage_}) {
        page.title->setFont(theme_.title());
        page.big->setFont(theme_.number());
    }
    refresh();
}

void InspectorPanel::setLead(Page& page, const QString& text, const QColor& ink)
{
    setText(page.lead, text);
    QPalette palette = page.lead->palette();
    if (palette.color(QPalette::WindowText) == ink) return;
    page.lead->setStyleSheet(QStringLiteral("color: %1").arg(ink.name()));
    palette.setColor(QPalette::WindowText, ink);
    page.lead->setPalette(palette);
}

void InspectorPanel::refresh()
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    const ShardSnapshot* shard = nullptr;
    const NodeSnapshot* node = nullptr;
    if (snapshot && bridge_.selectedShard())
        shard = byId(snapshot->shards, *bridge_.selectedShard());
    if (snapshot && bridge_.selectedNode()) node = byId(snapshot->nodes, *bridge_.selectedNode());
    if (shard != nullptr) {
        showShard(*shard);
        pages_->setCurrentWidget(shardPage_.widget);
    } else if (node != nullptr) {
        showNode(*node);
        pages_->setCurrentWidget(nodePage_.widget);
    } else {
        pages_->setCurrentWidget(empty_);
    }
}

void InspectorPanel::showShard(const ShardSnapshot& shard)
{
    const bool live = bridge_.live();
    const Tokens& t = theme_.tokens();
    setText(shardPage_.title, shardName(shard.id));
    setLead(shardPage_, live ? loadClassText(shard.loadClass) : sightShardText(bridge_.sight()),
            live ? t.load(shard.loadClass) : t.textSoft);
    setText(shardPage_.big, live ? formatPercent(shard.predicted) : unknownText());
    setText(shardPage_.bigNote, tr("of a node, predicted"));
    const auto& last = shard.lastCheckpoint;
    const bool has = shard.hasCheckpoint;
    const QString kind = last.kind == CheckpointKind::kFull ? tr("full") : tr("delta");
    const QStringList values = {
        live ? formatPercent(shard.actual) : unknownText(),
        live ? tr("%1 to %2")
                   .arg(formatPercent(shard.predictedP10).section(u' ', 0, 0),
                        formatPercent(shard.predictedP90))
             : unknownText(),
        QString::number(shard.node.value),
        live ? shardStateText(shard.state) : sightShardText(bridge_.sight()),
        formatInterval(shard.intervalMs),
        plainText(shard.intervalReason),
        has ? tr("%1 %2, %3").arg(kind).arg(last.id.value).arg(formatBytes(last.bytes))
            : tr("none yet"),
        has ? formatTime(last.wallMs) : unknownText(),
        tr("%1 records").arg(formatCount(shard.bufferedRecords)),
        formatBytes(shard.bufferedBytes),
        live ? formatMillis(static_cast<double>(shard.recoveryEstimateMs)) : unknownText(),
        formatCount(shard.recordsApplied),
        slotsText(shard.slots),
        formatCount(shard.epoch.value),
    };
    for (qsizetype i = 0; i < values.size(); ++i)
        setText(shardPage_.values[i], values[i]);
}

void InspectorPanel::showNode(const NodeSnapshot& node)
{
    std::uint64_t records = 0;
    for (const auto& shard : bridge_.snapshot()->shards) {
        if (shard.node == node.id) records += shard.bufferedRecords;
    }
    const Tokens& t = theme_.tokens();
    const bool live = bridge_.live();
    setText(nodePage_.title, nodeName(node.id));
    setLead(nodePage_, live ? nodeStateText(node.state) : sightNodeText(bridge_.sight()),
            live && node.state == NodeState::kDead ? t.failed : t.textSoft);
    setText(nodePage_.big, live ? formatPercent(node.load) : unknownText());
    setText(nodePage_.bigNote, tr("load now"));
    const auto measured = [live](const QString& text) { return live ? text : unknownText(); };
    const QStringList values = {
        measured(formatPercent(node.predicted)),
        measured(formatPercent(node.cpu)),
        measured(formatBytes(node.rssBytes)),
        measured(formatBytes(node.netBytes)),
        formatCount(node.shards),
        live ? tr("%1 records, if it died now").arg(formatCount(records))
             : tr("%1 records at a start").arg(formatCount(records)),
        measured(formatCount(node.incarnation)),
        measured(formatMillis(static_cast<double>(node.lastHeardMs))),
    };
    for (qsizetype i = 0; i < values.size(); ++i)
        setText(nodePage_.values[i], values[i]);
    if (kill_ == nullptr) return;
    kill_->setEnabled(node.state != NodeState::kDead);
    kill_->setText(tr("Kill %1 (drill)\u2026").arg(nodeName(node.id)));
}

}  // namespace foreshard::ui
