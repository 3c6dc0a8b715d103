#pragma once
// Time as the engine knows it: a monotonic instant handed in from Strand::now(), never read here.
#include <chrono>
#include <cstdint>

namespace foreshard {

using Nanos = std::chrono::nanoseconds;
using std::chrono::duration_cast;
using namespace std::chrono_literals;

// Nanoseconds since an arbitrary start of the process or of the simulated world.
struct Instant {
    std::int64_t nanos = 0;

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant a, Nanos b) { return {a.nanos + b.count()}; }
    friend constexpr Instant operator-(Instant a, Nanos b) { return {a.nanos - b.count()}; }
    friend constexpr Nanos operator-(Instant a, Instant b) { return Nanos{a.nanos - b.nanos}; }
};

// Milliseconds since 1970, for people's eyes only; never used to decide anything.
using WallMillis = std::int64_t;

constexpr double toMillis(Nanos span) { return static_cast<double>(span.count()) / 1e6; }
constexpr double toSeconds(Nanos span) { return static_cast<double>(span.count()) / 1e9; }

}  // namespace foreshard
