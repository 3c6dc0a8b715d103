#pragma once
// Silence measures how long a node has shown no sign of life, in time in which control itself ran:
// a control tick that comes late barely counts, so a busy machine or a frozen process does not make
// nodes silent. A report is a sign, and so is whatever the node's supervisor sees of it without any
// message (NodePulse). A node whose strand has work that the machine has not come to is not silent
// either: starting it again would only queue behind that work. No clock, thread or network.
#include "engine/base/time.h"

#include <algorithm>
#include <cstdint>

namespace foreshard {

// What can be seen of a node from outside of it, without a message and without its strand.
struct NodePulse {
    std::uint64_t beat = 0;  // changes while the node runs; always 0: it cannot be seen
    bool behind = false;     // a task runs on its strand, or should
};

// The time from one tick to the next, as far as whoever ticks every `period` ran in it.
class RunningTime {
public:
    explicit RunningTime(Nanos period) : period_(period) {}
    Nanos tick(Instant now)
    {
        const Nanos ran = ticked_ ? std::min(now - last_, 2 * period_) : Nanos{0};
        ticked_ = true;
        last_ = now;
        return ran;
    }

private:
    Nanos period_;
    Instant last_;
    bool ticked_ = false;
};

class Silence {
public:
    // A report came, or a new life begins.
    void end() { span_ = Nanos{0}; }
    void tick(Nanos ran, const NodePulse& pulse)
    {
        const bool alive = pulse.behind || pulse.beat != beat_;
        beat_ = pulse.beat;
        span_ = alive ? Nanos{0} : span_ + ran;
    }
    Nanos span() const { return span_; }

private:
    Nanos span_{0};
    std::uint64_t beat_ = 0;
};

}  // namespace foreshard
