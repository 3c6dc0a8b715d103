#pragma once
// An operator that fails on records of some key, as drawn from the seed: it throws, ends the
// process, or stands still until the watch ends the process. Plays what env/real does with the
// witness file and the crash handler: the marks survive the engine's process.
#include "engine/env/env.h"
#include "engine/env/operator_watch.h"
#include "engine/model/dead_letter.h"
#include "engine/model/operator_spec.h"
#include "engine/simulation/random_stream.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace foreshard::sim {

class PoisonedOperator {
public:
    // Draws the drills, none unless `wanted`. Takes records that will never be applied out of what
    // `stream` expects.
    PoisonedOperator(std::uint64_t seed, std::uint32_t nodes, RandomStream& stream, bool wanted);

    const std::vector<PoisonDrill>& drills() const { return drills_; }
    // Of the process that runs now; `end` is called when the operator has ended it.
    void beginLife(std::function<void()> end);
    // What `node`, which lives on `strand`, gets.
    OperatorWatch watch(NodeId node, Strand& strand);
    std::vector<WitnessSlot*> slots();
    void hung(WitnessSlot& slot) { mark(slot, "the operator hung"); }
    const std::vector<OperatorMark>& marks() const { return marks_; }
    void marksTaken() { marks_.clear(); }

    // What the dead-letter log should hold against what it holds; empty when all is well.
    std::string wrong(Disk& disk, const std::string& dataDirectory) const;

private:
    void mark(WitnessSlot& slot, const std::string& reason);

    std::vector<PoisonDrill> drills_;
    std::uint64_t deadRecords_ = 0;
    std::deque<WitnessSlot> slots_;
    std::vector<OperatorMark> marks_;
    std::uint64_t life_ = 0;
    std::function<void()> end_;
};

}  // namespace foreshard::sim
