#pragma once
// LoadCore turns every report of the edge into loads and forecasts (LoadTracker), asks the
// predictor, and tells owners the interval that follows. Pure: effects say what is to be done.
#include "engine/base/time.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/load_tracker.h"

#include <string>

namespace foreshard {

class LoadCore {
public:
    LoadCore(const ControlView& view, LoadTracker::Options options, std::string predictor)
        : view_(view), tracker_(options), predictor_(std::move(predictor))
    {
    }

    LoadTracker& tracker() { return tracker_; }
    const LoadTracker& tracker() const { return tracker_; }

    // One tick of all shards.
    void edgeHeard(Instant now, const EdgeReport& report, Effects& effects);

private:
    const ControlView& view_;
    LoadTracker tracker_;
    std::string predictor_;
};

}  // namespace foreshard
