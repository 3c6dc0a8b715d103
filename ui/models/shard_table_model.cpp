#include "ui/models/shard_table_model.h"

#include "ui/theme/formatting.h"

#include <algorithm>

namespace foreshard::ui {

ShardTableModel::ShardTableModel(EngineBridge& bridge, QObject* parent)
    : QAbstractTableModel(parent)
{
    connect(&bridge, &EngineBridge::snapshotChanged, this,
            [this, &bridge](const SnapshotPtr& snapshot) {
                sight_ = bridge.sight();
                show(*snapshot);
            });
    sight_ = bridge.sight();
    if (bridge.snapshot()) show(*bridge.snapshot());
}

void ShardTableModel::show(const ClusterSnapshot& snapshot)
{
    const bool sameRows =
        std::equal(shards_.begin(), shards_.end(), snapshot.shards.begin(), snapshot.shards.end(),
                   [](const auto& a, const auto& b) { return a.id == b.id; });
    if (!sameRows) {
        beginResetModel();
        shards_ = snapshot.shards;
        endResetModel();
        return;
    }
    shards_ = snapshot.shards;
    if (!shards_.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
}

int ShardTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(shards_.size());
}

int ShardTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

int ShardTableModel::rowOf(ShardId shard) const
{
    for (std::size_t i = 0; i < shards_.size(); ++i) {
        if (shards_[i].id == shard) return static_cast<int>(i);
    }
    return -1;
}

QVariant ShardTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto& shard = shards_[static_cast<std::size_t>(index.row())];
    switch (role) {
        case Qt::DisplayRole:
            return text(shard, index.column());
        case Qt::UserRole:
            return sortValue(shard, index.column());
        case Qt::TextAlignmentRole: {
            const bool words =
                index.column() == kState || index.column() == kClass || index.column() == kReason;
            return QVariant::fromValue(
                Qt::Alignment(Qt::AlignVCenter | (words ? Qt::AlignLeft : Qt::AlignRight)));
        }
        default:
            return {};
    }
}

QString ShardTableModel::text(const ShardSnapshot& shard, int column) const
{
    if (sight_ != EngineSight::kLive) {
        // Only a running engine knows these.
        if (column == kState) return sightShardText(sight_);
        if (column == kClass || column == kPredicted || column == kActual || column == kRecovery)
            return unknownText();
    }
    switch (column) {
        case kShard:
            return QString::number(shard.id.value);
        case kNode:
            return QString::number(shard.node.value);
        case kState:
            return shardStateText(shard.state);
        case kClass:
            return loadClassText(shard.loadClass);
        case kPredicted:
            return formatPercent(shard.predicted);
        case kActual:
            return formatPercent(shard.actual);
        case kInterval:
            return formatInterval(shard.intervalMs);
        case kReason:
            return plainText(shard.intervalReason);
        case kBuffered:
            return formatBytes(shard.bufferedBytes);
        case kBufferedRecords:
            return formatCount(shard.bufferedRecords);
        case kRecovery:
            return formatMillis(static_cast<double>(shard.recoveryEstimateMs));
        case kCheckpoint:
            return shard.hasCheckpoint ? formatTime(shard.lastCheckpoint.wallMs) : tr("none yet");
        case kEpoch:
            return formatCount(shard.epoch.value);
        default:
            return {};
    }
}

QVariant ShardTableModel::sortValue(const ShardSnapshot& shard, int column) const
{
    switch (column) {
        case kShard:
            return shard.id.value;
        case kNode:
            return shard.node.value;
        case kClass:
            return static_cast<int>(shard.loadClass);
        case kPredicted:
            return shard.predicted;
        case kActual:
            return shard.actual;
        case kInterval:
            return shard.intervalMs;
        case kBuffered:
            return QVariant::fromValue(shard.bufferedBytes);
        case kBufferedRecords:
            return QVariant::fromValue(shard.bufferedRecords);
        case kRecovery:
            return QVariant::fromValue(shard.recoveryEstimateMs);
        case kCheckpoint:
            return QVariant::fromValue(shard.lastCheckpoint.wallMs);
        case kEpoch:
            return QVariant::fromValue(shard.epoch.value);
        default:
            return text(shard, column);
    }
}

QVariant ShardTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) {
        const bool words = section == kState || section == kClass || section == kReason;
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (words ? Qt::AlignLeft : Qt::AlignRight)));
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case kShard:
            return tr("Shard");
        case kNode:
            return tr("Node");
        case kState:
            return tr("State");
        case kClass:
            return tr("Class");
        case kPredicted:
            return tr("Predicted");
        case kActual:
            return tr("Actual");
        case kInterval:
            return tr("Interval");
        case kReason:
            return tr("Reason");
        case kBuffered:
            return tr("Buffered");
        case kBufferedRecords:
            return tr("To replay");
        case kRecovery:
            return tr("Back in");
        case kCheckpoint:
            return tr("Checkpoint (UTC)");
        case kEpoch:
            return tr("Epoch");
        default:
            return {};
    }
}

}  // namespace foreshard::ui
