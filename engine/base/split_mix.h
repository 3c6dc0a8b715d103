#pragma once
// SplitMix64 (Steele, Lea, Flood 2014): tiny, seedable, the same on every platform. The standard
// distributions are not portable, so ranges are drawn here too.
#include <cstdint>

namespace foreshard {

class SplitMix64 {
public:
    explicit SplitMix64(std::uint64_t seed = 0) : state_(seed) {}

    std::uint64_t next()
    {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
        return z ^ (z >> 31U);
    }
    // Uniform in [0, bound). REQUIRES: bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    // Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    // True `perMille` times in a thousand.
    bool chance(std::uint32_t perMille) { return below(1000) < perMille; }

private:
    std::uint64_t state_;
};

}  // namespace foreshard
