#pragma once
// TickGenerator makes the load of a keyed stream as the predictor would see it: a synthetic stream
// in which data characteristics carry information. 4096 zipf keys over 128 slots with hot sets that
// drift, a daily wave with autocorrelated noise, five record types of different cost, short cheap
// bursts and long dear ones, and "open" records that cause dear ones 1 to 3 s later. The same seed
// gives the same ticks. Pure.
#include "engine/base/split_mix.h"
#include "engine/model/load.h"

#include <array>
#include <cstdint>
#include <vector>

namespace foreshard {

class TickGenerator {
public:
    struct Options {
        std::uint64_t seed = 1;
        std::uint32_t shards = 16;
        std::uint32_t nodes = 4;
        // All records in the cheapest bucket, as a stream without a type field reports them.
        bool hasTypes = true;
    };

    explicit TickGenerator(const Options& options);
    // One tick (100 ms) of every shard, by id.
    std::vector<ShardTick> next();

private:
    static constexpr std::size_t kTypes = 5;
    static constexpr std::size_t kDelayTicks = 32;
    struct Burst {
        int ticksLeft = 0;
        double factor = 1;
    };
    struct Shard {
        Burst flash;
        Burst heavy;
        Burst opening;
        double wander = 0;                       // autocorrelated noise of its own
        std::array<double, kDelayTicks> owed{};  // dear records caused by opens, by tick
    };

    void swapHotKeys();
    void weighShards();
    void advance(Burst& burst, int ticksBetween, int ticksMin, int ticksMax, double factorMax);
    ShardTick shardTick(std::uint32_t index, double streamRate);
    void addNodes(std::vector<ShardTick>& ticks);
    double normal();
    double poisson(double mean);

    Options options_;
    SplitMix64 random_;
    std::vector<std::uint32_t> rankOfKey_;
    std::vector<double> weights_;  // of each shard; they add up to 1
    std::vector<double> topKey_;   // share of its shard's records that the hottest key has
    std::vector<Shard> shards_;
    std::vector<double> nodeQueue_;
    std::vector<double> nodeCpu_;
    std::array<double, kTypes> mix_{};
    double recordsPerTick_ = 0;
    double phase_ = 0;
    double wander_ = 0;      // of the whole stream
    double wanderStep_ = 0;  // of each shard: streams differ in how much they jitter
    std::uint64_t tick_ = 0;
};

// A load series of `length` values without data characteristics: autocorrelated noise, waves,
// spikes that fade, level shifts and counting noise in a mix drawn from the seed.
std::vector<double> syntheticSeries(std::uint64_t seed, std::size_t length);

}  // namespace foreshard
