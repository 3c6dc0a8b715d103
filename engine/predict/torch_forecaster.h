#pragma once
// TorchForecaster is the shipped forecast model: verified files read through Disk, run by the
// dlopen'ed predictor module.
#include "engine/env/env.h"
#include "engine/predict/forecast_model.h"
#include "engine/predict/predictor_module.h"

#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class TorchForecaster final : public ForecastModel {
public:
    struct Options {
        std::string modelPath;                 // *.pt; its manifest *.json lies beside it
        std::vector<std::string> modulePaths;  // where the module may be, tried in order
    };

    // `disk` must outlive it.
    TorchForecaster(Disk& disk, Options options) : disk_(disk), options_(std::move(options)) {}

    Status load() override;
    std::string title() const override { return title_; }
    Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                              const std::vector<ShardId>& shards) override;

private:
    Disk& disk_;
    Options options_;
    std::string title_;
    std::optional<TorchModel> model_;
};

// A model with what is known about it.
struct VerifiedModel {
    ModelManifest manifest;
    Bytes bytes;
};
// Reads a model and its manifest and compares the two; does not run the model.
Result<VerifiedModel> readModel(Disk& disk, const std::string& modelPath);

}  // namespace foreshard
