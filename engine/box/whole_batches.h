#pragma once
// Which write batches of an edge are whole. A crash can tear only the newest few; a torn batch was
// never acknowledged nor delivered, so it and everything behind it do not count. Pure.
#include <cstdint>
#include <map>

namespace foreshard {

// A crash can tear a batch only while the batch is in flight, and no more than this many are in
// flight at once: older batches are whole by construction.
inline constexpr std::uint64_t kBatchesInFlightMax = 8;

class WholeBatches {
public:
    // A frame of `batch` was found; the whole batch has `parts` frames over all boxes.
    void saw(std::uint64_t batch, std::uint32_t parts)
    {
        Count& count = counts_[batch];
        ++count.seen;
        count.parts = parts;
        while (counts_.size() > 1 && counts_.begin()->first + kBatchesInFlightMax <= newest()) {
            counts_.erase(counts_.begin());
        }
    }
    // The newest batch that is whole together with all before it; 0 when there is none.
    std::uint64_t last() const
    {
        if (counts_.empty()) return 0;
        std::uint64_t whole = newest() > kBatchesInFlightMax ? newest() - kBatchesInFlightMax : 0;
        for (const auto& [batch, count] : counts_) {
            if (batch <= whole) continue;
            if (batch != whole + 1 || count.seen != count.parts) break;
            whole = batch;
        }
        return whole;
    }

private:
    struct Count {
        std::uint32_t seen = 0;
        std::uint32_t parts = 0;
    };
    std::uint64_t newest() const { return counts_.rbegin()->first; }

    std::map<std::uint64_t, Count> counts_;
};

}  // namespace foreshard
