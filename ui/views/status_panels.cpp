#include "ui/views/status_panels.h"

#include "ui/theme/formatting.h"
#include "ui/theme/icons.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStatusBar>
#include <QStyle>
#include <QVBoxLayout>

#include <cmath>

namespace foreshard::ui {
namespace {

QLabel* plainLabel(QWidget* parent, const QString& role = {})
{
    auto* label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    if (!role.isEmpty()) label->setProperty("role", role);
    return label;
}

void setRole(QLabel* label, const QString& role)
{
    if (label->property("role").toString() == role) return;
    label->setProperty("role", role);
    label->style()->unpolish(label);
    label->style()->polish(label);
}

QString ageText(const EngineBridge& bridge)
{
    const qint64 age = bridge.dataAgeMs();
    if (age < 0) return QObject::tr("no data yet");
    return QObject::tr("data age %1 s").arg(static_cast<double>(age) / 1000, 0, 'f', 1);
}

bool old(const EngineBridge& bridge) { return bridge.dataAgeMs() > kStaleAfterMs; }

}  // namespace

// ------------------------------------------------------------------------------ strip

StatusStrip::StatusStrip(EngineBridge& bridge, const Theme& theme, QStatusBar* bar)
    : QObject(bar), bridge_(bridge), theme_(theme)
{
    link_ = plainLabel(bar);
    raft_ = plainLabel(bar);
    gate_ = plainLabel(bar);
    rate_ = plainLabel(bar);
    age_ = plainLabel(bar);
    link_->setAccessibleName(tr("Link"));
    raft_->setAccessibleName(tr("Assignment log"));
    gate_->setAccessibleName(tr("Who predicts the loads"));
    bar->setSizeGripEnabled(false);
    bar->addWidget(link_);
    bar->addWidget(raft_);
    bar->addWidget(gate_, 1);
    for (QLabel* label : {rate_, age_}) {
        label->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
        bar->addPermanentWidget(label);
    }
    gate_->setMinimumWidth(1);
    const QFontMetrics metrics(theme_.body());
    rate_->setMinimumWidth(metrics.horizontalAdvance(QStringLiteral("UI 10 Hz")) + 24);
    age_->setMinimumWidth(metrics.horizontalAdvance(QStringLiteral("data age 9999.9 s")) + 24);
    sinceCount_.start();
    refresh();
}

void StatusStrip::refresh()
{
    switch (bridge_.linkState()) {
        case LinkState::kConnecting:
            link_->setText(tr("\u25CC connecting to %1").arg(bridge_.linkDescription()));
            break;
        case LinkState::kConnected:
            link_->setText(tr("\u25CF %1").arg(bridge_.linkDescription()));
            break;
        case LinkState::kLost:
            link_->setText(tr("\u2715 link lost"));
            link_->setToolTip(bridge_.linkDescription());
            break;
    }
    setRole(link_, bridge_.linkState() == LinkState::kLost ? QStringLiteral("failed") : QString());
    if (const auto snapshot = bridge_.snapshot()) {
        const auto& raft = snapshot->raft;
        raft_->setText(tr("leader %1   term %2   commit %3")
                           .arg(raft.leader)
                           .arg(raft.term)
                           .arg(formatCount(raft.commit)));
        gate_->setText(tr("predictor: %1").arg(plainText(snapshot->predictor.gate, 120)));
    }
    if (sinceCount_.elapsed() >= 1000) {
        const auto seen = bridge_.snapshotsSeen();
        hertz_ = static_cast<double>(seen - counted_) * 1000
                 / static_cast<double>(sinceCount_.restart());
        counted_ = seen;
    }
    rate_->setText(tr("UI %1 Hz").arg(std::lround(hertz_)));
    age_->setText(ageText(bridge_));
    setRole(age_, old(bridge_) ? QStringLiteral("failed") : QString());
}

// ------------------------------------------------------------------------------ header

StatusHeader::StatusHeader(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent), bridge_(bridge), theme_(theme)
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(24);
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    state_ = plainLabel(this);
    detail_ = plainLabel(this, QStringLiteral("soft"));
    words->addWidget(state_);
    words->addWidget(detail_);
    row->addLayout(words);
    auto* figure = new QHBoxLayout;
    figure->setSpacing(6);
    rate_ = plainLabel(this);
    rate_->setAccessibleName(tr("Records applied per second"));
    rate_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    unit_ = plainLabel(this, QStringLiteral("soft"));
    figure->addWidget(rate_);
    figure->addWidget(unit_, 0, Qt::AlignBottom);
    row->addLayout(figure);
    addFigure(tr("p99, last 10 s"), 9);
    addFigure(tr("checkpoints"), 9);
    addFigure(tr("moves done"), 9);
    applyTheme();
    refresh();
}

