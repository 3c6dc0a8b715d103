#pragma once
// The keyed state a data directory stands for: per shard a checkpoint plus the replay of its box
// behind it. The same answer whether the engine ended well or was killed.
#include "engine/env/env.h"
#include "engine/model/plain_text.h"
#include "engine/model/record.h"
#include "engine/operator/aggregate_state.h"

#include <optional>
#include <string>
#include <vector>

namespace foreshard {

// Rows sorted by key in byte order. With `asOf`: the state after exactly the records with an offset
// below it, from the newest checkpoint of each shard that contains nothing later; one that cannot
// be read is passed over when an older one and the frames behind it still give the same state.
// kGap when frames are gone that are needed, or when the stream does not reach `asOf`: it names
// what is missing and the first offset that can be had. kCorrupt names file and offset.
Result<std::vector<AggregateRow>> readResults(Disk& disk, const std::string& dataDirectory,
                                              std::optional<Offset> asOf = std::nullopt);

// "key,count,sum,min,max" and the rows; keys quoted where CSV asks for it.
std::string formatCsv(const std::vector<AggregateRow>& rows);
std::string formatJsonl(const std::vector<AggregateRow>& rows);

}  // namespace foreshard
