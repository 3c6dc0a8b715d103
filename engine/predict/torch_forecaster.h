#pragma once
// TorchForecaster is the shipped forecast model: verified files read through Disk, run by the
// dlopen'ed predictor module. A model is a program that may never end: what runs it owns all it
// touches and can be left behind.
#include "engine/env/env.h"
#include "engine/predict/forecast_model.h"
#include "engine/predict/predictor_module.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class TorchForecaster final : public ForecastModel {
public:
    struct Options {
        std::string modelPath;                 // *.pt; its manifest *.json lies beside it
        std::vector<std::string> modulePaths;  // where the module may be, tried in order
        // Runs the model and waits, at most so long; on an error the work may still be running.
        // Empty: here, for as long as it takes.
        std::function<Status(std::function<void()> work, Nanos patience)> run{};
    };

    // `disk` must outlive it.
    TorchForecaster(Disk& disk, Options options) : disk_(disk), options_(std::move(options)) {}

    Status load() override;
    std::string title() const override { return title_; }
    Result<std::vector<LoadForecast>> predict(const FeatureBuilder& features,
                                              const std::vector<ShardId>& shards) override;

private:
    Status run(std::function<void()> work, Nanos patience) const;

    Disk& disk_;
    Options options_;
    std::string title_;
    std::shared_ptr<TorchModel> model_;
};

// A model with what is known about it.
struct VerifiedModel {
    ModelManifest manifest;
    Bytes bytes;
};
// Reads a model and its manifest and compares the two; does not run the model.
Result<VerifiedModel> readModel(Disk& disk, const std::string& modelPath);

}  // namespace foreshard
