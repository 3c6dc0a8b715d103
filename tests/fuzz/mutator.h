#pragma once
// Makes broken inputs out of sound ones, the same ones from the same seed. For the test; libFuzzer
// has its own.
#include "engine/base/bytes.h"
#include "engine/base/split_mix.h"

#include <vector>

namespace foreshard::fuzz {

class Mutator {
public:
    Mutator(std::vector<Bytes> seeds, std::uint64_t seed);
    // At most kInputBytesMax long.
    Bytes next();

    static constexpr std::size_t kInputBytesMax = 4096;

private:
    void mutateOnce(Bytes& input);
    std::size_t place(const Bytes& input) { return random_.below(input.size() + 1); }

    std::vector<Bytes> seeds_;
    SplitMix64 random_;
};

}  // namespace foreshard::fuzz
