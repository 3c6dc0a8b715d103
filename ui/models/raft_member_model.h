#pragma once
// The members of the group that keeps the assignment log: role, how far each has the log, when it
// was last heard. As many rows as the engine names, no more.
#include "engine/model/snapshot.h"

#include <QAbstractTableModel>

#include <vector>

namespace foreshard::ui {

// Glyph and word: "★ leader", "○ follower", "◇ candidate", "□ learner".
QString roleText(const std::string& role);

class RaftMemberModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        kId,
        kRole,
        kMatch,
        kHeard,
        kColumns
    };

    explicit RaftMemberModel(QObject* parent = nullptr);
    // Rows keep their place: ids are matched, only what differs is announced.
    void observe(const RaftSnapshot& raft);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    QString cell(const RaftMemberSnapshot& member, int column) const;

    std::vector<RaftMemberSnapshot> members_;
    std::uint32_t leader_ = 0;
};

}  // namespace foreshard::ui
