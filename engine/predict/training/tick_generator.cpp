#include "engine/predict/training/tick_generator.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace foreshard {
namespace {

constexpr std::uint32_t kKeys = 4096;
constexpr std::uint32_t kSlots = 128;
constexpr double kZipfExponent = 1.05;
constexpr std::uint64_t kHotSwapTicks = 300;
constexpr double kDayTicks = 12000;  // 20 minutes
constexpr double kTwoPi = 2 * std::numbers::pi;

struct RecordType {
    double micros;        // per record
    double nanosPerByte;  // on top
    double bytes;         // mean size
    std::size_t bucket;   // cost bucket, cheap to dear
};
constexpr std::size_t kPing = 0;
constexpr std::size_t kOpen = 1;
constexpr std::size_t kQuery = 3;
constexpr std::size_t kHeavy = 4;
constexpr std::array<RecordType, 5> kRecordTypes{
    {{15, 5, 100, 0}, {40, 8, 200, 1}, {90, 15, 400, 2}, {180, 25, 800, 2}, {350, 35, 2000, 3}}};
constexpr double kHeavyPerOpen = 0.5;

double normalOf(SplitMix64& random)
{
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    return radius * std::cos(kTwoPi * random.unit());
}

double poissonOf(SplitMix64& random, double mean)
{
    if (mean > 30) return std::max(0.0, std::round(mean + std::sqrt(mean) * normalOf(random)));
    const double limit = std::exp(-mean);
    double product = random.unit();
    int count = 0;
    while (product > limit) {
        product *= random.unit();
        ++count;
    }
    return count;
}

std::uint32_t slotOfKey(std::uint32_t key)
{
    return static_cast<std::uint32_t>(SplitMix64(key).next() % kSlots);
}

}  // namespace

TickGenerator::TickGenerator(const Options& options)
    : options_(options),
      random_(options.seed),
      rankOfKey_(kKeys),
      shards_(options.shards),
      nodeQueue_(options.nodes),
      nodeCpu_(options.nodes)
{
    std::iota(rankOfKey_.begin(), rankOfKey_.end(), 0U);
    for (std::uint32_t i = kKeys - 1; i > 0; --i)
        std::swap(rankOfKey_[i], rankOfKey_[random_.below(i + 1)]);
    double sum = 0;
    constexpr std::array<double, kTypes> kUsualMix{.35, .2, .2, .2, .05};
    for (std::size_t type = 0; type < kTypes; ++type) {
        mix_[type] = kUsualMix[type] * (0.5 + random_.unit());
        sum += mix_[type];
    }
    double micros = 0;
    for (std::size_t type = 0; type < kTypes; ++type) {
        mix_[type] /= sum;
        const RecordType& record = kRecordTypes[type];
        micros += mix_[type] * (record.micros + record.nanosPerByte * record.bytes / 1000);
    }
    micros += mix_[kOpen] * kHeavyPerOpen * kRecordTypes[kHeavy].micros;
    const double busyShare = 0.25 + 0.5 * random_.unit();
    recordsPerTick_ = busyShare * options_.nodes * 100'000 / micros;
    phase_ = random_.unit();
    wanderStep_ = 0.005 + 0.035 * random_.unit();
    weighShards();
}

double TickGenerator::normal() { return normalOf(random_); }
double TickGenerator::poisson(double mean) { return poissonOf(random_, mean); }

void TickGenerator::swapHotKeys()
{
    for (std::uint32_t& rank : rankOfKey_) {
        if (rank >= 64 || !random_.chance(150)) continue;
        std::swap(rank, rankOfKey_[random_.below(kKeys)]);
    }
    weighShards();
}

void TickGenerator::weighShards()
{
    weights_.assign(options_.shards, 0);
    topKey_.assign(options_.shards, 0);
    double sum = 0;
    for (std::uint32_t key = 0; key < kKeys; ++key) {
        const double weight = std::pow(rankOfKey_[key] + 3.0, -kZipfExponent);
        const std::size_t shard = slotOfKey(key) % options_.shards;
        weights_[shard] += weight;
        topKey_[shard] = std::max(topKey_[shard], weight);
        sum += weight;
    }
    for (std::size_t shard = 0; shard < weights_.size(); ++shard) {
        topKey_[shard] /= weights_[shard];
        weights_[shard] /= sum;
    }
}

void TickGenerator::advance(Burst& burst, int ticksBetween, int ticksMin, int ticksMax,
                            double factorMax)
{
    if (burst.ticksLeft > 0) {
        --burst.ticksLeft;
        return;
    }
    burst.factor = 1;
    if (random_.below(static_cast<std::uint64_t>(ticksBetween)) != 0) return;
    const auto span = static_cast<std::uint64_t>(ticksMax - ticksMin + 1);
    burst.ticksLeft = ticksMin + static_cast<int>(random_.below(span));
    burst.factor = 2 + (factorMax - 2) * random_.unit();
}

