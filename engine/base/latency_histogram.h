#pragma once
// Latencies in buckets of a quarter of an octave: 128 counters hold 4 us to more than an hour, each
// value within 25 %. Cumulative and mergeable by adding.
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

namespace foreshard {

class LatencyHistogram {
public:
    static constexpr int kBuckets = 128;

    void record(std::int64_t micros, std::uint64_t times = 1)
    {
        counts_[static_cast<std::size_t>(bucketOf(micros))] += times;
    }
    void add(const std::vector<std::uint64_t>& counts)
    {
        for (std::size_t i = 0; i < counts.size() && i < counts_.size(); ++i)
            counts_[i] += counts[i];
    }
    std::vector<std::uint64_t> counts() const { return {counts_.begin(), counts_.end()}; }
    // Upper bound in microseconds below which `share` of all lie; 0 when empty.
    std::int64_t quantile(double share) const
    {
        std::uint64_t total = 0;
        for (const auto count : counts_)
            total += count;
        if (total == 0) return 0;
        const auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total));
        std::uint64_t seen = 0;
        for (int i = 0; i < kBuckets; ++i) {
            seen += counts_[static_cast<std::size_t>(i)];
            if (seen > wanted || seen == total) return upperBound(i);
        }
        return upperBound(kBuckets - 1);
    }

    static int bucketOf(std::int64_t micros)
    {
        const auto value = static_cast<std::uint64_t>(micros < 4 ? 4 : micros);
        const int octave = static_cast<int>(std::bit_width(value)) - 1;  // >= 2
        const auto quarter = static_cast<int>((value >> (octave - 2)) & 3U);
        const int bucket = (octave - 2) * 4 + quarter;
        return bucket < kBuckets ? bucket : kBuckets - 1;
    }
    static std::int64_t upperBound(int bucket)
    {
        const int octave = bucket / 4 + 2;
        const int quarter = bucket % 4;
        return (std::int64_t{1} << octave)
               + (static_cast<std::int64_t>(quarter) + 1) * (std::int64_t{1} << (octave - 2)) - 1;
    }

private:
    std::array<std::uint64_t, kBuckets> counts_{};
};

}  // namespace foreshard
