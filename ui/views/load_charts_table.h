#pragma once
// The numbers behind the charts, a row per second, newest first.
#include "ui/bridge/snapshot_history.h"
#include "ui/models/event_feed_model.h"

namespace foreshard::ui {

class LoadChartsTable final : public EventFeedModel<LoadSample> {
    Q_OBJECT
public:
    static constexpr std::size_t kRowsMax = 600;
    static constexpr WallMillis kRowEveryMs = 1'000;
    enum Column {
        kTime,
        kActual,
        kPredicted,
        kP10,
        kP90,
        kInterval,
        kBuffered,
        kColumns
    };

    explicit LoadChartsTable(QObject* parent = nullptr);
    // Takes what is new of `shard`; another shard starts over.
    void observe(const SnapshotHistory& history, ShardId shard);

protected:
    QString cell(const LoadSample& row, int column) const override;

private:
    ShardId shard_;
    std::uint64_t generation_ = 0;
    WallMillis lastMs_ = 0;
};

}  // namespace foreshard::ui
