#include "app/cli/predictor_watch.h"

namespace foreshard {
namespace {

constexpr std::chrono::milliseconds kPatience{3'000};

}  // namespace

std::string PredictorWatch::saw(std::chrono::milliseconds passed, std::uint64_t answers)
{
    if (!watches()) return {};
    if (answers > 0) {
        answers_ = true;
        return said_ ? "the predictor at " + endpoint_ + " answers" : std::string();
    }
    waited_ += passed;
    if (said_ || waited_ < kPatience) return {};
    said_ = true;
    return "the predictor at " + endpoint_
           + " does not answer: it is not running, or listens elsewhere: start it with `foreshard "
             "predictor --listen "
           + endpoint_ + "`; until it answers, intervals follow the load that is measured";
}

std::string PredictorWatch::atTheEnd(std::uint64_t asked, std::uint64_t answers) const
{
    if (endpoint_.empty() || asked == 0 || answers > 0) return {};
    return "the predictor at " + endpoint_
           + " never answered: it was not running, or listened elsewhere: every interval followed "
             "the load that was measured";
}

}  // namespace foreshard
