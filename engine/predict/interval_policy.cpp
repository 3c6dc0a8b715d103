#include "engine/predict/interval_policy.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace foreshard {
namespace {

constexpr double kPromisedMsMin = 50;
constexpr double kPromisedMsMax = 10000;
// A shard predicted above its share still gets an answer: the rule needs some headroom.
constexpr double kLoadMax = 0.98;

double loadOfShare(const IntervalInputs& inputs)
{
    const double share = std::max<double>(inputs.share, 1);
    return std::max(0.0, static_cast<double>(inputs.predicted) / share);
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

std::string seconds(double value)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.2f s", value);
    return text;
}

IntervalDecision decideClasses(const IntervalInputs& inputs)
{
    IntervalDecision decision;
    switch (inputs.loadClass) {
        case LoadClass::kHigh:
            decision.ms = 100;
            break;
        case LoadClass::kMedium:
            decision.ms = 500;
            break;
        case LoadClass::kLow:
            decision.ms = 1000;
            break;
    }
    decision.reason = std::string(loadClassName(inputs.loadClass)) + ": predicted "
                      + percent(loadOfShare(inputs)) + " of its share";
    return decision;
}

}  // namespace

IntervalDecision decidePromise(const IntervalInputs& inputs)
{
    const double offered = loadOfShare(inputs);
    const double rho = std::min(offered, kLoadMax);
    const double budget = toSeconds(inputs.budget);
    const double cost = toSeconds(inputs.checkpointCost);
    const double restore = toSeconds(inputs.restoreTime);
    const double allowed =
        (budget - restore) * (1 - rho) - rho * restore - toSeconds(inputs.queued);
    const double floor = std::max(10 * cost, cost * rho / (0.7 * (1 - rho)));
    const double work = std::max(allowed, floor);
    const double ms = rho > 0 ? work / rho * 1000 : kPromisedMsMax;

    IntervalDecision decision;
    decision.ms = static_cast<std::uint32_t>(std::clamp(ms, kPromisedMsMin, kPromisedMsMax));
    decision.reachable = allowed >= floor;
    const std::string load = " at predicted " + percent(offered) + " of its share";
    if (decision.reachable)
        decision.reason = "promise: back within " + seconds(budget) + load;
    else
        decision.reason = "promise: " + seconds(budget) + " cannot be kept" + load
                          + ": held at the cost floor, move or split the shard";
    return decision;
}

IntervalDecision decideInterval(const IntervalPolicySetting& policy, const IntervalInputs& inputs)
{
    if (inputs.overrideMs > 0) return {.ms = inputs.overrideMs, .reason = "override: set by hand"};
    switch (policy.kind) {
        case PolicyKind::kClasses:
            return decideClasses(inputs);
        case PolicyKind::kPromise:
            return decidePromise(inputs);
        case PolicyKind::kFixed:
            break;
    }
    return {.ms = std::max<std::uint32_t>(policy.fixedMs, 1),
            .reason = "fixed: " + std::to_string(policy.fixedMs) + " ms"};
}

}  // namespace foreshard
