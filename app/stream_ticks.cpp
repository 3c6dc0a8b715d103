#include "app/stream_ticks.h"

#include "engine/base/check.h"
#include "engine/base/ids.h"
#include "engine/base/split_mix.h"
#include "engine/model/work_cost.h"
#include "engine/sharding/sharder.h"
#include "engine/source/synth.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace foreshard {
namespace {

constexpr std::int64_t kTickNanos = 100'000'000;
constexpr std::int64_t kStepNanos = 5'000'000;
constexpr std::uint64_t kReadRecordsMax = 1500;
constexpr double kMeanRecordNanos = 55'000;  // of the synthetic streams, at work scale 1
constexpr std::uint64_t kRecordsPerStream = 1'000'000;
constexpr std::uint64_t kTrainingRecordsFrom = 1'000'000'000;  // and on: starting points

// The cluster around one stream. In half of the streams it works off what arrives and holds the
// reader back while too much waits; in the others nothing waits. What cannot be known is drawn, and
// nothing in it depends on what comes next.
class DrawnCluster {
public:
    DrawnCluster(std::uint64_t seed, std::uint32_t shards)
        : random_(seed),
          memory_(1 + static_cast<PerMille>(random_.below(600))),
          hasQueues_(random_.chance(500)),
          capacity_(0.7 + 0.4 * random_.unit()),
          waitMax_(0.3e9 * std::pow(30.0, random_.unit())),
          cpuGain_(random_.chance(500) ? 4 * random_.unit() : 0),
          cpuBase_(900 * random_.unit()),
          waitShare_(random_.chance(700) ? 0.3 * random_.unit() : 0),
          waiting_(shards),
          cpu_(kNodes)
    {
    }

    // Most ticks are on time to a millisecond, a few are up to half a tick late.
    std::int64_t lateNanos()
    {
        const std::uint64_t most = random_.chance(50) ? 50'000'000 : 1'500'000;
        return static_cast<std::int64_t>(random_.below(most));
    }

    bool reads() const { return std::accumulate(waiting_.begin(), waiting_.end(), 0.0) < waitMax_; }
    void arrive(std::size_t shard, std::int64_t nanos)
    {
        if (hasQueues_) waiting_[shard] += static_cast<double>(nanos);
    }
    void work(std::int64_t nanos)
    {
        // About every ten seconds the reader waits for a slow disk.
        stallNanos_ -= std::min(stallNanos_, nanos);
        if (random_.below(2000) == 0)
            stallNanos_ = 20'000'000 + static_cast<std::int64_t>(random_.below(400'000'000));
        std::vector<double> queues(kNodes);
        for (std::size_t shard = 0; shard < waiting_.size(); ++shard)
            queues[shard % kNodes] += waiting_[shard];
        const auto time = static_cast<double>(nanos);
        for (std::size_t shard = 0; shard < waiting_.size(); ++shard) {
            const double queue = queues[shard % kNodes];
            if (queue > 0) waiting_[shard] *= 1 - std::min(1.0, capacity_ * time / queue);
        }
        for (std::size_t node = 0; node < kNodes; ++node) {
            const double busy = std::min(1000.0, 1000 * queues[node] / (capacity_ * time));
            cpu_[node] += 0.07 * (busy - cpu_[node]);
        }
    }

    void fillIn(std::vector<ShardTick>& ticks)
    {
        double mean = 0;
        for (const ShardTick& tick : ticks)
            mean += tick.actual / static_cast<double>(ticks.size());
        cpuBase_ = std::clamp(cpuBase_ + 40 * (random_.unit() - 0.5), 0.0, 1000.0);
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            ShardTick& tick = ticks[i];
            // A tick's work of 1000 keeps a node busy for 100 ms; a backlog of 1000 for a second.
            const double wait = waiting_[i] / 1e6 + waitShare_ * random_.unit() * tick.actual;
            const double cpu = hasQueues_ ? cpu_[i % kNodes] : cpuBase_ + cpuGain_ * mean;
            tick.backlog = static_cast<PerMille>(wait);
            tick.nodeCpu =
                static_cast<PerMille>(std::clamp(cpu + 60 * (random_.unit() - 0.5), 0.0, 1000.0));
            tick.nodeMemory = memory_ + static_cast<PerMille>(random_.below(4));
            tick.nodeNetwork = static_cast<PerMille>(random_.below(30));
        }
    }

private:
    static constexpr std::size_t kNodes = 4;

