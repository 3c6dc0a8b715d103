#pragma once
// What the disk alone can do, to hold the engine against.
#include "app/bench/meter.h"
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct DiskRound {
    Round round;                       // items: commits
    std::vector<double> commitMicros;  // of each write with its fdatasync
    bool direct = true;                // false: O_DIRECT was refused, so buffered with DONTNEED
    bool allocated = true;             // false: the file system does not allocate ahead
};

// The limit D: 4 MiB written and fdatasynced, again and again, into fresh allocated blocks of a
// file at `path`, past the page cache; at least `bytes` and at least `seconds`, at most 8 GiB. The
// file is removed.
Result<DiskRound> sustainedWrites(const std::string& path, std::uint64_t bytes, double seconds);

// 4 KiB appended and fdatasynced for `seconds`, buffered as a small log would.
Result<DiskRound> smallCommits(const std::string& path, double seconds);

}  // namespace foreshard
