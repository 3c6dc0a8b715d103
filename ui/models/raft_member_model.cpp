#include "ui/models/raft_member_model.h"

#include "ui/theme/formatting.h"

#include <algorithm>

namespace foreshard::ui {

QString roleText(const std::string& role)
{
    if (role == "leader") return QObject::tr("\u2605 leader");
    if (role == "follower") return QObject::tr("\u25CB follower");
    if (role == "candidate") return QObject::tr("\u25C7 candidate");
    if (role == "learner") return QObject::tr("\u25A1 learner");
    return plainText(role);
}

namespace {

bool isRole(const std::string& role)
{
    return role == "leader" || role == "follower" || role == "candidate" || role == "learner";
}

}  // namespace

RaftMemberModel::RaftMemberModel(QObject* parent) : QAbstractTableModel(parent) {}

void RaftMemberModel::observe(const RaftSnapshot& raft)
{
    const bool sameIds = std::equal(
        members_.begin(), members_.end(), raft.members.begin(), raft.members.end(),
        [](const RaftMemberSnapshot& a, const RaftMemberSnapshot& b) { return a.id == b.id; });
    leader_ = raft.leader;
    if (!sameIds) {
        beginResetModel();  // membership changes are rare and a person's own act
        members_ = raft.members;
        endResetModel();
        return;
    }
    members_ = raft.members;
    if (!members_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
}

int RaftMemberModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(members_.size());
}

int RaftMemberModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QVariant RaftMemberModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment{Qt::AlignVCenter}
                                   | (section == kRole ? Qt::AlignLeft : Qt::AlignRight));
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case kId:
            return tr("Member");
        case kRole:
            return tr("Role");
        case kMatch:
            return tr("Match");
        case kHeard:
            return tr("Last heard");
        default:
            return {};
    }
}

QVariant RaftMemberModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const RaftMemberSnapshot& member = members_[static_cast<std::size_t>(index.row())];
    if (role == Qt::DisplayRole) return cell(member, index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment{Qt::AlignVCenter}
                                   | (index.column() == kRole ? Qt::AlignLeft : Qt::AlignRight));
    return {};
}

QString RaftMemberModel::cell(const RaftMemberSnapshot& member, int column) const
{
    switch (column) {
        case kId:
            return QString::number(member.id);
        case kRole:
            return roleText(member.role);
        case kMatch:
            return formatCount(member.match);
        case kHeard:
            // Nobody was heard where only files were read.
            if (!isRole(member.role)) return unknownText();
            // The one we speak through says these numbers itself.
            if (member.id == leader_) return tr("reports");
            return tr("%1 ago").arg(formatMillis(static_cast<double>(member.lastHeardMs)));
        default:
            return {};
    }
}

}  // namespace foreshard::ui
