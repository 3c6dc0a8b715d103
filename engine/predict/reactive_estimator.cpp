#include "engine/predict/reactive_estimator.h"

#include <algorithm>
#include <vector>

namespace foreshard {
namespace {

constexpr std::size_t kMeanTicks = 5;
constexpr std::size_t kHorizonLength = 10;  // one second
constexpr std::size_t kErrorsKept = 120;
constexpr std::size_t kErrorsMin = 10;

PerMille meanOfNewest(const std::deque<PerMille>& loads, std::size_t ticks)
{
    const std::size_t count = std::min(ticks, loads.size());
    if (count == 0) return 0;
    std::int64_t sum = 0;
    for (std::size_t i = loads.size() - count; i < loads.size(); ++i)
        sum += loads[i];
    return static_cast<PerMille>(sum / static_cast<std::int64_t>(count));
}

PerMille quantileOf(std::vector<PerMille>& values, std::size_t tenths)
{
    const std::size_t rank = (values.size() - 1) * tenths / 10;
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                     values.end());
    return values[rank];
}

PerMille addWithoutOverflow(PerMille a, PerMille b)
{
    const std::int64_t sum = static_cast<std::int64_t>(a) + b;
    return static_cast<PerMille>(std::clamp<std::int64_t>(sum, 0, INT32_MAX));
}

}  // namespace

void ReactiveEstimator::push(const ShardTick& tick)
{
    History& history = shards_[tick.shard];
    history.loads.push_back(std::max<PerMille>(tick.actual, 0));
    if (history.loads.size() > kHorizonLength) history.loads.pop_front();
    if (history.estimates.size() == kHorizonLength) {
        const PerMille actual = meanOfNewest(history.loads, kHorizonLength);
        history.errors.push_back(actual - history.estimates.front());
        history.estimates.pop_front();
        if (history.errors.size() > kErrorsKept) history.errors.pop_front();
    }
    history.estimates.push_back(meanOfNewest(history.loads, kMeanTicks));
}

LoadForecast ReactiveEstimator::estimate(ShardId shard) const
{
    const auto found = shards_.find(shard);
    if (found == shards_.end()) return {.shard = shard};
    const History& history = found->second;
    const PerMille p50 = meanOfNewest(history.loads, kMeanTicks);
    LoadForecast forecast{.shard = shard, .p10 = p50, .p50 = p50, .p90 = p50};
    if (history.errors.size() < kErrorsMin) return forecast;
    std::vector<PerMille> errors(history.errors.begin(), history.errors.end());
    forecast.p10 = addWithoutOverflow(p50, std::min<PerMille>(quantileOf(errors, 1), 0));
    forecast.p90 = addWithoutOverflow(p50, std::max<PerMille>(quantileOf(errors, 9), 0));
    return forecast;
}

}  // namespace foreshard
