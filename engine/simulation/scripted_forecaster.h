#pragma once
// A predictor of a drawn temper: sound, contrary, stale, senseless, late, failing, or a bit of
// each. Whatever it answers may cost performance, never data (invariant I8). Lives on the
// predictor's strand.
#include "engine/base/split_mix.h"
#include "engine/env/env.h"
#include "engine/predict/forecast_model.h"

#include <map>
#include <string>
#include <vector>

namespace foreshard::sim {

class ScriptedForecaster final : public ForecastModel {
public:
    // `strand` is where it is asked; a late answer is time spent there.
    ScriptedForecaster(Strand& strand, std::uint64_t seed)
        : strand_(strand), random_(seed), temper_(static_cast<Temper>(random_.below(7)))
    {
    }

    Status load() override;
    std::string title() const override { return "scripted 1"; }
    Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                              const std::vector<ShardId>& shards) override;

private:
    enum class Temper : std::uint8_t {
        kMixed,      // mostly any number, now and then one of the others
        kSound,      // the load stays as it is
        kContrary,   // the busier, the lower
        kStale,      // its first answer for ever
        kSenseless,  // what NaN and infinity become on their way to an integer
        kLate,
        kFailing
    };

    Temper mood();
    LoadForecast forecast(ShardId shard, Temper mood, PerMille last);
    LoadForecast senseless(ShardId shard);

    Strand& strand_;
    SplitMix64 random_;
    Temper temper_;
    std::map<ShardId, LoadForecast> first_;  // for kStale
};

}  // namespace foreshard::sim
