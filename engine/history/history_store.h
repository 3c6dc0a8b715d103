#pragma once
// HistoryStore is the writing end of the history file (FORMAT.md): what happened and once-a-second
// samples, in one SQLite database of bounded size. For one strand.
#include "engine/history/history_rows.h"
#include "engine/history/sqlite.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

std::string historyPath(const std::string& dataDirectory);

class HistoryStore {
public:
    static constexpr std::uint64_t kBytesMin = 1U << 20U;

    // Opens or makes the file. kCorrupt when it is damaged, kUnsupported when it is somebody else's
    // or of another version. `bytesMax` is at least kBytesMin.
    static Result<std::unique_ptr<HistoryStore>> open(const std::string& path,
                                                      std::uint64_t bytesMax);
    // Gives a file that cannot be used another name; returns that. kBusy when all names are taken.
    static Result<std::string> setAside(const std::string& path);

    // All in one transaction.
    Status write(const std::vector<HistoryEntry>& entries,
                 const std::vector<ClusterSnapshot>& samples);

private:
    HistoryStore(std::unique_ptr<Sqlite> database, std::uint64_t bytesMax)
        : database_(std::move(database)), bytesMax_(bytesMax)
    {
    }
    static Status check(Sqlite& database);
    Status prepare();
    Status writeAll(const std::vector<HistoryEntry>& entries,
                    const std::vector<ClusterSnapshot>& samples);
    Status addEvent(const HistoryEvent& event);
    Status addSample(const ClusterSnapshot& sample);
    Status makeRoom();

    std::unique_ptr<Sqlite> database_;  // goes after the statements
    std::uint64_t bytesMax_;
    std::optional<SqliteStatement> event_, checkpoint_, shard_, node_, total_;
};

}  // namespace foreshard
