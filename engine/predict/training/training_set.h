#pragma once
// TrainingSetBuilder turns histories of ticks into rows the model is fitted on: the features at a
// tick, and what the load came to at each horizon, as steps of volatility from the last value.
#include "engine/model/load.h"
#include "engine/predict/features.h"
#include "engine/predict/predictor_module.h"
#include "engine/predict/training/tick_stream.h"

#include <cstdint>
#include <vector>

namespace foreshard {

class TrainingSetBuilder {
public:
    // Takes every `stride`th tick of one shard's history; the last tenth goes to validation.
    void add(const std::vector<ShardTick>& history, ForecastTarget target, std::size_t stride);
    // Every shard of a stream, as the engine asks; a few ticks of each without its data.
    void add(const TickStream& stream);
    TrainingSet take();

private:
    struct Part {
        std::vector<float> inputs;
        std::vector<float> targets;
    };
    Part train_;
    Part validation_;
};

// A plain series as ticks without data characteristics, scaled so that the mean size of the first
// `scaleRows` values is 10 000; `scale` gets the factor.
std::vector<ShardTick> ticksOfSeries(const std::vector<double>& values, std::size_t scaleRows,
                                     double* scale = nullptr);

// The synthetic data the shipped model is fitted on: `streams` keyed streams of `ticks` each (every
// fourth without types, a few ticks of each without any data) and `series` plain ones.
struct SyntheticOptions {
    std::uint64_t seed = 1;
    std::uint32_t streams = 10;
    std::uint32_t ticks = 9000;
    std::uint32_t series = 150;
    std::uint32_t seriesLength = 1500;
};
void addSynthetic(const SyntheticOptions& options, TrainingSetBuilder& builder);

}  // namespace foreshard
