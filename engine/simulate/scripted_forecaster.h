#pragma once
// A predictor whose moods are drawn: sensible, absurd, late, or failing. Whatever it answers may
// cost performance, never data (invariant I8). Lives on the predictor's strand.
#include "engine/base/split_mix.h"
#include "engine/env/env.h"
#include "engine/predict/forecast_model.h"

#include <string>
#include <vector>

namespace foreshard::sim {

class ScriptedForecaster final : public ForecastModel {
public:
    // `strand` is where it is asked; a late answer is time spent there.
    ScriptedForecaster(Strand& strand, std::uint64_t seed) : strand_(strand), random_(seed) {}

    Status load() override;
    std::string title() const override { return "scripted 1"; }
    Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                              const std::vector<ShardId>& shards) override;

private:
    LoadForecast drawForecast(ShardId shard, bool absurd);

    Strand& strand_;
    SplitMix64 random_;
};

}  // namespace foreshard::sim
