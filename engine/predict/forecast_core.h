#pragma once
// ForecastCore is the control strand's side of prediction: it keeps the reactive estimate, takes
// the predictor's replies as they come (late, doubled, lost), scores both a second later and says
// which forecast counts now. Pure: time and messages come in, forecasts and a status come out.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/load.h"
#include "engine/model/message.h"
#include "engine/predict/forecast_gate.h"
#include "engine/predict/reactive_estimator.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class ForecastCore {
public:
    explicit ForecastCore(const ForecastGate::Options& options = {}) : gate_(options) {}

    // Every 100 ms: what the shards did. `number` grows by one each time and is PredictRequest's
    // tick. REQUIRES: `now` and `number` grow.
    void tick(Instant now, std::uint64_t number, const std::vector<ShardTick>& shards);
    void reply(Instant now, const PredictReply& reply);

    // Mean load of the next second, by whoever the gate lets speak.
    LoadForecast forecast(ShardId shard, Instant now) const;
    PredictorStatus status(Instant now) const;

private:
    struct Past {  // what both said at one tick
        LoadForecast reactive;
        std::optional<LoadForecast> model;
    };
    struct Shard {
        std::deque<PerMille> loads;             // of the last second, newest last
        std::map<std::uint64_t, Past> waiting;  // by tick, until a second later
        std::optional<LoadForecast> model;      // newest
        std::uint64_t modelTick = 0;
    };
    void score(Instant now, std::uint64_t number, Shard& shard);

    ForecastGate gate_;
    ReactiveEstimator reactive_;
    std::map<ShardId, Shard> shards_;
    std::string model_;
    double batchMs_ = 0;
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
    std::uint64_t newestTick_ = 0;
    std::uint64_t newestAnswer_ = 0;
};

}  // namespace foreshard