    SplitMix64 random_;
    PerMille memory_;
    bool hasQueues_;
    double capacity_;  // of a node, of one core
    double waitMax_;   // nanoseconds of work at which the reader stops
    double cpuGain_;
    double cpuBase_;
    double waitShare_;
    std::int64_t stallNanos_ = 0;
    std::vector<double> waiting_;  // nanoseconds of work by shard
    std::vector<double> cpu_;      // per mille by node
};

// Counts records into ticks as the edge counts them.
class TickCounter {
public:
    explicit TickCounter(const StreamTicksOptions& options)
        : options_(options), work_(options.shards), slots_(options.shards), ticks_(options.shards)
    {
    }

    void add(const RecordView& record, DrawnCluster& cluster)
    {
        const std::uint32_t slot = slotOf(record.key);
        // Equal ranges of slots, as a new cluster begins with.
        const std::size_t shard = std::size_t{slot} * options_.shards / kSlotCount;
        const auto bucket = static_cast<std::size_t>(costBucket(record.type, record.raw.size()));
        const auto bytes = static_cast<std::uint32_t>(record.raw.size());
        const auto nanos = workCost(record.type, record.raw.size(), options_.workScale).count();
        ShardTick& tick = ticks_[shard];
        ++tick.records;
        tick.bytes += bytes;
        ++tick.types[bucket];
        tick.typeBytes[bucket] += bytes;
        work_[shard] += nanos;
        ++slots_[shard][slot];
        cluster.arrive(shard, nanos);
    }

    std::vector<ShardTick> close(std::int64_t spanNanos)
    {
        for (std::size_t shard = 0; shard < ticks_.size(); ++shard) {
            ShardTick& tick = ticks_[shard];
            tick.shard = ShardId{static_cast<std::uint32_t>(shard)};
            std::uint64_t top = 0;
            for (const auto& [slot, count] : slots_[shard])
                top = std::max(top, count);
            if (tick.records > 0)
                tick.topKeyShare = static_cast<PerMille>(top * 1000 / tick.records);
            tick.actual = static_cast<PerMille>(std::exchange(work_[shard], 0) * 1000 / spanNanos);
            slots_[shard].clear();
        }
        return std::exchange(ticks_, std::vector<ShardTick>(options_.shards));
    }

private:
    const StreamTicksOptions& options_;
    std::vector<std::int64_t> work_;
    std::vector<std::map<std::uint32_t, std::uint64_t>> slots_;
    std::vector<ShardTick> ticks_;
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
    TickCounter counter(options);
    DrawnCluster cluster(options.seed, options.shards);
    TickStream stream;
    stream.name = options.source;
    std::uint64_t next = options.firstRecord;
    const std::uint64_t last = options.firstRecord + std::min(options.recordsMax, UINT64_MAX / 2);
    const std::int64_t start = generator.timeOf(next).count();
    std::int64_t now = start;
    std::int64_t begin = start;
    for (std::int64_t tick = 1; tick <= options.ticks && next < last; ++tick) {
        const std::int64_t end = start + tick * kTickNanos + cluster.lateNanos();
        while (now < end) {
            const std::int64_t step = std::min(kStepNanos, end - now);
            now += step;
            ByteArena arena;
            // At most one read's worth, as the reader looks at the backlog before each.
            const std::uint64_t most = cluster.reads() ? next + kReadRecordsMax : next;
            while (next < most && generator.timeOf(next).count() < now)
                counter.add(generator.record(next++, arena), cluster);
            cluster.work(step);
        }
        stream.ticks.push_back(counter.close(end - begin));
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
