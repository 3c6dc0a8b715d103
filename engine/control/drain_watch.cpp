#include "engine/control/drain_watch.h"

#include <algorithm>

namespace foreshard {

DrainWatch::DrainWatch(Nanos recordPatience)
    : recordPatience_(std::min(recordPatience + 1s, kPatienceInAll))
{
}

bool DrainWatch::isStuck(const Sight& sight, Nanos ran)
{
    const auto further = [&sight](const Sight& than) {
        return sight.done > than.done || sight.outputsPending < than.outputsPending;
    };
    const auto remember = [&sight](Sight& in) {
        in.done = std::max(in.done, sight.done);
        in.outputsPending = std::min(in.outputsPending, sight.outputsPending);
    };
    still_ += ran;
    inAll_ += ran;
    if (!seen_ || further(most_)) {
        inAll_ = Nanos{0};
        newOwners_ = 0;
    }
    if (seen_ && sight.epochs > best_.epochs) ++newOwners_;
    if (!seen_ || sight.epochs > best_.epochs) {
        best_ = sight;  // a new owner begins further back
        still_ = Nanos{0};
    } else if (further(best_)) {
        still_ = Nanos{0};
    }
    if (!seen_) most_ = sight;
    seen_ = true;
    remember(best_);
    remember(most_);
    const Nanos patience = sight.busy ? std::max(kPatience, recordPatience_) : kPatience;
    const bool inVain = newOwners_ >= kNewOwnersMax && inAll_ >= kPatienceInAll;
    return still_ >= patience || inVain;
}

}  // namespace foreshard
