#pragma once
// ForecastModel is what the predictor service asks: the TorchScript model in the product, a script
// in the simulation.
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/load.h"
#include "engine/predict/features.h"

#include <string>
#include <vector>

namespace foreshard {

class ForecastModel {
public:
    virtual ~ForecastModel() = default;
    // May take a second; called once, before the first predict(), on the service's strand.
    virtual Status load() = 0;
    // "shard_predictor 1"
    virtual std::string title() const = 0;
    // Mean load of the next second for each of `shards`, in their order.
    virtual Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                                      const std::vector<ShardId>& shards) = 0;
};

}  // namespace foreshard
