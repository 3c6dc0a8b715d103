#pragma once
// Reads a history file, also beside an engine that writes it.
#include "engine/history/history_rows.h"
#include "engine/history/sqlite.h"

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

private:
    explicit HistoryReader(std::unique_ptr<Sqlite> database) : database_(std::move(database)) {}

    std::unique_ptr<Sqlite> database_;
};

}  // namespace foreshard
