#include "app/bench/bench.h"

#include "app/bench/bench_stream.h"
#include "app/bench/disk_limit.h"
#include "app/bench/engine_rounds.h"
#include "app/bench/memory_limits.h"
#include "app/bench/report.h"
#include "app/bench/scratch_folder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <vector>

namespace foreshard {
namespace {

// Parts that touch no disk settle fast.
constexpr double kShortPart = 6;
constexpr double kQuietCores = 0.3;  // above it, a round is no more than a hint
constexpr std::uint64_t kCsvBytesMax = 4ULL << 30U;

struct Bench {
    const BenchOptions& options;
    const ScratchFolder& folder;
    BenchReport report;

    std::string path(const std::string& name) const { return folder.path() + "/" + name; }
};

void addRound(Bench& bench, const char* name, const char* unit, const Round& round)
{
    bench.report.add(name, unit, round);
    if (round.foreignCores > kQuietCores)
        bench.report.note(
            "other programs used more than 0.3 of a processor in some rounds: trust "
            "the ratios and the CPU time per item, not the rates");
}

Status addDiskLimit(Bench& bench, std::vector<double>& commits)
{
    const BenchOptions& options = bench.options;
    FS_TRY(const DiskRound disk,
           sustainedWrites(bench.path("disk"), options.diskBytes, options.seconds));
    addRound(bench, "disk_limit", "commits", disk.round);
    commits.insert(commits.end(), disk.commitMicros.begin(), disk.commitMicros.end());
    if (!disk.direct)
        bench.report.note(
            "the file system refuses O_DIRECT: disk_limit is buffered, its pages "
            "dropped after each commit");
    if (!disk.allocated) bench.report.note("the file system does not allocate ahead");
    return {};
}

using EngineBody = std::function<Result<EngineRound>(const EngineWork&)>;

// One engine round in a fresh data directory, which is gone afterwards.
Result<EngineRound> engineRound(const Bench& bench, EngineWork work, const EngineBody& body)
{
    work.dataDirectory = bench.path("data");
    Result<EngineRound> round = body(work);
    bench.folder.drop(work.dataDirectory);
    return round;
}

// How often the engine must take the stream so that a round lasts long enough; the round that
// tells also warms the page cache up.
Result<std::uint64_t> passesFor(const Bench& bench, const EngineWork& work, const EngineBody& body)
{
    FS_TRY(const EngineRound warm, engineRound(bench, work, body));
    const double streamSeconds =
        static_cast<double>(work.stream->records()) / std::max(1.0, warm.round.itemsPerSecond());
    const std::uint64_t bytes = work.stream->records() * BenchStream::kRecordBytes;
    const double most = static_cast<double>(std::max<std::uint64_t>(1, kCsvBytesMax / bytes));
    return static_cast<std::uint64_t>(
        std::clamp(std::ceil(bench.options.seconds / streamSeconds), 1.0, most));
}

Status engineBench(Bench& bench, const char* name, const EngineBody& body)
{
    const BenchOptions& options = bench.options;
    BenchStream stream(options.records);
    stream.plainLoop(0);
    EngineWork work{&stream, bench.path("stream.csv"), 1, {}};
    const std::uint64_t streamBytes = options.records * BenchStream::kRecordBytes;
    // The csv file, the boxes with their heads and indexes, and checkpoints; D after them.
    FS_TRY_STATUS(bench.folder.mustHold(3 * streamBytes + options.diskBytes));
    FS_TRY_STATUS(stream.writeCsv(work.csvPath, 1));
    FS_TRY(work.passes, passesFor(bench, work, body));
    FS_TRY_STATUS(bench.folder.mustHold(3 * streamBytes * work.passes + options.diskBytes));
    FS_TRY_STATUS(stream.writeCsv(work.csvPath, work.passes));

    std::vector<double> commits;
    std::vector<BenchLatency> latencies;
    for (std::uint32_t i = 0; i < options.rounds; ++i) {
        addRound(bench, "plain_loop", "records", stream.plainLoop(options.seconds / kShortPart));
        FS_TRY_STATUS(addDiskLimit(bench, commits));
        FS_TRY(const EngineRound engine, engineRound(bench, work, body));
        addRound(bench, name, "records", engine.round);
        if (engine.latency.p99 > 0)
            latencies.push_back({std::string(name) + "_round_" + std::to_string(i + 1),
                                 static_cast<double>(engine.latency.p50),
                                 static_cast<double>(engine.latency.p99)});
    }
    bench.report.addRatio(name, "plain_loop", false);
    bench.report.addRatio(name, "disk_limit", true);
    bench.report.addLatency("disk_limit_commit_4_MiB", std::move(commits));
    for (const BenchLatency& latency : latencies)
        bench.report.addLatency(latency);
    bench.report.note("checked in every round: " + std::to_string(work.passes * options.records)
                      + " records, count and sum of every key equal to the plain loop's");
    return {};
}

Status runPipeline(Bench& bench)
{
    bench.report.note(
        "pipeline: csv file to keyed state with synced boxes and checkpoints, 4 "
        "nodes, 16 shards, no predictor; its latency is at full speed, so it holds "
        "the wait behind everything that was read before");
    return engineBench(bench, "pipeline", pipelineRound);
}

Status runIngest(Bench& bench)
{
    bench.report.note("ingest: the edge alone, from csv file to durable in 4 boxes of 16 shards");
    return engineBench(bench, "ingest", ingestRound);
}

Status runLimits(Bench& bench)
{
    const BenchOptions& options = bench.options;
    const double part = options.seconds / kShortPart;
    FS_TRY_STATUS(bench.folder.mustHold(2 * options.diskBytes));
    BenchStream stream(options.records);
    std::vector<double> commits;
    std::vector<double> small;
    for (std::uint32_t i = 0; i < options.rounds; ++i) {
        addRound(bench, "plain_loop", "records", stream.plainLoop(part));
        FS_TRY_STATUS(addDiskLimit(bench, commits));
        addRound(bench, "xxh3_cached", "records", hashRecords(part));
        addRound(bench, "memcpy_256_MiB", "blocks", copyMemory(part));
        FS_TRY(const DiskRound appends, smallCommits(bench.path("small"), part));
        addRound(bench, "fdatasync_4_KiB", "commits", appends.round);
        small.insert(small.end(), appends.commitMicros.begin(), appends.commitMicros.end());
        FS_TRY(const Round batches, sendBatches(part));
        addRound(bench, "inproc_64_KiB", "batches", batches);
    }
    bench.report.addRatio("disk_limit", "plain_loop", true);
    bench.report.addRatio("inproc_64_KiB", "plain_loop", true);
    bench.report.addLatency("disk_limit_commit_4_MiB", std::move(commits));
    bench.report.addLatency("fdatasync_4_KiB", std::move(small));
    return {};
}

struct KnownBench {
    const char* name;
    Status (*run)(Bench& bench);
};
constexpr KnownBench kKnown[] = {
    {"pipeline", runPipeline}, {"ingest", runIngest}, {"limits", runLimits}};

Status checkNumbers(const BenchOptions& options)
{
    const bool good = std::isfinite(options.seconds) && options.seconds > 0
                      && options.seconds <= 600 && options.rounds > 0 && options.records > 0
                      && options.records <= 100'000'000;
    if (good) return {};
    return Error{Errc::kInvalid,
                 "bench cannot be run: seconds, rounds or records are out of range: give more "
                 "than 0 and at most 600 seconds, 1 round or more, at most 100000000 records"};
}

}  // namespace

std::vector<std::string> benchNames()
{
    std::vector<std::string> names;
    for (const KnownBench& known : kKnown)
        names.emplace_back(known.name);
    return names;
}

Result<std::string> runBench(const BenchOptions& options)
{
    const auto* const known =
        std::find_if(std::begin(kKnown), std::end(kKnown),
                     [&](const KnownBench& bench) { return options.name == bench.name; });
    if (known == std::end(kKnown)) {
        std::string names;
        for (const std::string& name : benchNames())
            names += (names.empty() ? "" : ", ") + name;
        return Error{Errc::kInvalid, "bench '" + options.name
                                         + "' not found: there is none of this name: use " + names};
    }
    FS_TRY_STATUS(checkNumbers(options));
    FS_TRY(const std::unique_ptr<ScratchFolder> folder, ScratchFolder::make(options.directory));
    Bench bench{options, *folder, BenchReport(options.name)};
    FS_TRY_STATUS(known->run(bench).during("bench " + options.name));
    return options.json ? bench.report.json() : bench.report.text();
}

}  // namespace foreshard
