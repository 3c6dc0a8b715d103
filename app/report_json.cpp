#include "app/report_json.h"

#include "engine/model/plain_text.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kKindNames[] = {"full", "delta"};
constexpr const char* kCheckpointStateNames[] = {"listed", "verified", "invalidated"};
constexpr const char* kSeverityNames[] = {"info", "warning", "error"};
constexpr const char* kEntryNames[] = {"bootstrap", "own",          "interval",
                                       "policy",    "move started", "move finished"};

Json checkpointJson(const CheckpointInfo& info)
{
    return {{"id", info.id.value},
            {"shard", info.shard.value},
            {"epoch", info.epoch.value},
            {"n", info.n},
            {"offset", info.offset},
            {"kind", kKindNames[static_cast<int>(info.kind)]},
            {"base", info.base.value},
            {"node", info.node.value},
            {"bytes", info.bytes},
            {"keys", info.keys},
            {"ms", static_cast<double>(info.snapshotMicros + info.storeMicros) / 1000.0},
            {"snapshot_ms", static_cast<double>(info.snapshotMicros) / 1000.0},
            {"store_ms", static_cast<double>(info.storeMicros) / 1000.0},
            {"interval_ms", info.intervalMs},
            {"reason", info.reason},
            {"state", kCheckpointStateNames[static_cast<int>(info.state)]},
            {"file", info.file},
            {"position", info.position},
            {"wall_ms", info.wallMs}};
}

Json sinkJson(const SinkSnapshot& sink)
{
    return {{"uri", sink.uri.empty() ? "null:" : sink.uri},
            {"mode", sink.mode},
            {"rows", sink.rows},
            {"bytes", sink.bytes},
            {"pending_bytes", sink.pendingBytes},
            {"problem", sink.problem}};
}

Json shardJson(const ShardSnapshot& shard)
{
    Json slots = Json::array();
    for (const SlotRange& range : shard.slots)
        slots.push_back({range.first, range.last});
    Json json = {{"id", shard.id.value},
                 {"slots", slots},
                 {"node", shard.node.value},
                 {"box", shard.box.value},
                 {"epoch", shard.epoch.value},
                 {"state", shardStateName(shard.state)},
                 {"class", loadClassName(shard.loadClass)},
                 {"predicted", shard.predicted / 1000.0},
                 {"predicted_p10", shard.predictedP10 / 1000.0},
                 {"predicted_p90", shard.predictedP90 / 1000.0},
                 {"actual", shard.actual / 1000.0},
                 {"interval_ms", shard.intervalMs},
                 {"interval_reason", shard.intervalReason},
                 {"buffered_bytes", shard.bufferedBytes},
                 {"buffered_records", shard.bufferedRecords},
                 {"records_in", shard.recordsIn},
                 {"records_applied", shard.recordsApplied},
                 {"applied_n", shard.applied},
                 {"applied_offset", shard.appliedOffset}};
    json["last_checkpoint"] = nullptr;
    if (shard.hasCheckpoint) {
        json["last_checkpoint"] = checkpointJson(shard.lastCheckpoint);
        json["last_checkpoint"]["age_ms"] = shard.checkpointAgeMs;
    }
    json["recovery_estimate_ms"] = shard.recoveryEstimateMs;
    return json;
}

Json nodeJson(const NodeSnapshot& node)
{
    return {{"id", node.id.value},
            {"state", nodeStateName(node.state)},
            {"incarnation", node.incarnation},
            {"cpu", node.cpu / 1000.0},
            {"load", node.load / 1000.0},
            {"predicted", node.predicted / 1000.0},
            {"rss_bytes", node.rssBytes},
            {"net_bytes", node.netBytes},
            {"last_heard_ms", node.lastHeardMs},
            {"shards", node.shards}};
}

Json raftJson(const RaftSnapshot& raft)
{
    Json members = Json::array();
    for (const RaftMemberSnapshot& member : raft.members) {
        members.push_back({{"id", member.id},
                           {"role", member.role},
                           {"match", member.match},
                           {"last_heard_ms", member.lastHeardMs}});
    }
    Json recent = Json::array();
    for (const AssignmentEntry& entry : raft.recent) {
        Json shards = Json::array();
        for (const ShardAssignment& shard : entry.shards) {
            shards.push_back({{"shard", shard.shard.value},
                              {"node", shard.node.value},
                              {"epoch", shard.epoch.value}});
        }
        recent.push_back({{"index", entry.index},
                          {"term", entry.term},
                          {"kind", kEntryNames[static_cast<int>(entry.kind)]},
                          {"actor", entry.actor},
                          {"reason", entry.reason},
                          {"wall_ms", entry.wallMs},
                          {"shards", shards}});
    }
    return {{"term", raft.term},       {"leader", raft.leader}, {"commit", raft.commit},
            {"applied", raft.applied}, {"members", members},    {"recent", recent}};
}

