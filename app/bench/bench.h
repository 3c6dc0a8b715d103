#pragma once
// What `foreshard bench NAME` does: measures the engine beside the limits of this machine, in one
// run and in turns, because absolute numbers of a shared machine mean little. Every engine round is
// checked against the plain loop's table; a number of a wrong answer is never reported.
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct BenchOptions {
    std::string name;    // one of benchNames()
    double seconds = 3;  // at least so long is each timed part of the disk and of the engine
    // Where a fresh folder is made for the run and removed after it; empty: build/ below the
    // working directory, or else where the system keeps temporary files.
    std::string directory;
    bool json = false;

    std::uint32_t rounds = 3;
    std::uint64_t records = 2'000'000;      // of 100 bytes; the engine takes them several times
    std::uint64_t diskBytes = 1ULL << 30U;  // at least so much per round of the disk limit
};

// "pipeline", "ingest", "limits".
std::vector<std::string> benchNames();

// Blocks until the measurement is over (some rounds of `seconds`), then gives the report: a table
// for people, or one JSON document. Errors: kInvalid (name or number), kNoSpace, kCorrupt (the
// engine's result is not the plain loop's), kTimeout, and what the disk or the engine reports.
Result<std::string> runBench(const BenchOptions& options);

}  // namespace foreshard
