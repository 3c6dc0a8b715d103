#include "engine/history/history_rows.h"

#include "engine/base/overloaded.h"

#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error damaged(const HistoryRow& row, const char* why)
{
    return {Errc::kCorrupt, "row " + std::to_string(row.id) + " of the history is no "
                                + row.event.kind + ": " + why + ": another program wrote it"};
}

HistoryEvent eventOfCheckpoint(const CheckpointInfo& info)
{
    HistoryEvent event;
    event.wallMs = info.wallMs;
    event.kind = "checkpoint";
    event.shard = info.shard;
    event.node = info.node;
    const bool full = info.kind == CheckpointKind::kFull;
    event.text = nameOf(info.shard) + ": checkpoint " + std::to_string(info.id.value)
                 + (full ? ", full" : ", delta") + ", frame " + std::to_string(info.n) + ", "
                 + std::to_string(info.bytes) + " bytes (" + info.reason + ")";
    event.detail = dump({{"id", info.id.value},
                         {"shard", info.shard.value},
                         {"epoch", info.epoch.value},
                         {"n", info.n},
                         {"offset", info.offset},
                         {"full", full},
                         {"base", info.base.value},
                         {"node", info.node.value},
                         {"file", info.file},
                         {"position", info.position},
                         {"bytes", info.bytes},
                         {"keys", info.keys},
                         {"records_applied", info.recordsApplied},
                         {"wall_ms", info.wallMs},
                         {"snapshot_us", info.snapshotMicros},
                         {"store_us", info.storeMicros},
                         {"interval_ms", info.intervalMs},
                         {"reason", info.reason},
                         {"sets_back", info.setsBack}});
    return event;
}

HistoryEvent eventOfRecovery(const RecoverySnapshot& recovery)
{
    HistoryEvent event;
    event.wallMs = recovery.wallMs;
    event.kind = "recovery";
    event.shard = recovery.shard;
    event.text = nameOf(recovery.shard) + " is back after " + std::to_string(recovery.totalMs)
                 + " ms (" + recovery.cause + "): " + std::to_string(recovery.recordsReplayed)
                 + " records replayed";
    event.detail = dump({{"seq", recovery.seq},
                         {"wall_ms", recovery.wallMs},
                         {"shard", recovery.shard.value},
                         {"cause", recovery.cause},
                         {"detect_ms", recovery.detectMs},
                         {"load_ms", recovery.loadMs},
                         {"replay_ms", recovery.replayMs},
                         {"total_ms", recovery.totalMs},
                         {"records_replayed", recovery.recordsReplayed}});
    return event;
}

HistoryEvent eventOfMove(const MoveSnapshot& move)
{
    HistoryEvent event;
    event.wallMs = move.startedWallMs + move.pauseMs;
    event.kind = "move";
    event.shard = move.shard;
    event.node = move.to;
    event.text = nameOf(move.shard) + ": node " + std::to_string(move.from.value) + " to node "
                 + std::to_string(move.to.value) + ", " + move.phase;
    event.detail = dump({{"plan", move.plan.value},
                         {"shard", move.shard.value},
                         {"from", move.from.value},
                         {"to", move.to.value},
                         {"phase", move.phase},
                         {"started_wall_ms", move.startedWallMs},
                         {"pause_ms", move.pauseMs},
                         {"committed_at", move.committedAt}});
    return event;
}

// Calls read(json); whatever it lacks becomes an Error.
template <class T, class Read>
Result<T> parsed(const HistoryRow& row, Read read)
{
    T value;
    try {
        read(Json::parse(row.event.detail), value);
    } catch (const Json::exception& error) {
        return damaged(row, error.what());
    }
    return value;
}

template <class T>
void take(const Json& json, const char* key, T& value)
{
    json.at(key).get_to(value);
}

}  // namespace

HistoryEvent eventOf(const HistoryEntry& entry)
{
    return std::visit(Overloaded{[](const HistoryEvent& event) { return event; },
                                 [](const CheckpointInfo& info) { return eventOfCheckpoint(info); },
                                 [](const RecoverySnapshot& one) { return eventOfRecovery(one); },
                                 [](const MoveSnapshot& move) { return eventOfMove(move); }},
                      entry);
}

Result<CheckpointInfo> checkpointOf(const HistoryRow& row)
{
    return parsed<CheckpointInfo>(row, [](const Json& json, CheckpointInfo& info) {
        take(json, "id", info.id.value);
        take(json, "shard", info.shard.value);
        take(json, "epoch", info.epoch.value);
        take(json, "n", info.n);
        take(json, "offset", info.offset);
        info.kind = json.at("full").get<bool>() ? CheckpointKind::kFull : CheckpointKind::kDelta;
        take(json, "base", info.base.value);
        take(json, "node", info.node.value);
        take(json, "file", info.file);
        take(json, "position", info.position);
        take(json, "bytes", info.bytes);
        take(json, "keys", info.keys);
        take(json, "records_applied", info.recordsApplied);
        take(json, "wall_ms", info.wallMs);
        take(json, "snapshot_us", info.snapshotMicros);
        take(json, "store_us", info.storeMicros);
        take(json, "interval_ms", info.intervalMs);
        take(json, "reason", info.reason);
        take(json, "sets_back", info.setsBack);
    });
}

Result<RecoverySnapshot> recoveryOf(const HistoryRow& row)
{
    return parsed<RecoverySnapshot>(row, [&row](const Json& json, RecoverySnapshot& recovery) {
        recovery.seq = static_cast<std::uint64_t>(row.id);  // over all runs, unlike its own
        take(json, "wall_ms", recovery.wallMs);
        take(json, "shard", recovery.shard.value);
        take(json, "cause", recovery.cause);
        take(json, "detect_ms", recovery.detectMs);
        take(json, "load_ms", recovery.loadMs);
        take(json, "replay_ms", recovery.replayMs);
        take(json, "total_ms", recovery.totalMs);
        take(json, "records_replayed", recovery.recordsReplayed);
    });
}

Result<MoveSnapshot> moveOf(const HistoryRow& row)
{
    return parsed<MoveSnapshot>(row, [](const Json& json, MoveSnapshot& move) {
        take(json, "plan", move.plan.value);
        take(json, "shard", move.shard.value);
        take(json, "from", move.from.value);
        take(json, "to", move.to.value);
        take(json, "phase", move.phase);
        take(json, "started_wall_ms", move.startedWallMs);
        take(json, "pause_ms", move.pauseMs);
        take(json, "committed_at", move.committedAt);
    });
}

}  // namespace foreshard
