#pragma once
// FeatureBuilder turns the last 30 s of every shard into the model's input rows. Everything is
// normalised by the shard's own volatility, never by its absolute level: a model trained on one
// stream then also serves another, of any scale (normalising by the level was 17.9 times worse
// than the last value on an unseen trace). Pure: ticks come in, numbers come out.
#include "engine/base/ids.h"
#include "engine/model/load.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

inline constexpr int kHistoryTicks = 300;  // of 100 ms each
inline constexpr int kFeatureCount = 63;
// The model answers for the next 1, 5, 10 and 30 ticks with p10, p50 and p90 each: outputs are
// ordered horizon by horizon, as (load - last(shard)) / volatility(shard).
inline constexpr std::array<int, 4> kHorizonTicks{1, 5, 10, 30};
inline constexpr int kHorizonCount = 4;
inline constexpr int kQuantileCount = 3;
inline constexpr int kOutputCount = kHorizonCount * kQuantileCount;
inline constexpr int kOneSecondHorizon = 2;  // index into kHorizonTicks

enum class ForecastTarget : std::uint8_t {
    kMean = 0,   // mean load of the next h ticks: what the engine asks for
    kPoint = 1,  // the load of the tick h ahead: how published traces are scored
};

class FeatureBuilder {
public:
    // Adds the newest tick of its shard. Any value is accepted.
    void push(const ShardTick& tick);
    void clear() { shards_.clear(); }

    // Writes kFeatureCount finite numbers within +-8; zeros for an unknown shard.
    void row(ShardId shard, float* out, ForecastTarget target = ForecastTarget::kMean) const;
    // Mean step between ticks over the last 32, in per mille; at least 1 and 0.5 % of the level.
    float volatility(ShardId shard) const;
    // Mean load over the last 40 ticks, in per mille.
    float level(ShardId shard) const;
    // Load of the newest tick, in per mille.
    float last(ShardId shard) const;

    // Name of each input column, in order; the model's manifest must list the same.
    static const std::vector<std::string>& columns();

private:
    struct Sample {
        float load = 0;
        float records = 0;
        float bytes = 0;
        std::array<float, 4> typeRecords{};
        std::array<float, 4> typeBytes{};
        float backlog = 0;
        float topKeyShare = 0;
        float nodeCpu = 0;
        float nodeMemory = 0;
        float nodeNetwork = 0;
    };
    struct History {
        std::array<Sample, kHistoryTicks> ring{};
        int next = 0;
        int count = 0;

        // The sample `age` ticks ago, the oldest one when there are fewer. REQUIRES: count > 0.
        const Sample& at(int age) const;
        template <class Get>
        float mean(int window, Get get) const;
        float load(int age) const { return at(age).load; }
        float meanLoad(int window) const;
        float meanStep(int window) const;
        float volatility() const;
    };
    class RowWriter;

    static void writeHistory(const History& history, RowWriter& row);
    static void writeData(const History& history, RowWriter& row);
    static void writeSystem(const History& history, RowWriter& row);
    const History* find(ShardId shard) const;

    std::map<ShardId, History> shards_;
};

}  // namespace foreshard
