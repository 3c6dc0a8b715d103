#include "ui/views/raft_view.h"

#include "ui/models/raft_log_model.h"
#include "ui/models/raft_member_model.h"
#include "ui/theme/formatting.h"
#include "ui/widgets/empty_label.h"
#include "ui/widgets/plain_table.h"
#include "ui/widgets/term_strip.h"

#include <QBoxLayout>
#include <QEvent>
#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>

#include <algorithm>

namespace foreshard::ui {

QString membershipText(const RaftSnapshot& raft)
{
    const auto members = raft.members.size();
    if (members == 0)
        return QObject::tr("The engine has not named the members of its assignment log.");
    if (members == 1)
        return QObject::tr(
            "1 member: every commit is durable on this machine, and lost with it. "
            "This build keeps one copy of the log.");
    const auto voters =
        std::count_if(raft.members.begin(), raft.members.end(),
                      [](const RaftMemberSnapshot& member) { return member.role != "learner"; });
    const auto majority = voters / 2 + 1;
    return QObject::tr(
               "%1 members, %2 vote: an entry is committed when %3 of them hold it, so %4 "
               "may fail.")
        .arg(members)
        .arg(voters)
        .arg(majority)
        .arg(voters - majority);
}

RaftView::RaftView(EngineBridge& bridge, const Theme& theme, QWidget* parent)
    : QWidget(parent),
      bridge_(bridge),
      theme_(theme),
      members_(new RaftMemberModel{this}),
      log_(new RaftLogModel{this}),
      strip_(new TermStrip{theme, this})
{
    auto* content = new QWidget{this};
    auto* column = new QVBoxLayout{content};
    column->setContentsMargins(space::kAroundPanel, space::kBetweenCards, space::kAroundPanel,
                               space::kAroundPanel);
    column->setSpacing(space::kBetweenCards);
    auto* top = new QHBoxLayout;
    top->setSpacing(space::kBetweenCards);
    top->addWidget(buildNumbers(), 6);
    top->addWidget(buildMembers(), 5);
    column->addLayout(top);
    column->addWidget(strip_);
    column->addWidget(buildLog(), 1);
    pages_ = new QStackedWidget{this};
    pages_->addWidget(
        makeEmptyLabel(tr("No assignment log yet. Term, leader, members and every change of an "
                          "owner show here as soon as an engine answers."),
                       this));
    pages_->addWidget(content);
    auto* all = new QVBoxLayout{this};
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(pages_);
    connect(&bridge_, &EngineBridge::snapshotChanged, this, [this] { refresh(); });
    connect(&theme_, &Theme::changed, this, [this] { applyTheme(); });
    applyTheme();
    refresh();
}

QWidget* RaftView::buildNumbers()
{
    auto* panel = new QFrame{this};
    panel->setProperty("role", QStringLiteral("panel"));
    auto* column = new QVBoxLayout{panel};
    column->setContentsMargins(space::kAroundPanel, space::kBetweenCards, space::kAroundPanel,
                               space::kBetweenCards);
    auto* row = new QHBoxLayout;
    const std::array<QString, kNumbers> names{tr("Term"), tr("Leader"), tr("Committed index"),
                                              tr("Applied index")};
    for (std::size_t i = 0; i < kNumbers; ++i) {
        auto* cell = new QVBoxLayout;
        cell->setSpacing(0);
        auto* name = new QLabel{names[i], panel};
        name->setProperty("role", QStringLiteral("soft"));
        numbers_[i] = new QLabel{panel};
        numbers_[i]->setTextFormat(Qt::PlainText);
        numbers_[i]->setAccessibleName(names[i]);
        cell->addWidget(name);
        cell->addWidget(numbers_[i]);
        row->addLayout(cell, i == kTerm ? 2 : 3);
    }
    sentence_ = new QLabel{panel};
    sentence_->setWordWrap(true);
    sentence_->setProperty("role", QStringLiteral("soft"));
    row->setSpacing(space::kAroundPanel);
    column->addLayout(row);
    column->addStretch(1);
    column->addWidget(sentence_);
    return panel;
}

QWidget* RaftView::buildMembers()
{
    auto* panel = new QFrame{this};
    panel->setProperty("role", QStringLiteral("panel"));
    auto* column = new QVBoxLayout{panel};
    column->setContentsMargins(space::kInCard, space::kInCard, space::kInCard, space::kInCard);
    membersTitle_ = new QLabel{tr("Members"), panel};
    membersTitle_->setContentsMargins(space::kInCard, 0, 0, 0);
    memberTable_ = makePlainTable(members_, tr("Members of the assignment log"), panel);
    memberTable_->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    memberTable_->horizontalHeader()->setStretchLastSection(true);
    // Four short columns: its range would go on from when the table was wider.
    memberTable_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    memberTable_->setFixedHeight(space::kRowHeight * 5);
    column->addWidget(membersTitle_);
    column->addWidget(memberTable_);
    return panel;
}

QWidget* RaftView::buildLog()
{
    auto* panel = new QFrame{this};
    panel->setProperty("role", QStringLiteral("panel"));
    auto* column = new QVBoxLayout{panel};
    column->setContentsMargins(space::kInCard, space::kInCard, space::kInCard, space::kInCard);
    logTitle_ = new QLabel{panel};
    logTitle_->setContentsMargins(space::kInCard, 0, 0, 0);
    logTable_ = makePlainTable(log_, tr("Assignment log, newest first"), panel);
    logTable_->setColumnWidth(RaftLogModel::kIndex, 64);
    logTable_->setColumnWidth(RaftLogModel::kTerm, 64);
    logTable_->setColumnWidth(RaftLogModel::kKind, 116);
    logTable_->setColumnWidth(RaftLogModel::kActor, 92);
    logTable_->setColumnWidth(RaftLogModel::kTime, 170);
    auto* header = logTable_->horizontalHeader();
    header->setSectionResizeMode(RaftLogModel::kPayload, QHeaderView::Stretch);
    logTable_->setColumnWidth(RaftLogModel::kReason, 116);
    logTable_->viewport()->installEventFilter(this);
    column->addWidget(logTitle_);
    column->addWidget(logTable_, 1);
    return panel;
}

void RaftView::applyTheme()
{
    for (QLabel* number : numbers_)
        number->setFont(theme_.number());
    membersTitle_->setFont(theme_.title());
    logTitle_->setFont(theme_.title());
}

void RaftView::refresh()
{
    const SnapshotPtr& snapshot = bridge_.snapshot();
    pages_->setCurrentIndex(snapshot == nullptr ? 0 : 1);
    if (snapshot == nullptr) return;
    const RaftSnapshot& raft = snapshot->raft;
    members_->observe(raft);
    log_->observe(bridge_.history());
    if (bridge_.live())
        strip_->observe(bridge_.history(), snapshot->wallMs);
    else
        strip_->observeLog(bridge_.history(), snapshot->wallMs);
    if (!isVisible()) return;
    const auto leads =
        std::find_if(raft.members.begin(), raft.members.end(),
                     [](const RaftMemberSnapshot& member) { return member.role == "leader"; });
    numbers_[kTerm]->setText(formatCount(raft.term));
    numbers_[kLeader]->setText(leads != raft.members.end() ? tr("member %1").arg(leads->id)
                               : bridge_.live()            ? tr("none")
                                                           : unknownText());
    numbers_[kCommit]->setText(formatCount(raft.commit));
    numbers_[kApplied]->setText(formatCount(raft.applied));
    sentence_->setText(membershipText(raft));
    const int waiting = log_->waiting();
    logTitle_->setText(waiting == 0
                           ? tr("Assignment log")
                           : tr("Assignment log, %1 new when the pointer leaves").arg(waiting));
}

void RaftView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

bool RaftView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == logTable_->viewport()) {
        if (event->type() == QEvent::Enter) log_->setPaused(true);
        if (event->type() == QEvent::Leave) log_->setPaused(false);
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace foreshard::ui
