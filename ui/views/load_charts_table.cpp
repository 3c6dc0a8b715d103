#include "ui/views/load_charts_table.h"

#include <algorithm>

namespace foreshard::ui {

LoadChartsTable::LoadChartsTable(QObject* parent)
    : EventFeedModel({{tr("Time (UTC)"), false, true},
                      {tr("Actual"), true},
                      {tr("Predicted"), true},
                      {tr("p10"), true},
                      {tr("p90"), true},
                      {tr("Interval"), true},
                      {tr("Buffered"), true}},
                     kRowsMax, parent)
{
}

void LoadChartsTable::observe(const SnapshotHistory& history, ShardId shard)
{
    if (shard != shard_ || history.generation() != generation_) {
        clear();
        shard_ = shard;
        generation_ = history.generation();
        lastMs_ = 0;
    }
    const auto& samples = history.samples(shard);
    auto at = std::lower_bound(
        samples.begin(), samples.end(), lastMs_ + kRowEveryMs,
        [](const LoadSample& sample, WallMillis time) { return sample.wallMs < time; });
    std::vector<LoadSample> fresh;
    for (; at != samples.end(); ++at) {
        if (at->wallMs < lastMs_ + kRowEveryMs) continue;
        lastMs_ = at->wallMs;
        fresh.push_back(*at);
    }
    take(fresh);
}

QString LoadChartsTable::cell(const LoadSample& row, int column) const
{
    switch (column) {
        case kTime:
            return utcCell(row.wallMs);
        case kActual:
            return formatPercent(row.actual);
        case kPredicted:
            return formatPercent(row.predicted);
        case kP10:
            return formatPercent(row.p10);
        case kP90:
            return formatPercent(row.p90);
        case kInterval:
            return formatInterval(row.intervalMs);
        case kBuffered:
            return formatBytes(row.bufferedBytes);
        default:
            return {};
    }
}

}  // namespace foreshard::ui
