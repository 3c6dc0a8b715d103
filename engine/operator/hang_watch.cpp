#include "engine/operator/hang_watch.h"

#include <algorithm>
#include <utility>

namespace foreshard {

HangWatch::HangWatch(Env& env, std::vector<WitnessSlot*> slots, Nanos limit,
                     std::function<void(WitnessSlot&)> hung)
    : env_(env),
      limit_(limit),
      period_(std::clamp<Nanos>(limit / 8, 5ms, 500ms)),
      hung_(std::move(hung)),
      last_(env.strand.now())
{
    for (WitnessSlot* slot : slots)
        seen_.push_back({slot});
}

void HangWatch::tick()
{
    const Instant now = env_.strand.now();
    const Nanos ran = std::min(now - last_, 2 * period_);
    last_ = now;
    for (Seen& seen : seen_) {
        const std::uint64_t begun = seen.slot->begun.load(std::memory_order_relaxed);
        const bool same = begun == seen.begun && seen.slot->inside.load() != 0;
        seen.stuck = same ? seen.stuck + ran : Nanos{0};
        seen.begun = begun;
        if (seen.stuck < limit_) continue;
        seen.stuck = Nanos{0};
        hung_(*seen.slot);
    }
    env_.strand.postAfter(period_, lifetime_.guard([this] { tick(); }));
}

}  // namespace foreshard
