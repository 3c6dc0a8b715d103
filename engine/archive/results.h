#pragma once
// The keyed state a data directory stands for: the newest checkpoint of every shard plus the replay
// of its box behind it. The same answer whether the engine ended well or was killed.
#include "engine/env/env.h"
#include "engine/node/aggregate_state.h"

#include <string>
#include <vector>

namespace foreshard {

// Rows sorted by key in byte order.
Result<std::vector<AggregateRow>> readResults(Disk& disk, const std::string& dataDirectory);

// Shortest plain decimal that parses back to the same double ("5", "0.1", "-12.75").
std::string plainDecimal(double value);
// "key,count,sum,min,max" and the rows; keys quoted where CSV asks for it.
std::string formatCsv(const std::vector<AggregateRow>& rows);
std::string formatJsonl(const std::vector<AggregateRow>& rows);

}  // namespace foreshard
