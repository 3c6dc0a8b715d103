#include "engine/control/history_watch.h"

#include "engine/base/overloaded.h"

namespace foreshard {
namespace {

constexpr std::size_t kMovesMax = 8192;  // more than can be under way: one per shard

std::string textOf(const CommandBody& body)
{
    return std::visit(
        Overloaded{[](const MoveCommand& m) {
                       std::string text = "move";
                       for (const ShardId shard : m.shards)
                           text += " " + nameOf(shard);
                       return text + " to node " + std::to_string(m.to.value);
                   },
                   [](const IntervalCommand& m) {
                       return "interval " + nameOf(m.shard) + " "
                              + (m.intervalMs == 0 ? "auto" : std::to_string(m.intervalMs) + " ms");
                   },
                   [](const CheckpointCommand& m) { return "checkpoint " + nameOf(m.shard); },
                   [](const PolicyCommand& m) {
                       return "policy " + std::to_string(static_cast<int>(m.policy.kind));
                   },
                   [](const DrillCommand& m) {
                       return "drill " + m.name + " node " + std::to_string(m.node.value);
                   },
                   [](const RestoreCommand& m) {
                       return "restore " + nameOf(m.shard) + " to checkpoint "
                              + std::to_string(m.checkpoint.value);
                   },
                   [](const StopCommand&) { return std::string("stop"); },
                   [](const auto&) { return std::string(); }},  // it only asks
        body);
}

}  // namespace

void HistoryWatch::decisions(const std::map<ShardId, LoadTracker::ShardLoad>& loads, WallMillis now)
{
    if (!sink_) return;
    for (const auto& [id, load] : loads) {
        const Decision decided{load.interval.ms, load.loadClass};
        Decision& before = decisions_[id];
        if (decided == before) continue;
        HistoryEvent event;
        event.wallMs = now;
        event.kind = "decision";
        event.shard = id;
        event.text = nameOf(id) + ": checkpoint every " + std::to_string(decided.ms) + " ms, was "
                     + std::to_string(before.ms) + ": " + load.interval.reason;
        event.detail =
            "{\"interval_ms\":" + std::to_string(decided.ms)
            + ",\"was_ms\":" + std::to_string(before.ms) + ",\"class\":\""
            + loadClassName(decided.loadClass) + "\",\"p10\":" + std::to_string(load.forecast.p10)
            + ",\"p50\":" + std::to_string(load.forecast.p50) + ",\"p90\":"
            + std::to_string(load.forecast.p90) + ",\"actual\":" + std::to_string(load.tick.actual)
            + ",\"backlog\":" + std::to_string(load.tick.backlog) + "}";
        before = decided;
        note(std::move(event));
    }
}

void HistoryWatch::predictor(const PredictorStatus& status, WallMillis now)
{
    if (!sink_ || status.gate == gate_) return;
    HistoryEvent event;
    event.wallMs = now;
    event.kind = "predictor";
    event.text = "loads are decided by " + status.gate + (gate_.empty() ? "" : ", was " + gate_);
    gate_ = status.gate;
    note(std::move(event));
}

void HistoryWatch::command(const Command& command, WallMillis now)
{
    if (!sink_) return;
    HistoryEvent event;
    event.wallMs = now;
    event.kind = "command";
    event.actor = command.actor;
    event.text = textOf(command.body);
    if (event.text.empty()) return;
    if (command.dryRun) event.text += " (dry run)";
    if (command.expectVersion != 0)
        event.text += ", expecting version " + std::to_string(command.expectVersion);
    note(std::move(event));
}

void HistoryWatch::assignment(const AssignmentEntry& entry)
{
    if (!sink_) return;
    HistoryEvent event;
    event.wallMs = entry.wallMs;
    event.kind = "assignment";
    event.actor = entry.actor;
    event.text = "version " + std::to_string(entry.index) + ": " + entry.reason;
    if (entry.shards.size() == 1) {
        event.shard = entry.shards.front().shard;
        event.node = entry.shards.front().node;
    }
    event.detail = "{\"index\":" + std::to_string(entry.index)
                   + ",\"term\":" + std::to_string(entry.term)
                   + ",\"kind\":" + std::to_string(static_cast<int>(entry.kind)) + ",\"shards\":[";
    const char* comma = "";
    for (const ShardAssignment& shard : entry.shards) {
        event.detail += std::exchange(comma, ",") + ("{\"id\":" + std::to_string(shard.shard.value))
                        + ",\"node\":" + std::to_string(shard.node.value)
                        + ",\"epoch\":" + std::to_string(shard.epoch.value)
                        + ",\"interval_ms\":" + std::to_string(shard.intervalOverrideMs) + "}";
    }
    event.detail += "]}";
    note(std::move(event));
}

void HistoryWatch::move(const MoveSnapshot& move)
{
    if (!sink_) return;
    const std::pair key{move.plan, move.shard};
    std::string& phase = phases_[key];
    if (phase == move.phase) return;
    phase = move.phase;
    note(move);
    // One that is over is said once more, then never again.
    if (phases_.size() > kMovesMax) phases_.erase(phases_.begin());
}

}  // namespace foreshard
