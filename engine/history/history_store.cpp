#include "engine/history/history_store.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace foreshard {
namespace {

constexpr std::int64_t kApplicationId = 0x46534831;
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kPageBytes = 4096;
constexpr std::array<const char*, 5> kTables = {"event", "checkpoint", "sample_shard",
                                                "sample_node", "sample_total"};

const char* const kSchema = R"(
CREATE TABLE event(id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER, severity INTEGER,
    kind TEXT, shard INTEGER, node INTEGER, actor TEXT, text TEXT, detail TEXT);
CREATE TABLE checkpoint(id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER, shard INTEGER,
    node INTEGER, text TEXT, detail TEXT);
CREATE TABLE sample_shard(id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER, shard INTEGER,
    node INTEGER, predicted INTEGER, actual INTEGER, interval_ms INTEGER, lag INTEGER,
    buffered_bytes INTEGER, buffered_records INTEGER);
CREATE TABLE sample_node(id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER, node INTEGER,
    cpu INTEGER, rss_bytes INTEGER);
CREATE TABLE sample_total(id INTEGER PRIMARY KEY AUTOINCREMENT, wall_ms INTEGER,
    records_applied INTEGER, records_per_second REAL, bytes_per_second REAL, box_bytes INTEGER,
    disk_free_bytes INTEGER, latency_p99_us INTEGER);
)";

