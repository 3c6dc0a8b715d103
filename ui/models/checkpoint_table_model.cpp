#include "ui/models/checkpoint_table_model.h"

#include "ui/theme/formatting.h"

namespace foreshard::ui {

QString checkpointKindText(CheckpointKind kind)
{
    switch (kind) {
        case CheckpointKind::kFull:
            return QObject::tr("\u2588 full");
        case CheckpointKind::kDelta:
            return QObject::tr("\u2584 delta");
    }
    return {};
}

QVector<std::pair<QString, QString>> checkpointFacts(const CheckpointInfo& info)
{
    const auto number = [](std::uint64_t value) { return QString::number(value); };
    const auto millis = [](std::int64_t micros) {
        return formatMillis(static_cast<double>(micros) / 1000.0);
    };
    const bool full = info.kind == CheckpointKind::kFull;
    return {
        {QObject::tr("Time (UTC)"), utcCell(info.wallMs)},
        {QObject::tr("Shard"), number(info.shard.value)},
        {QObject::tr("Node"), number(info.node.value)},
        {QObject::tr("Epoch"), number(info.epoch.value)},
        {QObject::tr("Last frame n"), formatCount(info.n)},
        {QObject::tr("Stream offset"), formatCount(info.offset)},
        {QObject::tr("Kind"), checkpointKindText(info.kind)},
        {QObject::tr("Base"), full ? QObject::tr("none, it is full") : number(info.base.value)},
        {QObject::tr("Keys"), formatCount(info.keys)},
        {QObject::tr("Size"), formatBytes(info.bytes)},
        {QObject::tr("Snapshot"), millis(info.snapshotMicros)},
        {QObject::tr("Store"), millis(info.storeMicros)},
        {QObject::tr("Interval in force"), formatInterval(info.intervalMs)},
        {QObject::tr("Reason"), plainText(info.reason)},
        {QObject::tr("File"), QStringLiteral("%1:%2").arg(plainText(info.file)).arg(info.position)},
    };
}

CheckpointTableModel::CheckpointTableModel(QObject* parent)
    : EventFeedModel({{tr("Time (UTC)"), false, true},
                      {tr("Id"), true, true},
                      {tr("Shard"), true, true},
                      {tr("Kind")},
                      {tr("Frame n"), true, true},
                      {tr("Offset"), true, true},
                      {tr("Keys"), true},
                      {tr("Size"), true},
                      {tr("Snapshot"), true},
                      {tr("Store"), true},
                      {tr("Interval"), true},
                      {tr("Reason")}},
                     kRowsMax, parent)
{
}

void CheckpointTableModel::observe(const SnapshotHistory& history)
{
    takeNewer(history.checkpoints(), history.checkpointsDropped(), history.generation(),
              [](const CheckpointInfo& info) { return info; });
}

QString CheckpointTableModel::cell(const CheckpointInfo& row, int column) const
{
    switch (column) {
        case kTime:
            return utcCell(row.wallMs);
        case kId:
            return QString::number(row.id.value);
        case kShard:
            return QString::number(row.shard.value);
        case kKind:
            return checkpointKindText(row.kind);
        case kN:
            return formatCount(row.n);
        case kOffset:
            return formatCount(row.offset);
        case kKeys:
            return formatCount(row.keys);
        case kBytes:
            return formatBytes(row.bytes);
        case kSnapshotMs:
            return formatMillis(static_cast<double>(row.snapshotMicros) / 1000.0);
        case kStoreMs:
            return formatMillis(static_cast<double>(row.storeMicros) / 1000.0);
        case kInterval:
            return formatInterval(row.intervalMs);
        case kReason:
            return plainText(row.reason);
        default:
            return {};
    }
}

}  // namespace foreshard::ui
