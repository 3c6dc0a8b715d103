#pragma once
// Times one part of a bench: wall clock, processor time of this process, and what everybody else on
// the machine used meanwhile, which tells how far the number can be trusted.
#include <chrono>
#include <cstdint>

namespace foreshard {

struct Round {
    double seconds = 0;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    double cpuSeconds = 0;    // user and system, all threads of this process
    double foreignCores = 0;  // processors kept busy by others, interrupts and steal with them

    double itemsPerSecond() const { return seconds > 0 ? static_cast<double>(items) / seconds : 0; }
    double bytesPerSecond() const { return seconds > 0 ? static_cast<double>(bytes) / seconds : 0; }
    double cpuMicrosPerItem() const
    {
        return items > 0 ? cpuSeconds * 1e6 / static_cast<double>(items) : 0;
    }
};

// Runs from its construction. The kernel counts the machine's time in steps of 10 ms, so the
// foreign share of a part below about 0.2 s is rough.
class Meter {
public:
    Meter();
    double elapsedSeconds() const;
    // The part up to now; may be asked again later.
    Round lap(std::uint64_t items, std::uint64_t bytes) const;

private:
    std::chrono::steady_clock::time_point start_;
    double cpuAtStart_;
    double machineAtStart_;
};

}  // namespace foreshard
