#pragma once
// The seal of a data directory: written when an engine has ended well, after everything it wrote is
// durable, and taken away before the next one writes. While it is there, every file has exactly the
// length and checksum it names, so that no damage at the end of a file can pass for what a crash
// leaves. FORMAT.md gives the bytes. Any thread; the caller sees to it that nobody writes
// meanwhile.
#include "engine/base/result.h"
#include "engine/env/env.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

struct SealProblem {
    std::string file;
    std::uint64_t position = 0;
    Errc code = Errc::kCorrupt;  // or kGap: the file is missing
    std::string text;
};

// REQUIRES: everything in `dataDirectory` is durable.
Status writeSeal(Disk& disk, const std::string& dataDirectory);

// Every difference between the files and the seal; empty when there is none, or no seal. Reads the
// newest segment of every journal, of older ones the length and the header.
std::vector<SealProblem> sealProblems(Disk& disk, const std::string& dataDirectory);

// Did the last engine here end well? False where there was none.
bool isSealed(Disk& disk, const std::string& dataDirectory);

// The first of sealProblems() as an error naming the file.
Status checkSeal(Disk& disk, const std::string& dataDirectory);

// checkSeal(), then removes the seal durably: from here on the files change.
Status breakSeal(Disk& disk, const std::string& dataDirectory);

}  // namespace foreshard
