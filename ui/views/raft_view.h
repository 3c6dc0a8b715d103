#pragma once
// The Raft page: who keeps the assignment log (term, leader, commit, applied, members), when terms
// changed, and the log itself in words.
#include "ui/bridge/engine_bridge.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <array>

class QLabel;
class QStackedWidget;
class QTableView;

namespace foreshard::ui {

class RaftLogModel;
class RaftMemberModel;
class TermStrip;

// What the number of members means for a commit, in a sentence or two.
QString membershipText(const RaftSnapshot& raft);

class RaftView final : public QWidget {
    Q_OBJECT
public:
    explicit RaftView(EngineBridge& bridge, const Theme& theme, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum Number {
        kTerm,
        kLeader,
        kCommit,
        kApplied,
        kNumbers
    };

    QWidget* buildNumbers();
    QWidget* buildMembers();
    QWidget* buildLog();
    void applyTheme();
    void refresh();

    EngineBridge& bridge_;
    const Theme& theme_;
    RaftMemberModel* members_;
    RaftLogModel* log_;
    TermStrip* strip_;
    std::array<QLabel*, kNumbers> numbers_{};
    QLabel* sentence_ = nullptr;
    QLabel* membersTitle_ = nullptr;
    QLabel* logTitle_ = nullptr;
    QTableView* memberTable_ = nullptr;
    QTableView* logTable_ = nullptr;
    QStackedWidget* pages_ = nullptr;
};

}  // namespace foreshard::ui
