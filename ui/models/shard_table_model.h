#pragma once
// The board as a table: a row per shard with the same figures as its card, and the accessible way
// to them. Rows are in order of ids and change in place.
#include "ui/bridge/engine_bridge.h"

#include <QAbstractTableModel>

namespace foreshard::ui {

class ShardTableModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column {
        kShard = 0,
        kNode,
        kState,
        kClass,
        kPredicted,
        kActual,
        kInterval,
        kReason,
        kBuffered,
        kBufferedRecords,
        kRecovery,
        kCheckpoint,
        kEpoch,
        kColumns,
    };

    explicit ShardTableModel(EngineBridge& bridge, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    // Qt::DisplayRole in words; Qt::UserRole as a plain value, to sort by.
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    ShardId shardAt(int row) const { return shards_.at(static_cast<std::size_t>(row)).id; }
    int rowOf(ShardId shard) const;  // -1: none

private:
    void show(const ClusterSnapshot& snapshot);
    QString text(const ShardSnapshot& shard, int column) const;
    QVariant sortValue(const ShardSnapshot& shard, int column) const;

    std::vector<ShardSnapshot> shards_;
    EngineSight sight_ = EngineSight::kLive;
};

}  // namespace foreshard::ui