std::int64_t asInt(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

std::string historyPath(const std::string& dataDirectory)
{
    return dataDirectory + "/history.sqlite";
}

Status HistoryStore::check(Sqlite& database)
{
    FS_TRY(const std::string sound, database.word("PRAGMA quick_check(1)"));
    if (sound != "ok") return Error{Errc::kCorrupt, "the history is damaged: " + sound};
    FS_TRY(const std::int64_t application, database.number("PRAGMA application_id"));
    FS_TRY(const std::int64_t version, database.number("PRAGMA user_version"));
    FS_TRY(const std::int64_t tables, database.number("SELECT count(*) FROM sqlite_master"));
    if (tables == 0 && application == 0) {
        return database.execute("PRAGMA page_size=" + std::to_string(kPageBytes)
                                + "; PRAGMA journal_mode=WAL; BEGIN;" + kSchema
                                + "PRAGMA application_id=" + std::to_string(kApplicationId)
                                + "; PRAGMA user_version=" + std::to_string(kVersion) + "; COMMIT");
    }
    if (application == kApplicationId && version == kVersion) return {};
    return Error{Errc::kUnsupported,
                 "the history is another program's file, or of another version"};
}

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const std::string& path,
                                                         std::uint64_t bytesMax)
{
    FS_TRY(std::unique_ptr<Sqlite> database, Sqlite::open(path, false));
    FS_TRY_STATUS(check(*database));
    FS_TRY_STATUS(database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"));
    std::unique_ptr<HistoryStore> store(
        new HistoryStore(std::move(database), std::max(bytesMax, kBytesMin)));
    FS_TRY_STATUS(store->prepare());
    FS_TRY_STATUS(store->makeRoom());  // it may have been made with a higher limit
    return store;
}

Status HistoryStore::prepare()
{
    const auto insert = [this](const std::string& into, int values,
                               std::optional<SqliteStatement>& statement) -> Status {
        std::string marks = "?";
        for (int i = 1; i < values; ++i)
            marks += ",?";
        FS_TRY(SqliteStatement made,
               database_->prepare("INSERT INTO " + into + " VALUES(" + marks + ")"));
        statement.emplace(std::move(made));
        return {};
    };
    FS_TRY_STATUS(insert("event(wall_ms,severity,kind,shard,node,actor,text,detail)", 8, event_));
    FS_TRY_STATUS(insert("checkpoint(wall_ms,shard,node,text,detail)", 5, checkpoint_));
    FS_TRY_STATUS(
        insert("sample_shard(wall_ms,shard,node,predicted,actual,interval_ms,lag,"
               "buffered_bytes,buffered_records)",
               9, shard_));
    FS_TRY_STATUS(insert("sample_node(wall_ms,node,cpu,rss_bytes)", 4, node_));
    FS_TRY_STATUS(
        insert("sample_total(wall_ms,records_applied,records_per_second,"
               "bytes_per_second,box_bytes,disk_free_bytes,latency_p99_us)",
               7, total_));
    return database_->execute(
        "PRAGMA wal_autocheckpoint=" + std::to_string(bytesMax_ / 32 / kPageBytes)
        + "; PRAGMA journal_size_limit=" + std::to_string(bytesMax_ / 16)
        + "; PRAGMA max_page_count=" + std::to_string(bytesMax_ * 3 / 4 / kPageBytes));
}

Result<std::string> HistoryStore::setAside(const std::string& path)
{
    for (int i = 1; i <= 9; ++i) {
        const std::string name = path + ".set-aside-" + std::to_string(i);
        if (Sqlite::open(name, true).ok()) continue;  // there is one
        if (std::rename(path.c_str(), name.c_str()) != 0) break;
        // Not there after a clean end.
        static_cast<void>(std::rename((path + "-wal").c_str(), (name + "-wal").c_str()));
        std::remove((path + "-shm").c_str());
        return name;
    }
    return Error{Errc::kBusy, "set " + path + " aside: nine are there already, or the folder "
                                              "cannot be written: move them away"};
}

Status HistoryStore::addEvent(const HistoryEvent& event)
{
    const bool checkpoint = event.kind == "checkpoint" && event.shard && !event.detail.empty();
    SqliteStatement& row = checkpoint ? *checkpoint_ : *event_;
    row.bind(event.wallMs);
    if (!checkpoint) row.bind(static_cast<std::int64_t>(event.severity)).bind(event.kind);
    const auto bindId = [&row](const auto& id) {
        id ? row.bind(static_cast<std::int64_t>(id->value)) : row.bindNull();
    };
    bindId(event.shard);
    bindId(event.node);
    if (!checkpoint) row.bind(event.actor);
    return row.bind(event.text).bind(event.detail).run();
}

Status HistoryStore::addSample(const ClusterSnapshot& sample)
{
    for (const ShardSnapshot& shard : sample.shards) {
        const std::uint64_t lag =
            shard.recordsIn > shard.recordsApplied ? shard.recordsIn - shard.recordsApplied : 0;
        shard_->bind(sample.wallMs)
            .bind(std::int64_t{shard.id.value})
            .bind(std::int64_t{shard.node.value})
            .bind(std::int64_t{shard.predicted})
            .bind(std::int64_t{shard.actual})
            .bind(std::int64_t{shard.intervalMs})
            .bind(asInt(lag))
            .bind(asInt(shard.bufferedBytes))
            .bind(asInt(shard.bufferedRecords));
        FS_TRY_STATUS(shard_->run());
    }
    for (const NodeSnapshot& node : sample.nodes) {
        node_->bind(sample.wallMs)
            .bind(std::int64_t{node.id.value})
            .bind(std::int64_t{node.cpu})
            .bind(asInt(node.rssBytes));
        FS_TRY_STATUS(node_->run());
    }
    total_->bind(sample.wallMs)
        .bind(asInt(sample.recordsApplied))
        .bind(sample.recordsPerSecond)
        .bind(sample.bytesPerSecond)
        .bind(asInt(sample.boxBytes))
        .bind(asInt(sample.diskFreeBytes))
        .bind(sample.latency.p99);
    return total_->run();
}

Status HistoryStore::writeAll(const std::vector<HistoryEntry>& entries,
                              const std::vector<ClusterSnapshot>& samples)
{
    for (const HistoryEntry& entry : entries)
        FS_TRY_STATUS(addEvent(eventOf(entry)));
    for (const ClusterSnapshot& sample : samples)
        FS_TRY_STATUS(addSample(sample));
    return {};
}

Status HistoryStore::write(const std::vector<HistoryEntry>& entries,
                           const std::vector<ClusterSnapshot>& samples)
{
    FS_TRY_STATUS(makeRoom());
    FS_TRY_STATUS(database_->execute("BEGIN IMMEDIATE"));
    Status status = writeAll(entries, samples);
    if (status.ok()) status = database_->execute("COMMIT");
    // Some failures have ended the transaction already; then there is nothing to take back.
    if (!status.ok()) static_cast<void>(database_->execute("ROLLBACK"));
    return status;
}

Status HistoryStore::makeRoom()
{
    const std::int64_t pagesMax = asInt(bytesMax_) * 5 / 8 / kPageBytes;
    for (int i = 0; i < 100; ++i) {
        FS_TRY(const std::int64_t pages, database_->number("PRAGMA page_count"));
        FS_TRY(const std::int64_t unused, database_->number("PRAGMA freelist_count"));
        if (pages - unused <= pagesMax) return {};
        std::string largest;
        std::int64_t most = 0;
        for (const char* table : kTables) {
            // Ids are without gaps but at the old end.
            FS_TRY(const std::int64_t rows,
                   database_->number(std::string("SELECT coalesce(max(id)-min(id)+1,0) FROM ")
                                     + table));
            if (rows <= most) continue;
            most = rows;
            largest = table;
        }
        if (most == 0) return {};
        FS_TRY_STATUS(database_->execute("DELETE FROM " + largest + " WHERE id < (SELECT min(id) + "
                                         + std::to_string(most / 10 + 1) + " FROM " + largest
                                         + ")"));
        // Else the log of what was removed stays beside the database until somebody needs it.
        FS_TRY_STATUS(database_->execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    return {};
}

}  // namespace foreshard
