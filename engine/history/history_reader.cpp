#include "engine/history/history_reader.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr std::int64_t kSampleRowsMax = 400'000;  // of each table

const char* const kEvents =
    "SELECT id, wall_ms, severity, kind, shard, node, actor, text, detail FROM event";
const char* const kCheckpoints =
    "SELECT id, wall_ms, 0, 'checkpoint', shard, node, '', text, detail FROM checkpoint";
const char* const kSamples = R"(
SELECT id, wall_ms, 0, 'sample', shard, node, '',
    printf('shard %d: predicted %d, actual %d per mille, interval %d ms, lag %d', shard, predicted,
        actual, interval_ms, lag),
    json_object('predicted', predicted, 'actual', actual, 'interval_ms', interval_ms, 'lag', lag,
        'buffered_bytes', buffered_bytes, 'buffered_records', buffered_records) FROM sample_shard
UNION ALL SELECT id, wall_ms, 0, 'sample', NULL, node, '',
    printf('node %d: cpu %d per mille, %d bytes', node, cpu, rss_bytes),
    json_object('cpu', cpu, 'rss_bytes', rss_bytes) FROM sample_node
UNION ALL SELECT id, wall_ms, 0, 'sample', NULL, NULL, '',
    printf('%d records applied, %.0f per second', records_applied, records_per_second),
    json_object('records_applied', records_applied, 'records_per_second', records_per_second,
        'bytes_per_second', bytes_per_second, 'box_bytes', box_bytes, 'disk_free_bytes',
        disk_free_bytes, 'latency_p99_us', latency_p99_us) FROM sample_total)";

std::string rowsOf(const std::string& kind)
{
    if (kind == "sample") return kSamples;
    if (kind == "checkpoint") return kCheckpoints;
    if (kind.empty()) return std::string(kEvents) + " UNION ALL " + kCheckpoints;
    return std::string(kEvents) + " WHERE kind = ?";
}

HistoryRow rowOf(const SqliteStatement& row)
{
    HistoryRow out;
    out.id = row.number(0);
    HistoryEvent& event = out.event;
    event.wallMs = row.number(1);
    event.severity = static_cast<EventSeverity>(std::clamp<std::int64_t>(row.number(2), 0, 2));
    event.kind = row.text(3);
    if (!row.isNull(4)) event.shard = ShardId{static_cast<std::uint32_t>(row.number(4))};
    if (!row.isNull(5)) event.node = NodeId{static_cast<std::uint32_t>(row.number(5))};
    event.actor = row.text(6);
    event.text = row.text(7);
    event.detail = row.text(8);
    return out;
}

}  // namespace

Result<std::unique_ptr<HistoryReader>> HistoryReader::open(const std::string& path)
{
    Result<std::unique_ptr<Sqlite>> database = Sqlite::open(path, true);
    if (!database.ok()) {
        return Error{Errc::kNotFound, path + " cannot be opened: no history was kept here, or the "
                                             "folder cannot be read: look with `ls`"};
    }
    FS_TRY(const std::int64_t version, (*database)->number("PRAGMA user_version"));
    if (version != 1) {
        return Error{Errc::kUnsupported,
                     path + " is no history, or of another version: read it with the program that "
                            "made it"};
    }
    return std::unique_ptr<HistoryReader>(new HistoryReader(std::move(*database)));
}

Result<std::vector<HistoryRow>> HistoryReader::read(const HistoryQuery& query)
{
    const bool oneKind =
        !query.kind.empty() && query.kind != "sample" && query.kind != "checkpoint";
    FS_TRY(SqliteStatement rows,
           database_->prepare("SELECT * FROM (" + rowsOf(query.kind)
                              + ") WHERE wall_ms >= ? ORDER BY wall_ms DESC, id DESC LIMIT ?"));
    if (oneKind) rows.bind(query.kind);
    rows.bind(query.since).bind(static_cast<std::int64_t>(query.limit));
    std::vector<HistoryRow> found;
    while (true) {
        FS_TRY(const bool another, rows.step());
        if (!another) break;
        found.push_back(rowOf(rows));
    }
    std::reverse(found.begin(), found.end());
    return found;
}

