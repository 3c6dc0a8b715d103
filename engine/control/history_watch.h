#pragma once
// HistoryWatch turns what control does into entries for the history: decisions with what they were
// made from, changes of who predicts, commands with who asked, entries of the assignment log. It
// only listens. Without a sink it does nothing. Lives on the control strand.
#include "engine/control/load_tracker.h"
#include "engine/model/assignment.h"
#include "engine/model/command.h"
#include "engine/model/history.h"

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace foreshard {

using HistorySink = std::function<void(HistoryEntry)>;

class HistoryWatch {
public:
    explicit HistoryWatch(HistorySink sink) : sink_(std::move(sink)) {}

    void note(HistoryEntry entry)
    {
        if (sink_) sink_(std::move(entry));
    }
    // Those intervals and classes that are not what they were.
    void decisions(const std::map<ShardId, LoadTracker::ShardLoad>& loads, WallMillis now);
    void predictor(const PredictorStatus& status, WallMillis now);
    void command(const Command& command, WallMillis now);
    void assignment(const AssignmentEntry& entry);
    // Only when the phase is another one than the last time.
    void move(const MoveSnapshot& move);

private:
    struct Decision {
        std::uint32_t ms = 0;
        LoadClass loadClass = LoadClass::kLow;
        friend bool operator==(const Decision&, const Decision&) = default;
    };

    HistorySink sink_;
    std::map<ShardId, Decision> decisions_;
    std::map<std::pair<PlanId, ShardId>, std::string> phases_;  // of the newest moves
    std::string gate_;
};

}  // namespace foreshard
