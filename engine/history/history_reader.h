#pragma once
// Reads a history file, also beside an engine that writes it.
#include "engine/history/history_rows.h"
#include "engine/history/sqlite.h"
#include "engine/model/snapshot.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

struct HistoryQuery {
    std::string kind;  // empty: everything but samples; "sample": samples; else that kind
    WallMillis since = 0;
    std::size_t limit = 1000;  // the newest ones
};

class HistoryReader {
public:
    // kNotFound when there is none, kCorrupt or kUnsupported when it cannot be read.
    static Result<std::unique_ptr<HistoryReader>> open(const std::string& path);
    // Oldest first.
    Result<std::vector<HistoryRow>> read(const HistoryQuery& query);

    // The samples after `after` that are at most `spanMs` older than the newest one, oldest first:
    // of shards, nodes and totals what was kept, all else as in a new snapshot. A node's load is
    // the sum of its shards'. Of very many the newest ones.
    Result<std::vector<ClusterSnapshot>> samples(WallMillis after, std::int64_t spanMs);

private:
    using Samples = std::map<WallMillis, ClusterSnapshot>;
    Status addTotals(WallMillis after, Samples& samples);
    Status addNodes(WallMillis after, Samples& samples);
    Status addShards(WallMillis after, Samples& samples);
    Result<SqliteStatement> newestRows(const std::string& columns, const std::string& table,
                                       WallMillis after);

    explicit HistoryReader(std::unique_ptr<Sqlite> database) : database_(std::move(database)) {}

    std::unique_ptr<Sqlite> database_;
};

}  // namespace foreshard
