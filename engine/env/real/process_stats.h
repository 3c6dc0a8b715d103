#pragma once
// What this process and its machine use right now, read from the kernel. Any thread; a figure the
// kernel does not give is 0.
#include <cstdint>

namespace foreshard {

struct ProcessStats {
    std::uint64_t rssBytes = 0;  // resident memory of this process
    std::int64_t cpuNanos = 0;   // user and system time of all its threads since the start
    std::uint64_t netBytes = 0;  // sent and received by the machine, all interfaces with loopback
    double machineCpu = 0;       // busy share of all processors since the last call, 0 to 1;
                                 // since boot in the first one
};

ProcessStats readProcessStats();

std::uint64_t memoryTotalBytes();

}  // namespace foreshard
