#pragma once
// RunFigures turns what nodes report into the figures that people read: records and bytes per
// second, and how long a record waits, both of late and since this engine started. A shard that is
// restored counts again what it had counted before; a node that is started again begins its
// histogram anew: neither shows here. No clock, thread or network.
#include "engine/base/ids.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/time.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace foreshard {

class RunFigures {
public:
    // The shard is live for the first time in this run, with `restored` records from a checkpoint
    // and `replayed` more; the latter belong to the run, but to no second of it. Only the first
    // call for a shard counts.
    void begin(ShardId shard, std::uint64_t restored, std::uint64_t replayed);
    bool knows(ShardId shard) const { return applied_.contains(shard); }
    // All records in the shard's state, by whoever owns it now. Nothing before begin().
    void applied(ShardId shard, std::uint64_t records);
    // The node's histogram since its `incarnation` started.
    void latency(NodeId node, std::uint32_t incarnation, const std::vector<std::uint64_t>& counts);
    // To be called some times a second, also when nobody looks.
    void sample(Instant now, std::uint64_t bytesRead);

    // Over the last second.
    double recordsPerSecond() const { return recordsPerSecond_; }
    double bytesPerSecond() const { return bytesPerSecond_; }
    // The most that the shard has had; 0 before begin().
    std::uint64_t mostApplied(ShardId shard) const;
    // Applied since the engine started.
    std::uint64_t recordsOfRun() const { return recent_ + replayed_; }
    // Over the last 10 s, and since the engine started.
    LatencySnapshot latencyOfLate() const;
    LatencySnapshot latencyOfRun() const { return snapshotOf(latency_); }

private:
    static LatencySnapshot snapshotOf(const LatencyHistogram& histogram);

    struct Rate {
        Instant at;
        std::uint64_t records = 0;
        std::uint64_t bytes = 0;
    };
    struct Seen {
        std::uint32_t incarnation = 0;
        std::vector<std::uint64_t> counts;
    };
    struct Past {
        Instant at;
        std::vector<std::uint64_t> counts;
    };

    std::map<ShardId, std::uint64_t> applied_;  // the most that each has had
    std::uint64_t recent_ = 0;                  // applied for the first time in this run
    std::uint64_t replayed_ = 0;                // when it started
    std::deque<Rate> rates_;
    double recordsPerSecond_ = 0;
    double bytesPerSecond_ = 0;
    std::map<NodeId, Seen> seen_;
    LatencyHistogram latency_;
    std::deque<Past> past_;  // of latency_, a second apart
};

}  // namespace foreshard