Result<std::vector<ClusterSnapshot>> HistoryReader::samples(WallMillis after, std::int64_t spanMs)
{
    FS_TRY(const std::int64_t newest,
           database_->number("SELECT coalesce(max(wall_ms),0) FROM sample_total"));
    const WallMillis from = std::max(after, newest - spanMs - 1);
    Samples samples;
    FS_TRY_STATUS(addTotals(from, samples));
    FS_TRY_STATUS(addNodes(from, samples));
    FS_TRY_STATUS(addShards(from, samples));
    // Of very many shards the older rows are left out: what then has totals alone would show zeros.
    const auto whole = std::find_if(samples.begin(), samples.end(), [](const auto& one) {
        return !one.second.nodes.empty() && !one.second.shards.empty();
    });
    if (whole != samples.end()) samples.erase(samples.begin(), whole);
    std::vector<ClusterSnapshot> found;
    found.reserve(samples.size());
    for (auto& [wallMs, sample] : samples) {
        // Rows come newest first.
        std::reverse(sample.nodes.begin(), sample.nodes.end());
        std::reverse(sample.shards.begin(), sample.shards.end());
        found.push_back(std::move(sample));
    }
    return found;
}

Result<SqliteStatement> HistoryReader::newestRows(const std::string& columns,
                                                  const std::string& table, WallMillis after)
{
    FS_TRY(SqliteStatement rows,
           database_->prepare("SELECT wall_ms, " + columns + " FROM " + table
                              + " WHERE wall_ms > ? ORDER BY id DESC LIMIT ?"));
    rows.bind(after).bind(kSampleRowsMax);
    return rows;
}

Status HistoryReader::addTotals(WallMillis after, Samples& samples)
{
    FS_TRY(SqliteStatement rows,
           newestRows("records_applied, CAST(round(records_per_second) AS INTEGER), "
                      "CAST(round(bytes_per_second) AS INTEGER), box_bytes, disk_free_bytes, "
                      "latency_p99_us",
                      "sample_total", after));
    while (true) {
        FS_TRY(const bool another, rows.step());
        if (!another) return {};
        ClusterSnapshot& sample = samples[rows.number(0)];
        sample.wallMs = rows.number(0);
        sample.recordsApplied = static_cast<std::uint64_t>(rows.number(1));
        sample.recordsPerSecond = static_cast<double>(rows.number(2));
        sample.bytesPerSecond = static_cast<double>(rows.number(3));
        sample.boxBytes = static_cast<std::uint64_t>(rows.number(4));
        sample.diskFreeBytes = static_cast<std::uint64_t>(rows.number(5));
        sample.latency.p99 = rows.number(6);
    }
}

Status HistoryReader::addNodes(WallMillis after, Samples& samples)
{
    FS_TRY(SqliteStatement rows, newestRows("node, cpu, rss_bytes", "sample_node", after));
    while (true) {
        FS_TRY(const bool another, rows.step());
        if (!another) return {};
        const auto sample = samples.find(rows.number(0));
        if (sample == samples.end()) continue;
        NodeSnapshot node;
        node.id = NodeId{static_cast<std::uint32_t>(rows.number(1))};
        node.state = NodeState::kUp;
        node.cpu = static_cast<PerMille>(rows.number(2));
        node.rssBytes = static_cast<std::uint64_t>(rows.number(3));
        sample->second.nodes.push_back(node);
    }
}

Status HistoryReader::addShards(WallMillis after, Samples& samples)
{
    FS_TRY(SqliteStatement rows,
           newestRows("shard, node, predicted, actual, interval_ms, buffered_bytes, "
                      "buffered_records",
                      "sample_shard", after));
    while (true) {
        FS_TRY(const bool another, rows.step());
        if (!another) return {};
        const auto sample = samples.find(rows.number(0));
        if (sample == samples.end()) continue;
        ShardSnapshot shard;
        shard.id = ShardId{static_cast<std::uint32_t>(rows.number(1))};
        shard.node = NodeId{static_cast<std::uint32_t>(rows.number(2))};
        shard.state = ShardState::kLive;
        shard.predicted = static_cast<PerMille>(rows.number(3));
        shard.actual = static_cast<PerMille>(rows.number(4));
        shard.intervalMs = static_cast<std::uint32_t>(rows.number(5));
        shard.bufferedBytes = static_cast<std::uint64_t>(rows.number(6));
        shard.bufferedRecords = static_cast<std::uint64_t>(rows.number(7));
        for (NodeSnapshot& node : sample->second.nodes) {
            if (node.id != shard.node) continue;
            node.load += shard.actual;
            node.predicted += shard.predicted;
            ++node.shards;
        }
        sample->second.shards.push_back(std::move(shard));
    }
}

}  // namespace foreshard