Json eventsJson(const ClusterSnapshot& snapshot)
{
    Json events = Json::array();
    for (const EventSnapshot& event : snapshot.events) {
        events.push_back({{"seq", event.seq},
                          {"wall_ms", event.wallMs},
                          {"severity", kSeverityNames[static_cast<int>(event.severity)]},
                          {"kind", event.kind},
                          {"text", event.text}});
    }
    return events;
}

Json recoveriesJson(const ClusterSnapshot& snapshot)
{
    Json recoveries = Json::array();
    for (const RecoverySnapshot& r : snapshot.recoveries) {
        recoveries.push_back({{"seq", r.seq},
                              {"wall_ms", r.wallMs},
                              {"shard", r.shard.value},
                              {"cause", r.cause},
                              {"detect_ms", r.detectMs},
                              {"load_ms", r.loadMs},
                              {"replay_ms", r.replayMs},
                              {"total_ms", r.totalMs},
                              {"records_replayed", r.recordsReplayed}});
    }
    return recoveries;
}

Json movesJson(const ClusterSnapshot& snapshot)
{
    Json moves = Json::array();
    for (const MoveSnapshot& move : snapshot.moves) {
        moves.push_back({{"plan", move.plan.value},
                         {"shard", move.shard.value},
                         {"from", move.from.value},
                         {"to", move.to.value},
                         {"phase", move.phase},
                         {"pause_ms", move.pauseMs},
                         {"committed_at", move.committedAt}});
    }
    return moves;
}

Json rejectJson(const RejectNote& note)
{
    if (note.line == 0) return nullptr;
    return {{"line", note.line}, {"reason", rejectReasonText(note.reason)}};
}

Json rejectsJson(const SourceSnapshot& source)
{
    Json byReason = Json::object();
    for (std::size_t i = 0; i < source.rejectsByReason.size(); ++i) {
        if (source.rejectsByReason[i] == 0) continue;
        byReason[rejectReasonText(static_cast<RejectReason>(i))] = source.rejectsByReason[i];
    }
    return {{"by_reason", byReason},
            {"lines", source.rejectedLines},
            {"first", rejectJson(source.firstReject)},
            {"last", rejectJson(source.newestReject)}};
}

Json sourceJson(const SourceSnapshot& source)
{
    return {{"uri", source.uri},
            {"records_rejected", source.recordsRejected},
            {"records_invalid_utf8", source.bytesInvalidUtf8},
            {"blank", source.blankLines},
            {"times_unreadable", source.timesUnreadable},
            {"next_offset", source.nextOffset},
            {"end", source.end},
            {"last_reject", source.lastReject},
            {"rejects", rejectsJson(source)},
            {"problem", source.problem},
            {"note", source.note}};
}

// Null when nothing was measured.
Json latencyJson(const LatencySnapshot& latency)
{
    if (latency.max == 0) return nullptr;
    return {{"p50", latency.p50},
            {"p90", latency.p90},
            {"p99", latency.p99},
            {"p999", latency.p999},
            {"max", latency.max}};
}

// What an engine that has ended does in a second says nothing any more; what it did does.
bool isOver(const ClusterSnapshot& s)
{
    return s.state == EngineState::kDone || s.state == EngineState::kFailed;
}

void addTotals(Json& json, const ClusterSnapshot& s)
{
    json["state"] = engineStateName(s.state);
    json["failure"] = s.failure;
    json["problem"] = s.source.problem.empty() ? s.sink.problem : s.source.problem;
    json["version"] = s.raft.commit;
    json["records_in"] = s.source.recordsIn;
    json["records_applied"] = s.recordsApplied;
    json["bytes_in"] = s.source.bytesIn;
    json["seconds"] = s.uptimeSeconds;
    json["records_per_second"] = isOver(s) ? s.recordsPerSecondOfRun : s.recordsPerSecond;
    json["records_per_second_run"] = s.recordsPerSecondOfRun;
    json["bytes_per_second"] = s.bytesPerSecond;
    if (isOver(s) && s.uptimeSeconds > 0)
        json["bytes_per_second"] = static_cast<double>(s.source.bytesIn) / s.uptimeSeconds;
    json["latency_us"] = latencyJson(s.latencyOfRun);
    json["latency_10s_us"] = latencyJson(s.latency);
    json["source"] = sourceJson(s.source);
    json["data_directory"] = s.dataDirectory;
    json["box_bytes"] = s.boxBytes;
    json["disk_free_bytes"] = s.diskFreeBytes;
    json["sink"] = sinkJson(s.sink);
}

