#pragma once
// What a data directory's files hold at this moment, as a snapshot: read without an engine, also
// beside one, changing nothing. It says what is on disk; what only a running engine knows (loads,
// rates, times to come back) is left as in a new snapshot.
#include "engine/env/env.h"
#include "engine/model/engine_sight.h"
#include "engine/model/history_picture.h"
#include "engine/model/snapshot.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

// Whether an engine runs on it, and how the last one ended.
struct DirectorySight {
    EngineSight sight = EngineSight::kEnded;
    std::string holder;  // "process 1234", when an engine runs

    friend bool operator==(const DirectorySight&, const DirectorySight&) = default;
};
// `holder` is who holds the lock of the directory, if anybody does.
DirectorySight sightOf(Disk& disk, const std::string& dataDirectory,
                       const std::optional<std::string>& holder);

struct DirectoryPicture {
    // Its wallMs is the newest moment that left a trace; 0 when nothing in the files is dated.
    ClusterSnapshot snapshot;
    // The samples of the history, each with the assignment log as it was then.
    std::vector<std::shared_ptr<const ClusterSnapshot>> past;
};
// Errors as Archive::open().
Result<DirectoryPicture> readPicture(Disk& disk, const std::string& dataDirectory,
                                     EngineSight sight, HistoryPicture told);

}  // namespace foreshard
