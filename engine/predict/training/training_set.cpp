#include "engine/predict/training/training_set.h"

#include "engine/predict/training/tick_generator.h"

#include <algorithm>
#include <cmath>

namespace foreshard {
namespace {

constexpr std::size_t kWarmUpTicks = 20;
constexpr double kSeriesMean = 10'000;
constexpr double kTickMax = 2e9;

ShardTick withoutData(const ShardTick& tick)
{
    ShardTick bare{.shard = tick.shard};
    bare.actual = tick.actual;
    return bare;
}

}  // namespace

void TrainingSetBuilder::add(const std::vector<ShardTick>& history, ForecastTarget target,
                             std::size_t stride)
{
    const auto longest = static_cast<std::size_t>(kHorizonTicks.back());
    if (history.size() <= kWarmUpTicks + longest) return;
    const std::size_t validationFrom = history.size() - history.size() / 10;
    const ShardId shard = history.front().shard;
    FeatureBuilder features;
    for (std::size_t t = 0; t + longest < history.size(); ++t) {
        features.push(history[t]);
        if (t < kWarmUpTicks || t % stride != 0) continue;
        // Rows whose answers reach into the validation part belong to neither.
        if (t < validationFrom && t + longest >= validationFrom) continue;
        Part& part = t < validationFrom ? train_ : validation_;
        part.inputs.resize(part.inputs.size() + kFeatureCount);
        features.row(shard, part.inputs.data() + part.inputs.size() - kFeatureCount, target);
        const double last = features.last(shard);
        const double scale = features.volatility(shard);
        double sum = 0;
        std::size_t ahead = 0;
        for (const int horizon : kHorizonTicks) {
            for (; ahead < static_cast<std::size_t>(horizon); ++ahead)
                sum += history[t + ahead + 1].actual;
            const double load =
                target == ForecastTarget::kMean ? sum / horizon : history[t + ahead].actual;
            part.targets.push_back(static_cast<float>((load - last) / scale));
        }
    }
}

void TrainingSetBuilder::add(const TickStream& stream)
{
    const std::size_t shards = stream.ticks.empty() ? 0 : stream.ticks.front().size();
    for (std::size_t shard = 0; shard < shards; ++shard) {
        std::vector<ShardTick> history;
        for (const auto& tick : stream.ticks)
            history.push_back(tick[shard]);
        add(history, ForecastTarget::kMean, 5);
        if (shard % 4 != 0) continue;
        for (ShardTick& tick : history)
            tick = withoutData(tick);
        add(history, ForecastTarget::kMean, 10);
    }
}

TrainingSet TrainingSetBuilder::take()
{
    TrainingSet set;
    set.validationRows = validation_.targets.size() / kHorizonCount;
    set.rows = train_.targets.size() / kHorizonCount + set.validationRows;
    set.inputs = std::move(train_.inputs);
    set.targets = std::move(train_.targets);
    set.inputs.insert(set.inputs.end(), validation_.inputs.begin(), validation_.inputs.end());
    set.targets.insert(set.targets.end(), validation_.targets.begin(), validation_.targets.end());
    train_ = {};
    validation_ = {};
    return set;
}

std::vector<ShardTick> ticksOfSeries(const std::vector<double>& values, std::size_t scaleRows,
                                     double* scale)
{
    double sum = 0;
    const std::size_t rows = std::min(scaleRows, values.size());
    for (std::size_t i = 0; i < rows; ++i)
        sum += std::abs(values[i]);
    const double factor = sum > 0 ? kSeriesMean * static_cast<double>(rows) / sum : 1;
    if (scale != nullptr) *scale = factor;
    std::vector<ShardTick> ticks(values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        ticks[i].actual =
            static_cast<PerMille>(std::lround(std::clamp(values[i] * factor, -kTickMax, kTickMax)));
    return ticks;
}

void addSynthetic(const SyntheticOptions& options, TrainingSetBuilder& builder)
{
    for (std::uint32_t stream = 0; stream < options.streams; ++stream) {
        TickGenerator generator(
            {.seed = options.seed * 1000 + stream, .hasTypes = stream % 4 != 3});
        TickStream made;
        for (std::uint32_t t = 0; t < options.ticks; ++t)
            made.ticks.push_back(generator.next());
        builder.add(made);
    }
    for (std::uint32_t i = 0; i < options.series; ++i) {
        const auto values = syntheticSeries(options.seed * 1000 + i, options.seriesLength);
        const auto ticks = ticksOfSeries(values, values.size());
        builder.add(ticks, ForecastTarget::kPoint, 2);
        builder.add(ticks, ForecastTarget::kMean, 8);
    }
}

}  // namespace foreshard
