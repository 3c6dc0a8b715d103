// soak MINUTES (5 or more): runs the real engine on a paced stream with moves, kills of nodes and a
// bounded history, and measures its memory, open files and disk use every two seconds. Ends with
// one line and exit 0, or 1 when something grew. `./dev soak MINUTES`.
#include "tests/e2e/program.h"

#include <QCoreApplication>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QTemporaryDir>
#include <QThread>

#include <algorithm>
#include <cstdio>
#include <vector>

namespace foreshard::e2e {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
constexpr int kSampleSeconds = 2;
// Until caches, rings and retained history are full; not measured.
constexpr double kWarmUpSeconds = 150;
constexpr double kMinutesMin = 5;
// Growth from the second to the last quarter of what is measured that is still called flat.
constexpr double kRssGrowthMaxMiB = 24;
constexpr double kFdGrowthMax = 4;
constexpr double kRetainMiB = 64;
constexpr double kDiskMaxMiB = 4 * kRetainMiB;

struct Sample {
    double seconds = 0;
    double rssMiB = 0;
    double fds = 0;
    double diskMiB = 0;
};

double residentMiB(qint64 pid)
{
    QFile status(QStringLiteral("/proc/%1/status").arg(pid));
    if (!status.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : status.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).simplified().split(' ')[0].toDouble() / 1024;
    }
    return 0;
}

double folderMiB(const QString& path)
{
    double bytes = 0;
    QDirIterator entry(path, QDir::Files, QDirIterator::Subdirectories);
    while (entry.hasNext()) {
        entry.next();
        bytes += static_cast<double>(entry.fileInfo().size());
    }
    return bytes / kMiB;
}

Sample measure(qint64 pid, const QString& data, double seconds)
{
    const QDir fds(QStringLiteral("/proc/%1/fd").arg(pid));
    return {seconds, residentMiB(pid),
            static_cast<double>(fds.entryList(QDir::Files | QDir::System).size()), folderMiB(data)};
}

// The mean of `member` over the samples from `from` to `to`, in fractions of the run.
double mean(const std::vector<Sample>& samples, double Sample::*member, double from, double to)
{
    const auto count = static_cast<double>(samples.size());
    const auto begin = static_cast<std::size_t>(count * from);
    const auto end = std::max(begin + 1, static_cast<std::size_t>(count * to));
    double sum = 0;
    for (std::size_t i = begin; i < end; ++i)
        sum += samples[i].*member;
    return sum / static_cast<double>(end - begin);
}

// Least squares over all but the first quarter, per hour.
double slopePerHour(const std::vector<Sample>& samples, double Sample::*member)
{
    const double meanTime = mean(samples, &Sample::seconds, 0.25, 1);
    const double meanValue = mean(samples, member, 0.25, 1);
    double above = 0;
    double below = 0;
    for (std::size_t i = samples.size() / 4; i < samples.size(); ++i) {
        above += (samples[i].seconds - meanTime) * (samples[i].*member - meanValue);
        below += (samples[i].seconds - meanTime) * (samples[i].seconds - meanTime);
    }
    return below > 0 ? above / below * 3600 : 0;
}

int report(const std::vector<Sample>& samples, const Outcome& outcome)
{
    const auto growth = [&samples](double Sample::*member) {
        return mean(samples, member, 0.75, 1) - mean(samples, member, 0.25, 0.5);
    };
    double diskMax = 0;
    for (const Sample& sample : samples)
        diskMax = std::max(diskMax, sample.diskMiB);
    const bool flat = growth(&Sample::rssMiB) <= kRssGrowthMaxMiB
                      && growth(&Sample::fds) <= kFdGrowthMax && diskMax <= kDiskMaxMiB;
    const Sample& first = samples.front();
    const Sample& last = samples.back();
    std::printf(
        "soak: %s: %.1f min, %zu samples; rss first %.1f last %.1f MiB, slope %+.2f MiB/h; "
        "fds first %.0f last %.0f, slope %+.1f/h; disk at most %.0f MiB; exit %d\n",
        flat && outcome.exitCode == 0 ? "flat" : "FAILED", last.seconds / 60, samples.size(),
        first.rssMiB, last.rssMiB, slopePerHour(samples, &Sample::rssMiB), first.fds, last.fds,
        slopePerHour(samples, &Sample::fds), diskMax, outcome.exitCode);
    if (outcome.exitCode != 0) std::printf("%s\n", qPrintable(described(outcome)));
    return flat && outcome.exitCode == 0 ? 0 : 1;
}

int soak(double minutes)
{
    QTemporaryDir folder;
    const QString data = folder.filePath(QStringLiteral("data"));
    RunningProgram program(
        QStringLiteral("run --source synth:mixed?rate=8000 --nodes 4 --shards 16 --predictor off "
                       "--policy fixed:300 --segment-bytes 1048576 --retain-bytes %1 "
                       "--drill move:700 --drill kill-node:3000 --data %2")
            .arg(static_cast<qint64>(kRetainMiB * kMiB))
            .arg(data)
            .split(u' '));
    std::vector<Sample> samples;
    for (double seconds = 0; seconds < minutes * 60; seconds += kSampleSeconds) {
        if (program.waitForEnd(kSampleSeconds * 1000)) break;
        const Sample now = measure(program.pid(), data, seconds + kSampleSeconds);
        if (now.seconds > kWarmUpSeconds) samples.push_back(now);
        if (static_cast<int>(now.seconds) % 30 == 0) {
            std::printf("%6.0f s: rss %.1f MiB, %.0f fds, disk %.1f MiB\n", now.seconds, now.rssMiB,
                        now.fds, now.diskMiB);
            std::fflush(stdout);
        }
    }
    program.terminate();
    const bool ended = program.waitForEnd(60'000);
    if (!ended) program.kill();
    program.waitForEnd(10'000);
    if (samples.size() < 8) {
        std::printf("soak: FAILED: the program ended early: %s\n",
                    qPrintable(described(program.outcome())));
        return 1;
    }
    return report(samples, program.outcome());
}

}  // namespace
}  // namespace foreshard::e2e

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    const double minutes = argc > 1 ? QByteArray(argv[1]).toDouble() : 30;
    if (minutes < foreshard::e2e::kMinutesMin) {
        std::fprintf(stderr, "soak: below 5 minutes caches are still filling: give more\n");
        return 2;
    }
    return foreshard::e2e::soak(minutes);
}
