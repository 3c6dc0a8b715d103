#include "ui/models/event_recovery_model.h"

#include "ui/theme/formatting.h"

namespace foreshard::ui {

EventRecoveryModel::EventRecoveryModel(QObject* parent)
    : EventFeedModel({{tr("Time (UTC)"), false, true},
                      {tr("Shard"), true, true},
                      {tr("Cause")},
                      {tr("Detect"), true},
                      {tr("Load"), true},
                      {tr("Replay"), true},
                      {tr("Total"), true},
                      {tr("Records replayed"), true}},
                     kRowsMax, parent)
{
}

void EventRecoveryModel::observe(const SnapshotHistory& history)
{
    takeNewerIf(
        history.recoveries(), history.recoveriesDropped(), history.generation(),
        [](const RecoverySnapshot& recovery) { return recovery.cause != "move"; },
        [](const RecoverySnapshot& recovery) { return recovery; });
}

QString EventRecoveryModel::cell(const RecoverySnapshot& row, int column) const
{
    switch (column) {
        case kTime:
            return utcCell(row.wallMs);
        case kShard:
            return QString::number(row.shard.value);
        case kCause:
            return plainText(row.cause);
        case kDetect:
            return formatMillis(static_cast<double>(row.detectMs));
        case kLoad:
            return formatMillis(static_cast<double>(row.loadMs));
        case kReplay:
            return formatMillis(static_cast<double>(row.replayMs));
        case kTotal:
            return formatMillis(static_cast<double>(row.totalMs));
        case kRecords:
            return formatCount(row.recordsReplayed);
        default:
            return {};
    }
}

}  // namespace foreshard::ui
