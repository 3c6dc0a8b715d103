#pragma once
// Reads a sink file from its first byte to its last: is every row as it was written, is every frame
// whole and in order, does FILE.progress speak of this file? Changes nothing, and takes no lock.
#include "engine/env/env.h"
#include "engine/model/output.h"

#include <string>
#include <vector>

namespace foreshard {

struct SinkProblem {
    std::uint64_t line = 0;    // from 1; 0: it is about the file as a whole
    std::uint64_t offset = 0;  // of that line
    Error error;               // kGap: rows are missing; kCorrupt: they are not what was written
};

struct SinkVerifyReport {
    static constexpr std::size_t kProblemsMax = 100;

    SinkFormat format = SinkFormat::kJsonl;
    std::uint64_t bytes = 0;
    std::uint64_t rows = 0;  // sound ones
    std::uint64_t frames = 0;
    std::uint64_t shards = 0;
    std::uint64_t problemCount = 0;
    std::vector<SinkProblem> problems;  // the first ones
};

// An error when the file cannot be read at all.
Result<SinkVerifyReport> verifySinkFile(Disk& disk, const std::string& path);

}  // namespace foreshard
