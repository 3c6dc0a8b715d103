#include "engine/control/sink_monitor.h"

#include <utility>

namespace foreshard {
namespace {

constexpr const char* kNothingLost =
    "; nothing is lost, but shards stop when their outputs have filled the room for them";

}  // namespace

SinkMonitor::SinkMonitor(std::string uri) : uri_(std::move(uri)) {}

void SinkMonitor::heard(const SinkStatus& status, Instant now)
{
    status_ = status;
    heard_ = now;
}

SinkMonitor::Effects SinkMonitor::tick(Instant now)
{
    Effects effects;
    if (!present()) return effects;
    // The sink has until kSilence from the first tick on to tell of itself.
    if (!heard_) heard_ = now;
    if (!asked_ || now - *asked_ >= kAskEvery) {
        asked_ = now;
        effects.ask = true;
    }
    std::string problem = problemAt(now);
    if (problem == problem_) return effects;
    problem_ = std::move(problem);
    effects.news = problem_;
    return effects;
}

std::string SinkMonitor::problemAt(Instant now) const
{
    if (now - *heard_ > kSilence) {
        return uri_ + " does not answer: it is not running or cannot be reached: start it"
               + kNothingLost;
    }
    if (status_.problem.empty()) return {};
    return uri_ + " takes nothing: " + status_.problem + kNothingLost;
}

SinkMonitor::Settled SinkMonitor::settle(bool pending, Instant now)
{
    if (!present()) return {true, false};
    if (pending) {
        complete_.reset();
        return {false, false};
    }
    if (!complete_) complete_ = now;
    if (heard_ && *heard_ > *complete_) return {true, false};
    return {false, true};
}

}  // namespace foreshard
