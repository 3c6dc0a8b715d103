#pragma once
// An input stream made from a seed, together with what the engine must make of it. What is expected
// is noted while the text is made, so no code of the engine takes part in it. Values are whole
// numbers, so that sums are exact in whatever order shards add them. Pure.
#include "engine/base/bytes.h"
#include "engine/base/split_mix.h"
#include "engine/model/record.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace foreshard::sim {

struct ExpectedValue {
    std::uint64_t count = 0;
    std::int64_t sum = 0;
    std::int64_t min = 0;
    std::int64_t max = 0;
};

struct RandomStream {
    StreamSchema schema;
    std::string path;  // where the input belongs on the disk; "-" for standard input
    Bytes input;
    std::map<Bytes, ExpectedValue> expected;
    std::set<Bytes> deadKeys;   // of records that the operator never takes; not in `expected`
    std::uint64_t records = 0;  // data records
};

// Csv, jsonl or lines with `rows` rows, now and then broken ones, quotes, CRLF, over-long lines, no
// line end at the very end; sometimes by way of standard input.
RandomStream makeRandomStream(SplitMix64& random, std::uint64_t rows);

}  // namespace foreshard::sim
