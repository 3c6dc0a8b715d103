#include "engine/simulation/scripted_forecaster.h"

#include <algorithm>
#include <limits>

namespace foreshard::sim {

Status ScriptedForecaster::load()
{
    if (random_.chance(50))
        return Error{Errc::kNotFound, "load the scripted model: the script says no: go on without"};
    strand_.spend(Nanos{static_cast<std::int64_t>(random_.below(1'000'000'000))}, false);
    return {};
}

ScriptedForecaster::Temper ScriptedForecaster::mood()
{
    const std::uint64_t draw = random_.below(20);
    if (temper_ != Temper::kMixed) return draw < 18 ? temper_ : Temper::kMixed;
    if (draw == 0) return Temper::kFailing;
    if (draw == 1) return Temper::kLate;
    return draw == 2 ? Temper::kSenseless : Temper::kMixed;
}

LoadForecast ScriptedForecaster::senseless(ShardId shard)
{
    const bool least = random_.chance(500);
    LoadForecast forecast;
    forecast.shard = shard;
    forecast.p50 =
        least ? std::numeric_limits<PerMille>::min() : std::numeric_limits<PerMille>::max();
    forecast.p10 = static_cast<PerMille>(random_.below(1000));
    forecast.p90 = -forecast.p10;
    return forecast;
}

LoadForecast ScriptedForecaster::forecast(ShardId shard, Temper mood, PerMille last)
{
    if (mood == Temper::kSenseless) return senseless(shard);
    if (mood == Temper::kStale && first_.contains(shard)) return first_.at(shard);
    LoadForecast forecast;
    forecast.shard = shard;
    forecast.p50 = static_cast<PerMille>(random_.below(600));
    if (mood == Temper::kSound) forecast.p50 = last;
    if (mood == Temper::kContrary) forecast.p50 = std::max<PerMille>(0, 1000 - last);
    forecast.p10 = forecast.p50 / 2;
    forecast.p90 = forecast.p50 + forecast.p50 / 2;
    first_.try_emplace(shard, forecast);
    return forecast;
}

Result<std::vector<LoadForecast>> ScriptedForecaster::predict(const FeatureBuilder& features,
                                                              const std::vector<ShardId>& shards)
{
    const Temper now = mood();
    if (now == Temper::kFailing)
        return Error{Errc::kIo, "ask the scripted model: the script says no: ask again"};
    if (now == Temper::kLate)
        strand_.spend(Nanos{static_cast<std::int64_t>(random_.below(1'500'000'000))}, false);
    std::vector<LoadForecast> loads;
    const std::uint64_t flaw = random_.below(40);
    if (flaw == 0) return loads;
    for (const ShardId shard : shards) {
        // Whole numbers below a billion, which a float of any compiler turns into the same integer.
        const float last = std::clamp(features.last(shard), 0.0F, 1e6F);
        loads.push_back(forecast(shard, now, static_cast<PerMille>(last)));
    }
    if (flaw == 1) loads.push_back(forecast(ShardId{4'000'000'000U}, Temper::kMixed, 0));
    return loads;
}

}  // namespace foreshard::sim
