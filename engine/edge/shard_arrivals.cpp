#include "engine/edge/shard_arrivals.h"

#include "engine/model/work_cost.h"

#include <algorithm>
#include <utility>

namespace foreshard {

void ShardArrivals::add(const RecordView& record, Nanos declaredCost, std::uint32_t ofItsSlot)
{
    const int bucket = costBucket(record.type, record.raw.size());
    const auto bytes = static_cast<std::uint32_t>(record.raw.size());
    ++tick_.records;
    tick_.bytes += bytes;
    ++tick_.types[bucket];
    tick_.typeBytes[bucket] += bytes;
    workNanos_ += declaredCost.count();
    topSlot_ = std::max(topSlot_, ofItsSlot);
    ++records_;
}

ShardTick ShardArrivals::closeTick(Nanos span)
{
    ShardTick next;
    next.shard = tick_.shard;
    ShardTick tick = std::exchange(tick_, next);
    if (tick.records > 0)
        tick.topKeyShare = static_cast<PerMille>(topSlot_ * 1000ULL / tick.records);
    if (span.count() > 0) tick.actual = static_cast<PerMille>(workNanos_ * 1000 / span.count());
    workNanos_ = 0;
    topSlot_ = 0;
    return tick;
}

}  // namespace foreshard
