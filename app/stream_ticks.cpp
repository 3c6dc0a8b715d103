#include "app/stream_ticks.h"

#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "engine/base/split_mix.h"
#include "engine/edge/sharder.h"
#include "engine/edge/synth.h"
#include "engine/model/work_cost.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace foreshard {
namespace {

constexpr std::int64_t kTickNanos = 100'000'000;
constexpr double kMeanRecordNanos = 55'000;  // of the synthetic streams, at work scale 1
constexpr std::uint64_t kRecordsPerStream = 1'000'000;
constexpr std::uint64_t kTrainingRecordsFrom = 1'000'000'000;  // and on: starting points

// The state of the cluster around one stream. Nothing in it depends on what comes next.
class DrawnCluster {
public:
    explicit DrawnCluster(std::uint64_t seed)
        : random_(seed),
          memory_(20 + static_cast<PerMille>(random_.below(600))),
          cpuGain_(random_.chance(500) ? 4 * random_.unit() : 0),
          cpuBase_(900 * random_.unit()),
          waitShare_(random_.chance(700) ? 0.3 * random_.unit() : 0)
    {
    }

    // Most ticks are on time to a millisecond, a few are up to half a tick late.
    std::int64_t lateNanos()
    {
        const std::uint64_t most = random_.chance(50) ? 50'000'000 : 1'500'000;
        return static_cast<std::int64_t>(random_.below(most));
    }

    void fillIn(std::vector<ShardTick>& ticks)
    {
        double mean = 0;
        for (const ShardTick& tick : ticks)
            mean += tick.actual / static_cast<double>(ticks.size());
        cpuBase_ = std::clamp(cpuBase_ + 40 * (random_.unit() - 0.5), 0.0, 1000.0);
        for (ShardTick& tick : ticks) {
            // A tick's work of 1000 keeps a node busy for 100 ms; a backlog of 1000 for a second.
            tick.backlog = static_cast<PerMille>(waitShare_ * random_.unit() * tick.actual);
            const double cpu = cpuBase_ + cpuGain_ * mean + 60 * (random_.unit() - 0.5);
            tick.nodeCpu = static_cast<PerMille>(std::clamp(cpu, 0.0, 1000.0));
            tick.nodeMemory = memory_ + static_cast<PerMille>(random_.below(4));
            tick.nodeNetwork = static_cast<PerMille>(random_.below(30));
        }
    }

private:
    SplitMix64 random_;
    PerMille memory_;
    double cpuGain_;
    double cpuBase_;
    double waitShare_;
};

// The records of one tick, counted as the edge counts them.
class TickCounter {
public:
    TickCounter(const SynthGenerator& generator, const StreamTicksOptions& options)
        : generator_(generator), options_(options), work_(options.shards), slots_(options.shards)
    {
    }

    std::vector<ShardTick> count(std::uint64_t first, std::uint64_t end, std::int64_t spanNanos)
    {
        std::vector<ShardTick> ticks(options_.shards);
        for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
            ticks[shard].shard = ShardId{shard};
        ByteArena arena;
        for (std::uint64_t i = first; i < end; ++i)
            add(generator_.record(i, arena), ticks);
        for (std::size_t shard = 0; shard < ticks.size(); ++shard) {
            ShardTick& tick = ticks[shard];
            std::uint64_t top = 0;
            for (const auto& [slot, count] : slots_[shard])
                top = std::max(top, count);
            if (tick.records > 0)
                tick.topKeyShare = static_cast<PerMille>(top * 1000 / tick.records);
            tick.actual = static_cast<PerMille>(std::exchange(work_[shard], 0) * 1000 / spanNanos);
            slots_[shard].clear();
        }
        return ticks;
    }

private:
    void add(const RecordView& record, std::vector<ShardTick>& ticks)
    {
        const std::uint32_t slot = slotOf(record.key);
        // Equal ranges of slots, as a new cluster begins with.
        const std::size_t shard = std::size_t{slot} * options_.shards / kSlotCount;
        const auto bucket = static_cast<std::size_t>(costBucket(record.type, record.raw.size()));
        const auto bytes = static_cast<std::uint32_t>(record.raw.size());
        ShardTick& tick = ticks[shard];
        ++tick.records;
        tick.bytes += bytes;
        ++tick.types[bucket];
        tick.typeBytes[bucket] += bytes;
        work_[shard] += workCost(record.type, record.raw.size(), options_.workScale).count();
        ++slots_[shard][slot];
    }

