#pragma once
// HangWatch finds nodes whose operator does not come back from a record. It looks at progress, not
// at clocks: only time in which the watch itself ran counts, so a process that was frozen is not
// taken for one that hangs. Waiting that an operator has declared (OperatorSpec::declaredCost) is
// spent outside of it and never counts. Lives on a strand of its own.
#include "engine/env/env.h"
#include "engine/env/operator_watch.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace foreshard {

class HangWatch {
public:
    // `hung` is called for a slot whose operator has had one record for `limit`.
    HangWatch(Env& env, std::vector<WitnessSlot*> slots, Nanos limit,
              std::function<void(WitnessSlot&)> hung);
    void start() { tick(); }

private:
    struct Seen {
        WitnessSlot* slot = nullptr;
        std::uint64_t begun = 0;
        Nanos stuck{0};
    };
    void tick();

    Env& env_;
    Nanos limit_;
    Nanos period_;
    std::function<void(WitnessSlot&)> hung_;
    std::vector<Seen> seen_;
    Instant last_;
    Lifetime lifetime_;
};

}  // namespace foreshard
