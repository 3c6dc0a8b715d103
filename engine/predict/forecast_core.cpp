#include "engine/predict/forecast_core.h"

#include <numeric>

namespace foreshard {
namespace {

constexpr std::uint64_t kHorizon = 10;  // ticks: one second
// A forecast older than this many ticks is about a time that has passed.
constexpr std::uint64_t kForecastAgeMax = 3;

}  // namespace

void ForecastCore::tick(Instant now, std::uint64_t number, const std::vector<ShardTick>& shards)
{
    newestTick_ = number;
    ++asked_;
    for (const ShardTick& tick : shards) {
        reactive_.push(tick);
        Shard& shard = shards_[tick.shard];
        shard.loads.push_back(tick.actual);
        if (shard.loads.size() > kHorizon) shard.loads.pop_front();
        score(now, number, shard);
        shard.waiting[number].reactive = reactive_.estimate(tick.shard);
    }
}

void ForecastCore::score(Instant now, std::uint64_t number, Shard& shard)
{
    if (number < kHorizon) return;
    const auto due = shard.waiting.find(number - kHorizon);
    if (due != shard.waiting.end() && shard.loads.size() == kHorizon) {
        const auto sum = std::accumulate(shard.loads.begin(), shard.loads.end(), std::int64_t{0});
        const auto actual = static_cast<PerMille>(sum / static_cast<std::int64_t>(kHorizon));
        gate_.observe(now, actual, due->second.reactive, due->second.model);
    }
    shard.waiting.erase(shard.waiting.begin(), shard.waiting.upper_bound(number - kHorizon));
}

void ForecastCore::reply(Instant now, const PredictReply& reply)
{
    if (reply.tick > newestTick_ || reply.tick <= newestAnswer_) return;  // doubled or overtaken
    newestAnswer_ = reply.tick;
    if (!reply.model.empty()) model_ = reply.model;
    batchMs_ = reply.batchMs;
    if (reply.tick + kForecastAgeMax >= newestTick_) gate_.answered(now, reply.failure);
    if (!reply.failure.empty()) return;
    ++answered_;
    for (const LoadForecast& load : reply.loads) {
        const auto found = shards_.find(load.shard);
        if (found == shards_.end()) continue;
        found->second.model = load;
        found->second.modelTick = reply.tick;
        const auto waiting = found->second.waiting.find(reply.tick);
        if (waiting != found->second.waiting.end()) waiting->second.model = load;
    }
}

LoadForecast ForecastCore::forecast(ShardId shard, Instant now) const
{
    const auto found = shards_.find(shard);
    if (found == shards_.end()) return {.shard = shard};
    const Shard& known = found->second;
    const bool isFresh = known.model && known.modelTick + kForecastAgeMax >= newestTick_;
    if (isFresh && ForecastGate::isSane(*known.model) && gate_.useModel(now)) return *known.model;
    return reactive_.estimate(shard);
}

PredictorStatus ForecastCore::status(Instant now) const
{
    PredictorStatus status;
    status.model = model_.empty() ? "reactive" : model_;
    status.gate = gate_.text(now);
    status.maeRatio = gate_.maeRatio();
    status.coverageP90 = gate_.coverageP90();
    status.batchMs = batchMs_;
    status.answered = answered_;
    status.missed = asked_ - answered_;
    return status;
}

}  // namespace foreshard
