#pragma once
// What happened, as it is kept for later: written by control as it happens, and never needed by it.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/checkpoint.h"
#include "engine/model/snapshot.h"

#include <optional>
#include <string>
#include <variant>

namespace foreshard {

// One line of the log, a command with who asked, a change of the shard map, a decision with
// what it was made from.
struct HistoryEvent {
    WallMillis wallMs = 0;
    EventSeverity severity = EventSeverity::kInfo;
    std::string kind;  // as EventSnapshot::kind, and "command", "assignment", "decision"
    std::string text;
    std::optional<ShardId> shard;
    std::optional<NodeId> node;
    std::string actor;
    std::string detail;  // one JSON object, or empty
};

using HistoryEntry = std::variant<HistoryEvent, CheckpointInfo, RecoverySnapshot, MoveSnapshot>;

}  // namespace foreshard
