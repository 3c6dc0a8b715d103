#pragma once
// SinkMonitor knows, for the control, how the sink of a run is: when to ask it, what is wrong with
// it, and whether everything put out has reached it before the engine ends. Pure: time arrives with
// each call; what it wants to be done it returns.
#include "engine/base/time.h"
#include "engine/model/message.h"

#include <optional>
#include <string>

namespace foreshard {

class SinkMonitor {
public:
    static constexpr Nanos kAskEvery = 500ms;
    static constexpr Nanos kSilence = 2s;  // after that it is away

    // What is to be done.
    struct Effects {
        bool ask = false;                 // send the sink a SinkAsk
        std::optional<std::string> news;  // its new problem; empty: it takes rows again
    };
    struct Settled {
        bool settled = false;
        bool ask = false;  // as above
    };

    // `uri` names the sink for people; empty: the run has none, and none is asked.
    explicit SinkMonitor(std::string uri);
    bool present() const { return !uri_.empty(); }

    void heard(const SinkStatus& status, Instant now);
    Effects tick(Instant now);
    // Before the end: has the sink told of itself since no output was `pending` any more? Until
    // then it is asked. Settled at once without a sink.
    Settled settle(bool pending, Instant now);

    // Empty: it takes rows, as far as is known.
    const std::string& problem() const { return problem_; }
    const SinkStatus& status() const { return status_; }

private:
    std::string problemAt(Instant now) const;

    std::string uri_;
    SinkStatus status_;
    std::string problem_;
    std::optional<Instant> heard_;
    std::optional<Instant> asked_;
    std::optional<Instant> complete_;  // when nothing was pending any more
};

}  // namespace foreshard
