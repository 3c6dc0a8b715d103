#pragma once
// ShardArrivals counts what arrives for one shard, for the reports: over one tick, and in all.
// Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/load.h"
#include "engine/model/record.h"

#include <cstdint>

namespace foreshard {

class ShardArrivals {
public:
    explicit ShardArrivals(ShardId shard) { tick_.shard = shard; }

    // `ofItsSlot`: how many records of the record's slot came in this tick, with this one.
    // REQUIRES: a data record.
    void add(const RecordView& record, Nanos declaredCost, std::uint32_t ofItsSlot);
    // Ends a tick that took `span`.
    ShardTick closeTick(Nanos span);
    // Since the start.
    std::uint64_t records() const { return records_; }

private:
    ShardTick tick_;
    std::int64_t workNanos_ = 0;
    std::uint32_t topSlot_ = 0;  // records of its most frequent slot in this tick
    std::uint64_t records_ = 0;
};

}  // namespace foreshard