Json fullJson(const ClusterSnapshot& s)
{
    Json json;
    addTotals(json, s);
    json["shards"] = Json::array();
    for (const ShardSnapshot& shard : s.shards)
        json["shards"].push_back(shardJson(shard));
    json["nodes"] = Json::array();
    for (const NodeSnapshot& node : s.nodes)
        json["nodes"].push_back(nodeJson(node));
    json["raft"] = raftJson(s.raft);
    json["checkpoints"] = {{"count", s.checkpointCount},
                           {"bytes", s.checkpointBytes},
                           {"overhead_fraction", s.checkpointOverhead}};
    json["checkpoints"]["recent"] = Json::array();
    for (const CheckpointInfo& info : s.checkpoints) {
        json["checkpoints"]["recent"].push_back(checkpointJson(info));
    }
    json["moves"] = s.movesDone;
    json["dead_letters"] = s.deadLetters;
    json["refused_messages"] = s.refusedMessages;
    json["moves_recent"] = movesJson(s);
    json["recoveries"] = recoveriesJson(s);
    json["recovery_count"] = s.recoveriesDone;
    json["restore_count"] = s.restoresDone;
    json["predictor"] = {
        {"model", s.predictor.model},        {"gate", s.predictor.gate},
        {"mae_ratio", s.predictor.maeRatio}, {"coverage_p90", s.predictor.coverageP90},
        {"batch_ms", s.predictor.batchMs},   {"answered", s.predictor.answered},
        {"missed", s.predictor.missed}};
    json["events"] = eventsJson(s);
    return json;
}

// Record bytes may be no UTF-8; JSON must be.
std::string dump(const Json& json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

template <class... Args>
std::string line(const char* format, Args... args)
{
    const int size = std::snprintf(nullptr, 0, format, args...);
    std::string text(static_cast<std::size_t>(std::max(size, 0)) + 1, '\0');
    std::snprintf(text.data(), text.size(), format, args...);
    text.pop_back();
    return text;
}

std::string shardLines(const ClusterSnapshot& s)
{
    std::string out =
        line("%5s %5s %6s %-10s %-7s %10s %8s %9s %12s %10s\n", "shard", "node", "epoch", "state",
             "class", "predicted", "actual", "interval", "buffered", "applied");
    for (const ShardSnapshot& shard : s.shards) {
        out += line("%5u %5u %6llu %-10s %-7s %8.1f %% %6.1f %% %6u ms %9.1f kB %10llu\n",
                    shard.id.value, shard.node.value,
                    static_cast<unsigned long long>(shard.epoch.value), shardStateName(shard.state),
                    loadClassName(shard.loadClass), shard.predicted / 10.0, shard.actual / 10.0,
                    shard.intervalMs, static_cast<double>(shard.bufferedBytes) / 1000.0,
                    static_cast<unsigned long long>(shard.recordsApplied));
    }
    return out;
}

std::string nodeLines(const ClusterSnapshot& s)
{
    std::string out = line("%5s %-9s %6s %8s %8s %11s\n", "node", "state", "shards", "cpu", "load",
                           "incarnation");
    for (const NodeSnapshot& node : s.nodes) {
        out +=
            line("%5u %-9s %6u %6.1f %% %6.1f %% %11u\n", node.id.value, nodeStateName(node.state),
                 node.shards, node.cpu / 10.0, node.load / 10.0, node.incarnation);
    }
    return out;
}

std::string raftLines(const ClusterSnapshot& s)
{
    std::string out = line("term %llu, leader %u, commit %llu, %zu member(s)\n",
                           static_cast<unsigned long long>(s.raft.term), s.raft.leader,
                           static_cast<unsigned long long>(s.raft.commit), s.raft.members.size());
    for (const AssignmentEntry& entry : s.raft.recent) {
        out += line("%6llu %-14s %-10s %s\n", static_cast<unsigned long long>(entry.index),
                    kEntryNames[static_cast<int>(entry.kind)], entry.actor.c_str(),
                    entry.reason.c_str());
    }
    return out;
}

std::string checkpointLines(const ClusterSnapshot& s)
{
    std::string out = line("%8s %5s %8s %10s %-6s %8s %8s %9s %-8s %s\n", "id", "shard", "n",
                           "offset", "kind", "keys", "bytes", "ms", "state", "reason");
    for (const CheckpointInfo& info : s.checkpoints) {
        out += line(
            "%8llu %5u %8llu %10llu %-6s %8llu %8llu %9.2f %-8s %s\n",
            static_cast<unsigned long long>(info.id.value), info.shard.value,
            static_cast<unsigned long long>(info.n), static_cast<unsigned long long>(info.offset),
            kKindNames[static_cast<int>(info.kind)], static_cast<unsigned long long>(info.keys),
            static_cast<unsigned long long>(info.bytes),
            static_cast<double>(info.snapshotMicros + info.storeMicros) / 1000.0,
            kCheckpointStateNames[static_cast<int>(info.state)], info.reason.c_str());
    }
    return out;
}

std::string eventLines(const ClusterSnapshot& s)
{
    std::string out;
    for (const EventSnapshot& event : s.events) {
        out += timeText(event.wallMs) + " " + kSeverityNames[static_cast<int>(event.severity)] + " "
               + event.kind + ": " + event.text + "\n";
    }
    return out;
}

std::string sinkLine(const SinkSnapshot& sink)
{
    if (sink.uri.empty()) return {};
    return "\nsink: " + sink.uri + ", " + sink.mode + ", " + std::to_string(sink.rows) + " rows, "
           + std::to_string(sink.pendingBytes) + " bytes pending"
           + (sink.problem.empty() ? "" : "; " + sink.problem);
}

}  // namespace