QLabel* StatusHeader::addFigure(const QString& name, int widthInDigits)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    auto* title = plainLabel(this, QStringLiteral("faint"));
    title->setText(name);
    auto* value = plainLabel(this);
    value->setAccessibleName(name);
    value->setMinimumWidth(QFontMetrics(theme_.body()).horizontalAdvance(u'0') * widthInDigits);
    column->addWidget(title);
    column->addWidget(value);
    static_cast<QHBoxLayout*>(layout())->addLayout(column);
    figures_.append(value);
    names_.append(title);
    return value;
}

void StatusHeader::applyTheme()
{
    state_->setFont(theme_.title());
    detail_->setFont(theme_.label());
    QFont big = theme_.number();
    rate_->setFont(big);
    rate_->setMinimumWidth(QFontMetrics(big).horizontalAdvance(QStringLiteral("999\u202F999")));
    unit_->setContentsMargins(0, 0, 0, 5);
    for (QLabel* name : names_)
        name->setFont(theme_.label());
    // Wide enough for the longest state, so that nothing to the right ever jumps.
    detail_->setMinimumWidth(QFontMetrics(theme_.label())
                                 .horizontalAdvance(QStringLiteral("paused at 00:00:00.000 UTC")));
}

void StatusHeader::refresh()
{
    const SnapshotPtr snapshot = bridge_.snapshot();
    if (!snapshot) {
        state_->setText(tr("no engine"));
        detail_->setText(ageText(bridge_));
        rate_->setText(QStringLiteral("\u2013"));
        unit_->setText(tr("rec/s"));
        for (QLabel* figure : figures_)
            figure->setText(QStringLiteral("\u2013"));
        return;
    }
    const bool failed = snapshot->state == EngineState::kFailed;
    const bool lost = bridge_.linkState() == LinkState::kLost;
    state_->setText(lost ? tr("link lost") : engineStateText(snapshot->state));
    setRole(state_, failed || lost ? QStringLiteral("failed") : QString());
    detail_->setText(bridge_.paused() ? tr("paused at %1 UTC").arg(formatTime(snapshot->wallMs))
                                      : tr("%1 UTC").arg(formatTime(snapshot->wallMs).left(10)));
    setRole(detail_, bridge_.paused() ? QStringLiteral("accent") : QStringLiteral("soft"));
    const QString rate = formatRate(snapshot->recordsPerSecond);
    rate_->setText(rate.section(u' ', 0, 0));
    unit_->setText(rate.section(u' ', 1));
    figures_[0]->setText(formatMicros(snapshot->latency.p99));
    figures_[0]->setToolTip(
        tr("since the engine started: p99 %1").arg(formatMicros(snapshot->latencyOfRun.p99)));
    figures_[1]->setText(formatCount(snapshot->checkpointCount));
    figures_[2]->setText(formatCount(snapshot->movesDone));
}

// ------------------------------------------------------------------------------ empty page

StatusEmptyPage::StatusEmptyPage(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent), bridge_(bridge), theme_(theme)
{
    auto* column = new QVBoxLayout(this);
    column->addStretch(2);
    title_ = plainLabel(this);
    title_->setAlignment(Qt::AlignCenter);
    text_ = plainLabel(this, QStringLiteral("soft"));
    text_->setAlignment(Qt::AlignCenter);
    column->addWidget(title_);
    column->addSpacing(space::kInCard);
    column->addWidget(text_);
    column->addSpacing(space::kAroundPanel);
    auto* copy = new QPushButton(tr("Copy the demo command"), this);
    copy->setToolTip(tr("foreshard-console --demo"));
    connect(copy, &QPushButton::clicked, this, [] {
        QGuiApplication::clipboard()->setText(QStringLiteral("foreshard-console --demo"));
    });
    column->addWidget(copy, 0, Qt::AlignHCenter);
    column->addStretch(3);
    applyTheme();
    refresh();
}

void StatusEmptyPage::applyTheme() { title_->setFont(theme_.title()); }

void StatusEmptyPage::refresh()
{
    const QString where = bridge_.linkDescription();
    if (bridge_.linkState() == LinkState::kLost) {
        title_->setText(tr("No engine answers"));
        text_->setText(tr("%1\nCheck that it is running and reachable; the console goes on trying.")
                           .arg(where));
    } else {
        title_->setText(tr("Waiting for the first data"));
        text_->setText(tr("From %1. Nodes, shards and their loads appear here as soon as it "
                          "answers.\nTo see a live cluster of demo data, run foreshard-console "
                          "--demo.")
                           .arg(where));
    }
}

}  // namespace foreshard::ui
