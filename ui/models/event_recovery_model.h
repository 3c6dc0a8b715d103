#pragma once
// Recoveries, newest first: why a shard had to come back and how long each part took. A move is
// none, as in the engine's own count.
#include "engine/model/snapshot.h"
#include "ui/bridge/snapshot_history.h"
#include "ui/models/event_feed_model.h"

namespace foreshard::ui {

class EventRecoveryModel final : public EventFeedModel<RecoverySnapshot> {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 2'000;
    enum Column {
        kTime,
        kShard,
        kCause,
        kDetect,
        kLoad,
        kReplay,
        kTotal,
        kRecords,
        kColumns
    };

    explicit EventRecoveryModel(QObject* parent = nullptr);
    void observe(const SnapshotHistory& history);

protected:
    QString cell(const RecoverySnapshot& row, int column) const override;
};

}  // namespace foreshard::ui
