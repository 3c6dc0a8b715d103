#pragma once
// Invariants I4 and I5: what the data directory gives back is the input, byte for byte, and nothing
// in it is damaged, at the end and after every crash.
#include "engine/env/env.h"
#include "engine/simulate/checkers/violations.h"

#include <string>

namespace foreshard::sim {

class RebuildChecker {
public:
    explicit RebuildChecker(Violations& violations) : violations_(violations) {}

    // REQUIRES: nothing writes to `dataDirectory`. `whole`: all of `input` must be there; else a
    // beginning of it.
    void check(Disk& disk, const std::string& dataDirectory, BytesView input, bool whole);

private:
    Violations& violations_;
};

}  // namespace foreshard::sim
