#include "app/bench/meter.h"

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace foreshard {
namespace {

double secondsOf(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double ownCpuSeconds()
{
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
    return secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
}

// Busy time of all processors since boot: user, nice, system, irq, softirq, steal (see proc(5)).
double machineBusySeconds()
{
    std::ifstream stat("/proc/stat");
    std::string label;
    stat >> label;
    double ticks = 0;
    for (int field = 0; field < 8; ++field) {
        double value = 0;
        if (!(stat >> value)) return 0;
        const bool idle = field == 3 || field == 4;
        if (!idle) ticks += value;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

Meter::Meter()
    : start_(std::chrono::steady_clock::now()),
      cpuAtStart_(ownCpuSeconds()),
      machineAtStart_(machineBusySeconds())
{
}

double Meter::elapsedSeconds() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

Round Meter::lap(std::uint64_t items, std::uint64_t bytes) const
{
    Round round;
    round.seconds = elapsedSeconds();
    round.items = items;
    round.bytes = bytes;
    round.cpuSeconds = ownCpuSeconds() - cpuAtStart_;
    const double foreign = machineBusySeconds() - machineAtStart_ - round.cpuSeconds;
    round.foreignCores = round.seconds > 0 ? std::max(0.0, foreign) / round.seconds : 0;
    return round;
}

}  // namespace foreshard