ShardTick TickGenerator::shardTick(std::uint32_t index, double streamRate)
{
    Shard& shard = shards_[index];
    advance(shard.flash, 400, 10, 30, 8);
    advance(shard.heavy, 2000, 200, 600, 4);
    advance(shard.opening, 200, 5, 15, 7);
    shard.wander = 0.99 * shard.wander + wanderStep_ * normal();
    const double rate = streamRate * weights_[index] * std::exp(shard.wander);

    ShardTick tick{.shard = ShardId{index}};
    double micros = 0;
    double& owed = shard.owed[tick_ % kDelayTicks];
    for (std::size_t type = 0; type < kTypes; ++type) {
        double mean = rate * mix_[type];
        if (type == kPing) mean *= shard.flash.factor;
        if (type == kOpen) mean *= shard.opening.factor;
        if (type >= kQuery) mean *= shard.heavy.factor;
        if (type == kHeavy) mean += owed;
        const double count = poisson(mean);
        if (count <= 0) continue;
        const RecordType& record = kRecordTypes[type];
        // The sum of `count` gamma sizes of shape 2 is close to normal.
        const double spread = record.bytes * std::sqrt(count / 2);
        const double bytes = std::max(count, record.bytes * count + spread * normal());
        micros += count * record.micros + bytes * record.nanosPerByte / 1000;
        const std::size_t bucket = options_.hasTypes ? record.bucket : 0;
        tick.types[bucket] += static_cast<std::uint32_t>(count);
        tick.typeBytes[bucket] += static_cast<std::uint32_t>(bytes);
        tick.records += static_cast<std::uint32_t>(count);
        tick.bytes += static_cast<std::uint32_t>(bytes);
        if (type != kOpen) continue;
        for (std::uint64_t delay = 10; delay < 30; ++delay)
            shard.owed[(tick_ + delay) % kDelayTicks] += count * kHeavyPerOpen / 20;
    }
    owed = 0;
    tick.actual = static_cast<PerMille>(std::lround(micros / 100));  // 100 us of 100 ms are 1
    const double top = shard.flash.ticksLeft > 0 ? 0.7 : topKey_[index];
    tick.topKeyShare = static_cast<PerMille>(std::lround(1000 * std::min(1.0, top)));
    return tick;
}

void TickGenerator::addNodes(std::vector<ShardTick>& ticks)
{
    std::vector<double> load(options_.nodes);
    std::vector<double> bytes(options_.nodes);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        load[i % options_.nodes] += ticks[i].actual;
        bytes[i % options_.nodes] += ticks[i].bytes;
    }
    for (std::size_t node = 0; node < load.size(); ++node) {
        const double offered = nodeQueue_[node] + load[node];
        nodeQueue_[node] = std::min(std::max(0.0, offered - 1000), 20'000.0);
        nodeCpu_[node] += 0.3 * (std::min(offered, 1000.0) - nodeCpu_[node]);
    }
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const std::size_t node = i % options_.nodes;
        const double part = load[node] > 0 ? ticks[i].actual / load[node] : 0;
        ticks[i].backlog = static_cast<PerMille>(std::lround(nodeQueue_[node] * part));
        ticks[i].nodeCpu = static_cast<PerMille>(std::lround(nodeCpu_[node]));
        ticks[i].nodeMemory = static_cast<PerMille>(300 + random_.below(20));
        // A share of 1 Gbit/s.
        ticks[i].nodeNetwork =
            static_cast<PerMille>(std::min(1000L, std::lround(bytes[node] / 12'500)));
    }
}

std::vector<ShardTick> TickGenerator::next()
{
    ++tick_;
    if (tick_ % kHotSwapTicks == 0) swapHotKeys();
    wander_ = 0.99 * wander_ + 0.03 * normal();
    const double wave =
        1 + 0.4 * std::sin(kTwoPi * (static_cast<double>(tick_) / kDayTicks + phase_));
    const double rate = recordsPerTick_ * wave * std::exp(wander_);
    std::vector<ShardTick> ticks;
    for (std::uint32_t shard = 0; shard < options_.shards; ++shard)
        ticks.push_back(shardTick(shard, rate));
    addNodes(ticks);
    return ticks;
}

std::vector<double> syntheticSeries(std::uint64_t seed, std::size_t length)
{
    SplitMix64 random(seed * 7919 + 17);
    constexpr std::array<double, 5> kMemories{0, 0.5, 0.85, 0.97, 0.995};
    const double memory = kMemories[random.below(kMemories.size())];
    const double noise = 0.02 + 0.6 * random.unit() * random.unit();
    const double white = random.chance(500) ? 0.3 * random.unit() : 0.02;
    const double waveHeight = random.chance(600) ? random.unit() : 0;
    const double period = 16 * std::pow(60.0, random.unit());
    const double overtone = 0.6 * random.unit();
    const double spikeRate = random.chance(500) ? 0.03 * random.unit() : 0;
    const double fade = 0.3 + 0.65 * random.unit();
    const double shiftRate = random.chance(400) ? 0.004 * random.unit() : 0;
    const double counting = random.chance(500) ? 3 * std::pow(300.0, random.unit()) : 0;
    const bool isMultiplicative = random.chance(600);

    double wander = 0;
    double spike = 0;
    double shift = 0;
    std::vector<double> values;
    for (std::size_t t = 0; t < length; ++t) {
        wander = memory * wander + noise * std::sqrt(1 - memory * memory) * normalOf(random);
        spike *= fade;
        if (random.unit() < spikeRate) spike += 1 + 4 * random.unit();
        if (random.unit() < shiftRate) shift = random.unit() * 2 - 0.7;
        const double angle = kTwoPi * static_cast<double>(t) / period;
        const double wave = waveHeight * (std::sin(angle) + overtone * std::sin(2 * angle + 1));
        const double inner = wave + wander + white * normalOf(random);
        double value = isMultiplicative ? std::exp(0.8 * inner) : std::max(0.0, 2 + inner);
        value = std::max(0.0, value + shift + spike);
        values.push_back(counting > 0 ? poissonOf(random, value * counting) : value);
    }
    return values;
}

}  // namespace foreshard
