#pragma once
// Invariants I4 and I5: what the data directory gives back is the input, byte for byte, and nothing
// in it is damaged, at the end and after every crash.
#include "engine/archive/archive.h"
#include "engine/env/env.h"
#include "engine/simulation/checkers/violations.h"

#include <string>

namespace foreshard::sim {

class RebuildChecker {
public:
    explicit RebuildChecker(Violations& violations) : violations_(violations) {}

    // Which ends of the input must be there: retention may take the one, a crash the other.
    struct Kept {
        bool begin = true;
        bool end = true;
    };

    // REQUIRES: `archive` is that of `dataDirectory`, and nothing writes there.
    void check(Disk& disk, const std::string& dataDirectory, const Archive& archive,
               BytesView input, Kept kept);

private:
    void checkVerify(Disk& disk, const std::string& dataDirectory);

    Violations& violations_;
};

}  // namespace foreshard::sim
