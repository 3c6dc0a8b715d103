#pragma once
// Reads every file of a data directory and checks every checksum and every link between them.
#include "engine/env/env.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct VerifyProblem {
    std::string file;
    std::uint64_t position = 0;
    std::string text;
};

struct VerifyReport {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t frames = 0;
    std::uint64_t records = 0;
    std::uint64_t rejected = 0;
    std::uint64_t deadLetters = 0;
    std::uint64_t checkpoints = 0;
    std::uint64_t shards = 0;
    std::vector<VerifyProblem> problems;
    bool gap = false;  // a problem is that something is missing, not that something is damaged
};

// kNotFound when there is nothing to verify; damage is in the report, not an error.
Result<VerifyReport> verifyDataDirectory(Disk& disk, const std::string& dataDirectory);

}  // namespace foreshard
