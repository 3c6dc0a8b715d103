#pragma once
// The stream every bench uses: 100-byte records, keys by Zipf's law with exponent 1.1 over 100 000,
// the same for every run. It is held in memory for the plain loop and written as a csv file for the
// engine; both are the same records. Values are multiples of 0.25, so sums are exact in any order.
#include "app/bench/meter.h"
#include "engine/base/result.h"
#include "engine/operator/aggregate_state.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

class BenchStream {
public:
    static constexpr std::size_t kRecordBytes = 100;  // in memory and as a csv row alike
    static constexpr std::uint32_t kKeys = 100'000;

    explicit BenchStream(std::uint64_t records);

    std::uint64_t records() const { return records_; }
    // The limit P: one thread, one pass after the other for at least `seconds`, each into an empty
    // open-addressing table of sum and count by key.
    Round plainLoop(double seconds);
    // A csv file with a header line and the records `passes` times over. Not synced.
    Status writeCsv(const std::string& path, std::uint64_t passes) const;
    // kCorrupt unless `rows` are, key for key, `passes` times the plain loop's counts and sums.
    // REQUIRES: plainLoop() has run.
    Status check(const std::vector<AggregateRow>& rows, std::uint64_t passes) const;

private:
    struct Slot {
        std::uint64_t keyPlusOne = 0;  // 0: free
        std::uint64_t count = 0;
        double sum = 0;
    };
    void aggregateOnce();
    Slot& slotOf(std::uint64_t key);
    const Slot* find(std::uint64_t key) const;

    std::uint64_t records_;
    std::vector<char> bytes_;  // per record: u64 key, f64 value, payload
    std::vector<Slot> table_;
    std::uint64_t keysSeen_ = 0;
};

}  // namespace foreshard