    const SynthGenerator& generator_;
    const StreamTicksOptions& options_;
    std::vector<std::int64_t> work_;
    std::vector<std::map<std::uint32_t, std::uint64_t>> slots_;
};

struct StreamPlan {
    const char* name;
    std::uint64_t rate;
    std::uint32_t shards;
    double nodesBusy;  // work of the whole stream, in nodes
};

Result<std::vector<TickStream>> planned(const std::vector<StreamPlan>& plans, std::uint64_t seed,
                                        std::uint32_t ticks, std::uint64_t firstRecord)
{
    std::vector<TickStream> streams;
    SplitMix64 random(seed);
    for (const StreamPlan& plan : plans) {
        StreamTicksOptions options;
        const std::uint64_t streamSeed = random.below(UINT64_MAX);
        options.source = std::string("synth:") + plan.name + "?rate=" + std::to_string(plan.rate)
                         + "&seed=" + std::to_string(streamSeed);
        options.shards = plan.shards;
        options.workScale =
            plan.nodesBusy * 1e9 / (kMeanRecordNanos * static_cast<double>(plan.rate));
        options.firstRecord = firstRecord + random.below(1'000'000);
        options.ticks = ticks;
        options.recordsMax = kRecordsPerStream;
        options.seed = streamSeed;
        FS_TRY(TickStream stream, streamTicks(options));
        streams.push_back(std::move(stream));
    }
    return streams;
}

}  // namespace

Result<TickStream> streamTicks(const StreamTicksOptions& options)
{
    FS_CHECK(options.shards > 0);
    FS_TRY(const SourceUri uri, parseSourceUri(options.source));
    if (uri.kind != SourceKind::kSynth)
        return Error{Errc::kInvalid, options.source + " makes no ticks: it is not a synthetic "
                                                      "stream: name one as synth:NAME"};
    FS_TRY(const SynthOptions synth, synthOptions(uri, {}));
    const SynthGenerator generator(synth);
    TickCounter counter(generator, options);
    DrawnCluster cluster(options.seed);
    TickStream stream;
    stream.name = options.source;
    std::uint64_t next = options.firstRecord;
    const std::uint64_t last = options.firstRecord + std::min(options.recordsMax, UINT64_MAX / 2);
    const std::int64_t start = generator.timeOf(next).count();
    std::int64_t begin = start;
    for (std::int64_t tick = 1; tick <= options.ticks && next < last; ++tick) {
        const std::int64_t end = start + tick * kTickNanos + cluster.lateNanos();
        const std::uint64_t first = next;
        while (generator.timeOf(next).count() < end)
            ++next;
        stream.ticks.push_back(counter.count(first, next, end - begin));
        cluster.fillIn(stream.ticks.back());
        begin = end;
    }
    return stream;
}

Result<std::vector<TickStream>> trainingStreams(std::uint64_t seed)
{
    static const std::vector<StreamPlan> kPlans{
        {"mixed", 2500, 16, 1.9},   {"mixed", 2500, 16, 0.6},  {"mixed", 5000, 16, 2.5},
        {"mixed", 1000, 16, 1.0},   {"mixed", 4000, 8, 2.0},   {"mixed", 10'000, 32, 3.0},
        {"mixed", 500, 16, 0.8},    {"mixed", 20'000, 16, 2},  {"mixed", 2000, 4, 1.2},
        {"bursts", 2500, 16, 1.5},  {"bursts", 5000, 16, 2.5}, {"bursts", 1000, 16, 0.5},
        {"bursts", 8000, 32, 2.0},  {"bursts", 700, 8, 0.5},   {"skew", 2500, 16, 1.9},
        {"skew", 5000, 16, 0.7},    {"skew", 800, 16, 1.0},    {"skew", 12'000, 8, 2.0},
        {"drift", 2500, 16, 1.5},   {"drift", 6000, 16, 2.5},  {"drift", 1000, 8, 0.6},
        {"uniform", 2500, 16, 1.5}, {"uniform", 600, 16, 0.5}, {"uniform", 9000, 32, 2.5}};
    return planned(kPlans, seed, 2400, kTrainingRecordsFrom);
}

Result<std::vector<TickStream>> heldOutStreams()
{
    static const std::vector<StreamPlan> kPlans{
        {"mixed", 3300, 16, 2.2},  {"mixed", 1700, 16, 1.3}, {"skew", 3300, 16, 2.2},
        {"bursts", 3300, 16, 2.2}, {"drift", 3300, 16, 2.2}, {"uniform", 3300, 16, 2.2}};
    return planned(kPlans, 9'000'000'007, 1500, 0);
}

}  // namespace foreshard
