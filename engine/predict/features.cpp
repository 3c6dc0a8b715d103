#include "engine/predict/features.h"

#include "engine/base/check.h"

#include <algorithm>
#include <cmath>

namespace foreshard {
namespace {

constexpr float kClip = 8.0F;
constexpr int kLags = 12;
constexpr int kVolatilityTicks = 32;
constexpr int kLevelTicks = 40;
constexpr std::array<int, 6> kMeanWindows{5, 10, 20, 40, 100, 300};
constexpr std::array<int, 5> kCountWindows{1, 5, 10, 20, 30};
constexpr std::array<int, 2> kByteWindows{5, 20};
constexpr int kBuckets = 4;

float share(PerMille value) { return static_cast<float>(value) / 1000.0F; }

std::vector<std::string> makeColumns()
{
    std::vector<std::string> names;
    for (int lag = 1; lag <= kLags; ++lag)
        names.push_back("lag" + std::to_string(lag));
    for (const int window : kMeanWindows)
        names.push_back("mean" + std::to_string(window));
    names.insert(names.end(), {"max40", "min40", "std40", "level", "volatility_ratio"});
    for (int bucket = 0; bucket < kBuckets; ++bucket) {
        const std::string prefix = "type" + std::to_string(bucket);
        for (const int window : kCountWindows)
            names.push_back(prefix + "_records" + std::to_string(window));
        names.push_back(prefix + "_records40");
        for (const int window : kByteWindows)
            names.push_back(prefix + "_bytes" + std::to_string(window));
    }
    names.insert(names.end(), {"backlog", "top_key_share", "top_key_share20", "node_cpu",
                               "node_memory", "node_network", "known_ticks", "point_target"});
    return names;
}

}  // namespace

// Clips what it writes, so that no input can leave the range the model was trained on.
class FeatureBuilder::RowWriter {
public:
    explicit RowWriter(float* out) : out_(out) {}
    void add(float value)
    {
        FS_CHECK(count_ < kFeatureCount);
        out_[count_++] = std::isfinite(value) ? std::clamp(value, -kClip, kClip) : 0.0F;
    }
    int count() const { return count_; }

private:
    float* out_;
    int count_ = 0;
};

const FeatureBuilder::Sample& FeatureBuilder::History::at(int age) const
{
    const int back = std::min(age, count - 1);
    const int index = (next - 1 - back + 2 * kHistoryTicks) % kHistoryTicks;
    return ring[static_cast<std::size_t>(index)];
}

template <class Get>
float FeatureBuilder::History::mean(int window, Get get) const
{
    const int ticks = std::min(window, count);
    double sum = 0;
    for (int age = 0; age < ticks; ++age)
        sum += static_cast<double>(get(at(age)));
    return static_cast<float>(sum / ticks);
}

float FeatureBuilder::History::meanLoad(int window) const
{
    return mean(window, [](const Sample& sample) { return sample.load; });
}

float FeatureBuilder::History::meanStep(int window) const
{
    const int steps = std::min(window, count - 1);
    if (steps <= 0) return 0;
    double sum = 0;
    for (int age = 0; age < steps; ++age)
        sum += std::abs(static_cast<double>(load(age)) - static_cast<double>(load(age + 1)));
    return static_cast<float>(sum / steps);
}

float FeatureBuilder::History::volatility() const
{
    const float floor = std::max(1.0F, 0.005F * std::abs(meanLoad(kLevelTicks)));
    return std::max(meanStep(kVolatilityTicks), floor);
}

void FeatureBuilder::push(const ShardTick& tick)
{
    History& history = shards_[tick.shard];
    Sample& sample = history.ring[static_cast<std::size_t>(history.next)];
    sample.load = static_cast<float>(tick.actual);
    sample.records = static_cast<float>(tick.records);
    sample.bytes = static_cast<float>(tick.bytes);
    for (std::size_t i = 0; i < kBuckets; ++i) {
        sample.typeRecords[i] = static_cast<float>(tick.types[i]);
        sample.typeBytes[i] = static_cast<float>(tick.typeBytes[i]);
    }
    sample.backlog = static_cast<float>(tick.backlog);
    sample.topKeyShare = share(tick.topKeyShare);
    sample.nodeCpu = share(tick.nodeCpu);
    sample.nodeMemory = share(tick.nodeMemory);
    sample.nodeNetwork = share(tick.nodeNetwork);
    history.next = (history.next + 1) % kHistoryTicks;
    history.count = std::min(history.count + 1, kHistoryTicks);
}

const FeatureBuilder::History* FeatureBuilder::find(ShardId shard) const
{
    const auto found = shards_.find(shard);
    return found == shards_.end() ? nullptr : &found->second;
}

void FeatureBuilder::row(ShardId shard, float* out, ForecastTarget target) const
{
    const History* history = find(shard);
    if (history == nullptr) {
        std::fill(out, out + kFeatureCount, 0.0F);
        return;
    }
    RowWriter writer(out);
    writeHistory(*history, writer);
    writeData(*history, writer);
    writeSystem(*history, writer);
    writer.add(std::log1p(static_cast<float>(history->count)) - 4.0F);
    writer.add(target == ForecastTarget::kPoint ? 1.0F : 0.0F);
    FS_CHECK(writer.count() == kFeatureCount);
}

void FeatureBuilder::writeHistory(const History& history, RowWriter& row)
{
    const float now = history.load(0);
    const float scale = history.volatility();
    for (int lag = 1; lag <= kLags; ++lag)
        row.add((history.load(lag) - now) / scale);
    for (const int window : kMeanWindows)
        row.add((history.meanLoad(window) - now) / scale);

    const float level = history.meanLoad(kLevelTicks);
    float highest = now;
    float lowest = now;
    double squares = 0;
    const int ticks = std::min(kLevelTicks, history.count);
    for (int age = 0; age < ticks; ++age) {
        const float load = history.load(age);
        highest = std::max(highest, load);
        lowest = std::min(lowest, load);
        squares += static_cast<double>(load - level) * static_cast<double>(load - level);
    }
    row.add((highest - now) / scale);
    row.add((lowest - now) / scale);
    row.add(static_cast<float>(std::sqrt(squares / ticks)) / scale);
    row.add(std::log1p(std::abs(level) / scale));
    row.add(std::log(scale / std::max(history.meanStep(kHistoryTicks), 1.0F)));
}

// Counts and bytes are turned into "work they would mean at this shard's average cost", in steps of
// its volatility: that keeps them free of units, as the rest.
void FeatureBuilder::writeData(const History& history, RowWriter& row)
{
    const float scale = history.volatility();
    const float load = history.meanLoad(kHistoryTicks);
    const float records = history.mean(kHistoryTicks, [](const Sample& s) { return s.records; });
    const float bytes = history.mean(kHistoryTicks, [](const Sample& s) { return s.bytes; });
    const float perRecord = records > 0 ? load / records / scale : 0.0F;
    const float perByte = bytes > 0 ? load / bytes / scale : 0.0F;
    for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
        const auto count = [bucket](const Sample& s) { return s.typeRecords[bucket]; };
        const auto size = [bucket](const Sample& s) { return s.typeBytes[bucket]; };
        const float usual = history.mean(kLevelTicks, count);
        for (const int window : kCountWindows)
            row.add((history.mean(window, count) - usual) * perRecord);
        row.add(std::asinh(usual * perRecord));
        const float usualBytes = history.mean(kLevelTicks, size);
        for (const int window : kByteWindows)
            row.add((history.mean(window, size) - usualBytes) * perByte);
    }
}

void FeatureBuilder::writeSystem(const History& history, RowWriter& row)
{
    const Sample& newest = history.at(0);
    row.add(std::asinh(newest.backlog / history.volatility()));
    row.add(newest.topKeyShare);
    row.add(history.mean(20, [](const Sample& s) { return s.topKeyShare; }));
    row.add(newest.nodeCpu);
    row.add(newest.nodeMemory);
    row.add(newest.nodeNetwork);
}

float FeatureBuilder::volatility(ShardId shard) const
{
    const History* history = find(shard);
    return history == nullptr ? 1.0F : history->volatility();
}

float FeatureBuilder::level(ShardId shard) const
{
    const History* history = find(shard);
    return history == nullptr ? 0.0F : history->meanLoad(kLevelTicks);
}

float FeatureBuilder::last(ShardId shard) const
{
    const History* history = find(shard);
    return history == nullptr ? 0.0F : history->load(0);
}

const std::vector<std::string>& FeatureBuilder::columns()
{
    static const std::vector<std::string> names = makeColumns();
    return names;
}

}  // namespace foreshard
