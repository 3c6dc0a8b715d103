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

// A path may be longer than the window, which it must not widen.
constexpr int kLinkWidthMax = 420;
constexpr int kPageWidthMax = 380;

QString whereText(const EngineBridge& bridge, const QLabel* label, int widthMax)
{
    return label->fontMetrics().elidedText(bridge.linkDescription(), Qt::ElideMiddle, widthMax);
}

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
    return QObject::tr("data age %1").arg(formatAge(age));
}

// A picture of files is as old as it says; that is no alarm.
bool old(const EngineBridge& bridge) { return bridge.live() && bridge.dataAgeMs() > kStaleAfterMs; }

QString gateText(const EngineBridge& bridge, const std::string& gate)
{
    if (bridge.live()) return QObject::tr("predictor: %1").arg(plainText(gate));
    return bridge.sight() == EngineSight::kElsewhere ? QObject::tr("an engine runs, not watched")
                                                     : QObject::tr("no engine runs");
}

QString raftText(const EngineBridge& bridge, const RaftSnapshot& raft)
{
    const QString log =
        QObject::tr("term %1   commit %2").arg(raft.term).arg(formatCount(raft.commit));
    return bridge.live() ? QObject::tr("leader %1   ").arg(raft.leader) + log : log;
}

// The whole text as a tip, and of it what fits; a label alone cuts letters in half.
void setElided(QLabel* label, const QString& text)
{
    label->setToolTip(text);
    label->setText(label->fontMetrics().elidedText(text, Qt::ElideRight, label->width() - 2));
}

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
    const QString shown = whereText(bridge_, link_, kLinkWidthMax);
    link_->setToolTip(bridge_.linkDescription());
    switch (bridge_.linkState()) {
        case LinkState::kConnecting:
            link_->setText(tr("\u25CC connecting to %1").arg(shown));
            break;
        case LinkState::kConnected:
            link_->setText(tr("\u25CF %1").arg(shown));
            break;
        case LinkState::kLost:
            link_->setText(tr("\u2715 link lost"));
            break;
    }
    setRole(link_, bridge_.linkState() == LinkState::kLost ? QStringLiteral("failed") : QString());
    if (const auto snapshot = bridge_.snapshot()) {
        raft_->setText(raftText(bridge_, snapshot->raft));
        setElided(gate_, gateText(bridge_, snapshot->predictor.gate));
    }
    if (sinceCount_.elapsed() >= 1000) {
        const auto seen = bridge_.snapshotsSeen();
        hertz_ = static_cast<double>(seen - counted_) * 1000
                 / static_cast<double>(sinceCount_.restart());
        counted_ = seen;
    }
    rate_->setText(bridge_.live() ? tr("UI %1 Hz").arg(std::lround(hertz_)) : QString());
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
    addFigure(tr("checkpoints"), 11);
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
        rate_->setText(unknownText());
        unit_->setText(tr("rec/s"));
        for (QLabel* figure : figures_)
            figure->setText(unknownText());
        return;
    }
    showState(*snapshot);
    showFigures(*snapshot);
}

void StatusHeader::showState(const ClusterSnapshot& snapshot)
{
    const bool failed = bridge_.live() ? snapshot.state == EngineState::kFailed
                                       : bridge_.sight() == EngineSight::kKilled;
    const bool lost = bridge_.linkState() == LinkState::kLost;
    const QString state =
        bridge_.live() ? engineStateText(snapshot.state) : sightText(bridge_.sight());
    state_->setText(lost ? tr("link lost") : state);
    setRole(state_, failed || lost ? QStringLiteral("failed") : QString());
    const QString when = bridge_.live() ? tr("%1 UTC").arg(formatTime(snapshot.wallMs).left(10))
                                        : tr("as of %1").arg(formatDateTime(snapshot.wallMs));
    detail_->setText(bridge_.paused() ? tr("paused at %1 UTC").arg(formatTime(snapshot.wallMs))
                                      : when);
    setRole(detail_, bridge_.paused() ? QStringLiteral("accent") : QStringLiteral("soft"));
}

void StatusHeader::showFigures(const ClusterSnapshot& snapshot)
{
    const bool live = bridge_.live();
    const QString rate = formatRate(snapshot.recordsPerSecond);
    rate_->setText(live ? rate.section(u' ', 0, 0) : unknownText());
    unit_->setText(rate.section(u' ', 1));
    figures_[kP99]->setText(formatP99(snapshot.latency));
    figures_[kP99]->setToolTip(
        live ? tr("since the engine started: p99 %1").arg(formatP99(snapshot.latencyOfRun))
             : tr("Only a running engine measures it"));
    names_[kCheckpoints]->setText(live ? tr("checkpoints") : tr("checkpoints kept"));
    figures_[kCheckpoints]->setText(formatCount(snapshot.checkpointCount));
    figures_[kCheckpoints]->setToolTip(
        live ? tr("Written since the engine started")
             : tr("Those a start could use; the timeline shows %1, with those the history tells of")
                   .arg(formatCount(snapshot.checkpoints.size())));
    // Without a history nobody tells of moves.
    const bool told = live || !snapshot.events.empty();
    figures_[kMoves]->setText(told ? formatCount(snapshot.movesDone) : unknownText());
    figures_[kMoves]->setToolTip(live ? tr("Since the engine started")
                                      : tr("That the history tells of"));
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
    const QString where = whereText(bridge_, text_, kPageWidthMax);
    text_->setToolTip(bridge_.linkDescription());
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