std::string timeText(WallMillis wallMs)
{
    const auto seconds = static_cast<std::time_t>(wallMs / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[40];
    const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    char millis[16];
    std::snprintf(millis, sizeof millis, ".%03d", static_cast<int>(wallMs % 1000));
    return std::string(text, size) + millis;
}

std::string statusJson(const ClusterSnapshot& snapshot) { return dump(fullJson(snapshot)) + "\n"; }

std::string statusPartJson(const ClusterSnapshot& snapshot, const std::string& part)
{
    const Json json = fullJson(snapshot);
    return dump(json.contains(part) ? Json{{part, json[part]}} : Json::object()) + "\n";
}

void makePrintable(ClusterSnapshot& s)
{
    const auto change = [](std::string& field) { field = printable(field); };
    for (AssignmentEntry& entry : s.raft.recent) {
        change(entry.actor);
        change(entry.reason);
    }
    for (CheckpointInfo& info : s.checkpoints)
        change(info.reason);
    for (EventSnapshot& event : s.events) {
        change(event.kind);
        change(event.text);
    }
    for (std::string* field : {&s.predictor.gate, &s.sink.uri, &s.sink.mode, &s.sink.problem})
        change(*field);
}

std::string statusText(const ClusterSnapshot& s)
{
    return summaryLine(s) + "\nshard map version " + std::to_string(s.raft.commit)
           + " (for --expect-version)\npredictor: " + s.predictor.gate + sinkLine(s.sink) + "\n\n"
           + nodeLines(s) + "\n" + shardLines(s);
}

std::string statusPartText(const ClusterSnapshot& s, const std::string& part)
{
    if (part == "shards") return shardLines(s);
    if (part == "nodes") return nodeLines(s);
    if (part == "raft") return raftLines(s);
    if (part == "checkpoints") return checkpointLines(s);
    if (part == "events") return eventLines(s);
    return statusText(s);
}

std::string summaryLine(const ClusterSnapshot& s)
{
    const bool over = isOver(s);
    const LatencySnapshot& latency = over ? s.latencyOfRun : s.latency;
    // A bucket's upper bound: 0 only when nothing was measured.
    const std::string p99 = latency.max == 0
                                ? "not measured"
                                : line("%.1f ms", static_cast<double>(latency.p99) / 1000.0);
    return line(
        "%s: %llu records applied, %.0f records/s%s, p99 %s%s, %llu rejected, "
        "%llu checkpoints, %llu moves, %llu recoveries",
        engineStateName(s.state), static_cast<unsigned long long>(s.recordsApplied),
        over ? s.recordsPerSecondOfRun : s.recordsPerSecond, over ? " over the run" : "",
        p99.c_str(),
        latency.max == 0 ? ""
        : over           ? " over the run"
                         : " over 10 s",
        static_cast<unsigned long long>(s.source.recordsRejected),
        static_cast<unsigned long long>(s.checkpointCount),
        static_cast<unsigned long long>(s.movesDone),
        static_cast<unsigned long long>(s.recoveriesDone));
}

}  // namespace foreshard
