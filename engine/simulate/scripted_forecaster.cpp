#include "engine/simulate/scripted_forecaster.h"

#include <limits>

namespace foreshard::sim {

Status ScriptedForecaster::load()
{
    if (random_.chance(50))
        return Error{Errc::kNotFound, "load the scripted model: the script says no: go on without"};
    strand_.spend(Nanos{static_cast<std::int64_t>(random_.below(1'000'000'000))}, false);
    return {};
}

LoadForecast ScriptedForecaster::drawForecast(ShardId shard, bool absurd)
{
    LoadForecast forecast;
    forecast.shard = shard;
    if (absurd) {
        // What a NaN or an infinity becomes on its way to an integer, and quantiles out of order.
        const bool least = random_.chance(500);
        forecast.p50 =
            least ? std::numeric_limits<PerMille>::min() : std::numeric_limits<PerMille>::max();
        forecast.p10 = static_cast<PerMille>(random_.below(1000));
        forecast.p90 = -forecast.p10;
        return forecast;
    }
    forecast.p50 = static_cast<PerMille>(random_.below(600));
    forecast.p10 = forecast.p50 / 2;
    forecast.p90 = forecast.p50 * 3 / 2;
    return forecast;
}

Result<std::vector<LoadForecast>> ScriptedForecaster::predict(const FeatureBuilder&,
                                                              const std::vector<ShardId>& shards)
{
    const std::uint64_t mood = random_.below(20);
    if (mood == 0) return Error{Errc::kIo, "ask the scripted model: the script says no: ask again"};
    if (mood == 1)
        strand_.spend(Nanos{static_cast<std::int64_t>(random_.below(1'500'000'000))}, false);
    std::vector<LoadForecast> loads;
    if (mood == 2) return loads;
    for (const ShardId shard : shards)
        loads.push_back(drawForecast(shard, mood == 3));
    if (mood == 4) loads.push_back(drawForecast(ShardId{4'000'000'000U}, false));
    return loads;
}

}  // namespace foreshard::sim
