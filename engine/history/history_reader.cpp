#include "engine/history/history_reader.h"

#include <algorithm>

namespace foreshard {
namespace {

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

}  // namespace foreshard
