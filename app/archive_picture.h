#pragma once
// What a data directory's files hold at this moment, as a snapshot: read without an engine, also
// beside one, changing nothing. It says what is on disk; what only a running engine knows (loads,
// rates, times to come back) is left as in a new snapshot.
#include "engine/env/real/posix_disk.h"
#include "engine/model/snapshot.h"
#include "ui/bridge/engine_link.h"

#include <memory>
#include <string>
#include <vector>

namespace foreshard {

// Whether an engine runs on it, and how the last one ended.
struct ArchiveSight {
    ui::EngineSight sight = ui::EngineSight::kEnded;
    std::string holder;  // "process 1234", when an engine runs

    friend bool operator==(const ArchiveSight&, const ArchiveSight&) = default;
};
Result<ArchiveSight> readSight(Disk& disk, const std::string& dataDirectory);

struct ArchivePicture {
    ClusterSnapshot snapshot;  // its wallMs: the newest moment that left a trace
    std::vector<std::shared_ptr<const ClusterSnapshot>> past;  // samples of the last ten minutes
};
// `samplesAfter`: of the samples only those behind it. Errors as Archive::open().
Result<ArchivePicture> readPicture(Disk& disk, const std::string& dataDirectory,
                                   const ArchiveSight& sight, WallMillis samplesAfter);

}  // namespace foreshard
