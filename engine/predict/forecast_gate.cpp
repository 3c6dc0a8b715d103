#include "engine/predict/forecast_gate.h"

#include <cmath>
#include <cstdio>

namespace foreshard {
namespace {

constexpr PerMille kSaneMax = 1'000'000;
// Below this mean error (per mille) of the reactive estimate both are as good as exact.
constexpr double kErrorFloor = 0.5;

double absoluteError(PerMille a, PerMille b)
{
    return std::abs(static_cast<double>(a) - static_cast<double>(b));
}

}  // namespace

bool ForecastGate::isSane(const LoadForecast& forecast)
{
    return forecast.p10 >= 0 && forecast.p10 <= forecast.p50 && forecast.p50 <= forecast.p90
           && forecast.p90 <= kSaneMax;
}

void ForecastGate::answered(Instant now, const std::string& failure)
{
    failure_ = failure;
    isSenseless_ = false;
    answeredAt_ = now;
}

void ForecastGate::dropOlderThan(Instant oldest)
{
    while (!slots_.empty() && slots_.front().at < oldest) {
        const Slot& slot = slots_.front();
        sum_.reactiveError -= slot.reactiveError;
        sum_.modelError -= slot.modelError;
        sum_.covered -= slot.covered;
        sum_.count -= slot.count;
        slots_.pop_front();
    }
    // Sums of doubles drift; an empty window is the moment to forget the drift.
    if (slots_.empty()) sum_ = Slot{};
}

void ForecastGate::observe(Instant now, PerMille actual, const LoadForecast& reactive,
                           const std::optional<LoadForecast>& model)
{
    dropOlderThan(now - options_.window);
    if (slots_.empty()) scoredSince_.reset();
    if (!model) return;
    if (!isSane(*model)) {
        isSenseless_ = true;
        return;
    }
    if (!scoredSince_) scoredSince_ = now;
    if (slots_.empty() || slots_.back().at != now) slots_.push_back({.at = now});
    for (Slot* slot : {&slots_.back(), &sum_}) {
        slot->reactiveError += absoluteError(actual, reactive.p50);
        slot->modelError += absoluteError(actual, model->p50);
        slot->covered += actual <= model->p90 ? 1U : 0U;
        ++slot->count;
    }
    const double ratio = maeRatio();
    isBenched_ = ratio > (isBenched_ ? options_.returnBelow : options_.benchAbove);
}

double ForecastGate::maeRatio() const
{
    if (sum_.count == 0) return 0;
    const double floor = kErrorFloor * static_cast<double>(sum_.count);
    return (sum_.modelError + floor) / (sum_.reactiveError + floor);
}

double ForecastGate::coverageP90() const
{
    if (sum_.count == 0) return 0;
    return static_cast<double>(sum_.covered) / static_cast<double>(sum_.count);
}

bool ForecastGate::useModel(Instant now) const
{
    if (!answeredAt_ || now - *answeredAt_ > options_.silence) return false;
    if (!failure_.empty() || isSenseless_ || isBenched_) return false;
    return scoredSince_ && now - *scoredSince_ >= options_.trial;
}

std::string ForecastGate::text(Instant now) const
{
    if (useModel(now)) return "model";
    if (!answeredAt_) return "reactive (model loading)";
    if (now - *answeredAt_ > options_.silence) {
        const auto limit = static_cast<long long>(toMillis(options_.silence));
        return "reactive (no answer for " + std::to_string(limit) + " ms)";
    }
    if (!failure_.empty()) return "reactive (" + failure_ + ")";
    if (isSenseless_) return "reactive (model benched: senseless forecast)";
    if (isBenched_) {
        char ratio[32];
        std::snprintf(ratio, sizeof ratio, "%.2f", maeRatio());
        return std::string("reactive (model benched: error ") + ratio + "x reactive)";
    }
    return "reactive (model on trial)";
}

}  // namespace foreshard
