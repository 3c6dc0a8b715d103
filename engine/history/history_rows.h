#pragma once
// What happened as rows of the history file, and back. Pure.
#include "engine/base/result.h"
#include "engine/model/history.h"

#include <cstdint>
#include <string>

namespace foreshard {

struct HistoryRow {
    std::int64_t id = 0;
    HistoryEvent event;
};

// A checkpoint, recovery or move becomes an event of that kind whose detail holds every member.
HistoryEvent eventOf(const HistoryEntry& entry);
// kCorrupt when the detail is not of that kind.
Result<CheckpointInfo> checkpointOf(const HistoryRow& row);
Result<RecoverySnapshot> recoveryOf(const HistoryRow& row);
Result<MoveSnapshot> moveOf(const HistoryRow& row);

}  // namespace foreshard
