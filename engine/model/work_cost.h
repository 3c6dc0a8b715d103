#pragma once
// What one record costs its operator: the known synthetic cost behind the `work` operator, the
// predictor's cost buckets and the loads reported per tick. Pure.
#include "engine/base/bytes.h"
#include "engine/base/time.h"

#include <cstddef>

namespace foreshard {

// Per type: view 15 us, search 60 us, cart 40 us, order 120 us, report 350 us, any other 20 us;
// plus 20 ns per raw byte; times `scale`. REQUIRES: scale >= 0.
Nanos workCost(BytesView type, std::size_t rawBytes, double scale);

// Index into ShardTick::types, cheap to dear, by workCost at scale 1: below 30, 80, 200 us, above.
int costBucket(BytesView type, std::size_t rawBytes);

}  // namespace foreshard
