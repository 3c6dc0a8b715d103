#pragma once
// Invariant I1: every record is in the results exactly once.
#include "engine/env/env.h"
#include "engine/simulate/checkers/violations.h"
#include "engine/simulate/random_stream.h"

#include <string>

namespace foreshard::sim {

class RecordChecker {
public:
    explicit RecordChecker(Violations& violations) : violations_(violations) {}

    // REQUIRES: the engine has come to its end and nothing writes to `dataDirectory`.
    void check(Disk& disk, const std::string& dataDirectory, const RandomStream& stream);

private:
    Violations& violations_;
};

}  // namespace foreshard::sim
