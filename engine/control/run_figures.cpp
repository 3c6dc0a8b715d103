#include "engine/control/run_figures.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr Nanos kRateWindow = 1s;
constexpr Nanos kRateSpanMin = 50ms;
constexpr Nanos kLatencyWindow = 10s;
constexpr Nanos kLatencyStep = 1s;

}  // namespace

void RunFigures::begin(ShardId shard, std::uint64_t restored, std::uint64_t replayed)
{
    if (applied_.emplace(shard, restored + replayed).second) replayed_ += replayed;
}

void RunFigures::applied(ShardId shard, std::uint64_t records)
{
    const auto known = applied_.find(shard);
    if (known == applied_.end() || records <= known->second) return;
    recent_ += records - known->second;
    known->second = records;
}

std::uint64_t RunFigures::mostApplied(ShardId shard) const
{
    const auto known = applied_.find(shard);
    return known == applied_.end() ? 0 : known->second;
}

void RunFigures::latency(NodeId node, std::uint32_t incarnation,
                         const std::vector<std::uint64_t>& counts)
{
    Seen& seen = seen_[node];
    if (seen.incarnation != incarnation) seen = {incarnation, {}};
    seen.counts.resize(LatencyHistogram::kBuckets);
    const std::size_t size = std::min(seen.counts.size(), counts.size());
    std::vector<std::uint64_t> fresh(size);
    for (std::size_t i = 0; i < size; ++i) {
        if (counts[i] <= seen.counts[i]) continue;  // nothing new, or a late report
        fresh[i] = counts[i] - seen.counts[i];
        seen.counts[i] = counts[i];
    }
    latency_.add(fresh);
}

void RunFigures::sample(Instant now, std::uint64_t bytesRead)
{
    rates_.push_back({now, recent_, bytesRead});
    while (rates_.size() > 2 && now - rates_[1].at >= kRateWindow)
        rates_.pop_front();
    const Rate& then = rates_.front();
    if (now - then.at >= kRateSpanMin && bytesRead >= then.bytes) {
        const double seconds = toSeconds(now - then.at);
        recordsPerSecond_ = static_cast<double>(recent_ - then.records) / seconds;
        bytesPerSecond_ = static_cast<double>(bytesRead - then.bytes) / seconds;
    }
    if (!past_.empty() && now - past_.back().at < kLatencyStep) return;
    past_.push_back({now, latency_.counts()});
    while (past_.size() > 2 && now - past_[1].at >= kLatencyWindow)
        past_.pop_front();
}

LatencySnapshot RunFigures::latencyOfLate() const
{
    std::vector<std::uint64_t> counts = latency_.counts();
    if (!past_.empty()) {
        for (std::size_t i = 0; i < counts.size(); ++i)
            counts[i] -= past_.front().counts[i];
    }
    LatencyHistogram late;
    late.add(counts);
    return snapshotOf(late);
}

LatencySnapshot RunFigures::snapshotOf(const LatencyHistogram& histogram)
{
    return {histogram.quantile(0.5), histogram.quantile(0.9), histogram.quantile(0.99),
            histogram.quantile(0.999), histogram.quantile(1.0)};
}

}  // namespace foreshard
