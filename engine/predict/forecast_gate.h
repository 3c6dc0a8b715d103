#pragma once
// Decides whether the model or the reactive estimate speaks. The model may act only while it
// answers in time, its numbers make sense, and its error over the last minute is no larger than the
// reactive estimate's; it is scored all the time, so it comes back by itself. Taking the larger of
// the two forecasts instead is measurably unsafe. Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/load.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace foreshard {

class ForecastGate {
public:
    struct Options {
        Nanos window = 60s;       // errors older than this are forgotten
        Nanos trial = 3s;         // the model is only scored for this long first
        Nanos silence = 250ms;    // no answer for this long: reactive
        double benchAbove = 1.0;  // error ratio that benches the model
        double returnBelow = 0.98;
    };

    ForecastGate() = default;
    explicit ForecastGate(const Options& options) : options_(options) {}

    // The predictor answered; `failure` is empty when it gave a forecast.
    void answered(Instant now, const std::string& failure);
    // What one shard's load came to, and what both had said before about that time. A missing or
    // senseless model forecast counts as "no forecast": nothing is scored, the gate goes reactive.
    void observe(Instant now, PerMille actual, const LoadForecast& reactive,
                 const std::optional<LoadForecast>& model);

    bool useModel(Instant now) const;
    // "model", "reactive (model loading)", "reactive (model benched: error 1.30x reactive)", ...
    std::string text(Instant now) const;
    double maeRatio() const;     // model over reactive; 0 without evidence
    double coverageP90() const;  // share of actual loads at or below the model's p90

    // p10 <= p50 <= p90, none negative, none above a thousand nodes.
    static bool isSane(const LoadForecast& forecast);

private:
    struct Slot {
        Instant at;
        double reactiveError = 0;
        double modelError = 0;
        std::uint64_t covered = 0;
        std::uint64_t count = 0;
    };
    void dropOlderThan(Instant oldest);

    Options options_;
    std::deque<Slot> slots_;  // one for each instant observed, oldest first
    Slot sum_;
    std::optional<Instant> answeredAt_;
    std::optional<Instant> scoredSince_;
    std::string failure_;
    bool isSenseless_ = false;
    bool isBenched_ = false;
};

}  // namespace foreshard
