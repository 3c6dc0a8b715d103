#include "engine/env/real/process_stats.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace foreshard {
namespace {

struct CpuTicks {
    std::uint64_t busy = 0;
    std::uint64_t total = 0;
};

std::uint64_t pageBytes() { return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)); }

std::uint64_t residentBytes()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t whole = 0;
    std::uint64_t resident = 0;
    file >> whole >> resident;
    return resident * pageBytes();
}

std::int64_t cpuTimeNanos()
{
    rusage usage = {};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    const auto nanos = [](const timeval& time) {
        return std::int64_t{time.tv_sec} * 1'000'000'000 + std::int64_t{time.tv_usec} * 1'000;
    };
    return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

// Two header lines, then "name: rx-bytes, seven more of rx, tx-bytes, seven more of tx".
std::uint64_t interfaceBytes()
{
    constexpr auto kLineMax = std::numeric_limits<std::streamsize>::max();
    constexpr int kColumnsBetween = 7;
    std::ifstream file("/proc/net/dev");
    file.ignore(kLineMax, '\n').ignore(kLineMax, '\n');
    std::uint64_t sum = 0;
    while (file.ignore(kLineMax, ':')) {
        std::uint64_t received = 0;
        std::uint64_t skipped = 0;
        std::uint64_t sent = 0;
        file >> received;
        for (int i = 0; i < kColumnsBetween; ++i)
            file >> skipped;
        if (!(file >> sent)) break;
        sum += received + sent;
    }
    return sum;
}

// The first line: "cpu user nice system idle iowait irq softirq steal ...". What follows steal is
// already part of user and nice.
CpuTicks cpuTicks()
{
    constexpr int kColumns = 8;
    constexpr int kIdle = 3;
    constexpr int kIoWait = 4;
    std::ifstream file("/proc/stat");
    std::string label;
    file >> label;
    CpuTicks ticks;
    for (int column = 0; column < kColumns; ++column) {
        std::uint64_t value = 0;
        file >> value;
        ticks.total += value;
        if (column != kIdle && column != kIoWait) ticks.busy += value;
    }
    return ticks;
}

double busyShareSinceLastCall()
{
    // The only state here: the machine has one counter, so the process keeps one former reading.
    static std::mutex mutex;
    static CpuTicks last;
    const std::lock_guard lock(mutex);
    const CpuTicks current = cpuTicks();
    const CpuTicks before = last;
    last = current;
    if (current.total <= before.total || current.busy < before.busy) return 0;
    const double share = static_cast<double>(current.busy - before.busy)
                         / static_cast<double>(current.total - before.total);
    return std::clamp(share, 0.0, 1.0);
}

}  // namespace

ProcessStats readProcessStats()
{
    return {.rssBytes = residentBytes(),
            .cpuNanos = cpuTimeNanos(),
            .netBytes = interfaceBytes(),
            .machineCpu = busyShareSinceLastCall()};
}

std::uint64_t memoryTotalBytes()
{
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    return pages > 0 ? static_cast<std::uint64_t>(pages) * pageBytes() : 0;
}

}  // namespace foreshard
