#pragma once
// PredictorService answers PredictRequests under a network name: the same code inside the engine
// and behind `foreshard predictor`. It keeps the history the features need, so requests carry one
// tick only; lost, doubled and late requests cost accuracy, never an answer. Lives on env.strand,
// which should be its own: loading the model blocks it for about a second.
#include "engine/base/log.h"
#include "engine/env/env.h"
#include "engine/model/message.h"
#include "engine/predict/features.h"
#include "engine/predict/forecast_model.h"

#include <cstdint>
#include <memory>
#include <string>

namespace foreshard {

class PredictorService {
public:
    struct Options {
        std::string name = "predictor";
        LogSink log;
    };

    // `env` must outlive it. Call everything on env.strand.
    PredictorService(Env env, std::unique_ptr<ForecastModel> model, Options options);
    ~PredictorService();
    PredictorService(const PredictorService&) = delete;
    PredictorService& operator=(const PredictorService&) = delete;

    // Opens the name and begins to load the model. A model that cannot be loaded is no error here:
    // the answers say why there is no forecast.
    Status start();

private:
    void load();
    void onMessage(const std::string& from, const Bytes& bytes);
    void observe(const PredictRequest& request);
    PredictReply answer(const PredictRequest& request);
    void log(LogLevel level, const std::string& line) const;

    Env env_;
    std::unique_ptr<ForecastModel> model_;
    Options options_;
    FeatureBuilder features_;
    std::string failure_ = "model loading";  // empty: the model is ready
    std::uint64_t lastTick_ = 0;
    bool isOpen_ = false;
    Lifetime lifetime_;
};

}  // namespace foreshard
