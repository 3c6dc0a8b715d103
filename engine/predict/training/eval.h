#pragma once
// Scores a model on a series the way it would have met it: in order, each forecast made from the
// past alone. Errors are mean absolute ones relative to "the last value stays". Pure but for the
// predictor module.
#include "engine/base/result.h"
#include "engine/predict/predictor_module.h"
#include "engine/predict/training/tick_stream.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

struct EvalSetup {
    std::vector<double> values;
    std::vector<int> horizons{1, 5, 10};  // steps ahead, 1 to 30; trained for 1, 5, 10 and 30
    double trainFraction = 0.6;           // of the values: seen before scoring starts
    bool isOnline = true;                 // also score a copy that goes on learning
};

struct HorizonScore {
    int horizon = 0;
    double maeLast = 0;  // in the series' own unit
    // By forecaster: "last", "ewma", "mean5", "seasonal" (when a period was found), "model",
    // "model_online", "gated" (a Fixed-Share mixture of all but "seasonal").
    std::map<std::string, double> relativeMae;
    std::map<std::string, double> coverageP90;  // of "model" and "model_online"
};

struct EvalReport {
    std::size_t rows = 0;
    std::size_t scoredRows = 0;
    std::size_t seasonalPeriod = 0;  // 0: none found in the training part
    std::vector<HorizonScore> horizons;
};

Result<EvalReport> evaluateSeries(const TorchModule& module, BytesView model,
                                  const EvalSetup& setup);

// The same question on the engine's own kind of data: mean load of the next second, error relative
// to what needs no model. "mean5" is the reactive estimate.
struct StreamScore {
    double versusLast = 1;
    double versusMean5 = 1;
    double versusMean20 = 1;
    double versusEwma = 1;
    double coverageP90 = 0;
    std::size_t forecasts = 0;
};
Result<StreamScore> evaluateStream(const TorchModel& model, const TickStream& stream);
// `streams` TickGenerator streams of the seeds from `seed` on; each counts alike (geometric mean).
Result<StreamScore> evaluateStreams(const TorchModel& model, std::uint64_t seed,
                                    std::uint32_t streams, std::uint32_t ticks);

}  // namespace foreshard
