#pragma once
// What is fuzzed: everything that reads bytes which somebody else, a damaged disk or an older self
// may have written. A target takes any bytes at all and must neither crash nor break one of its
// FS_CHECKs; what may be damaged answers with an Error. The same targets run under libFuzzer
// (preset `fuzz`, `./dev fuzz TARGET SECONDS`) and, with a few thousand made-up inputs, as a test.
#include "engine/base/bytes.h"

#include <string>
#include <vector>

namespace foreshard::fuzz {

struct FuzzTarget {
    std::string name;
    void (*run)(BytesView input) = nullptr;
    // A small valid input each, made by the program's own writers.
    std::vector<Bytes> (*seeds)() = nullptr;
    // Inputs that once were findings.
    std::vector<Bytes> regressions = {};
};

std::vector<FuzzTarget> wireTargets();   // what comes over the network, and single disk records
std::vector<FuzzTarget> textTargets();   // what people and their systems write
std::vector<FuzzTarget> storeTargets();  // whole files of a data directory

std::vector<FuzzTarget> allTargets();

// Several byte strings as one, each behind its length of two bytes, and back. Any bytes are some
// list; what ends early is shorter.
Bytes joined(const std::vector<Bytes>& pieces);
std::vector<BytesView> pieces(BytesView input);

}  // namespace foreshard::fuzz
