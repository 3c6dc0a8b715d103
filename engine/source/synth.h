#pragma once
// The synthetic stream: a shop's events with skewed, drifting and bursting load, for demos, benches
// and tests. Record i and its virtual time are pure functions of (options, i) in integers, so
// every run on every machine has the same bytes, and a run may go on anywhere.
//
// A record is one line `type,key,value,timeMs,payload\n`. Types: view, search, cart, order, report
// (rare, long and dear, see model/work_cost.h). Keys: k00000...; values: multiples of 0.25, so
// that sums are exact. timeMs = 2023-11-14T22:13:20Z + virtual time.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/source/pacer.h"
#include "engine/source/parsed_batch.h"
#include "engine/source/source.h"
#include "engine/source/source_uri.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

struct SynthOptions {
    std::uint64_t seed = 1;
    std::uint64_t rate = 5000;  // mean records per virtual second
    bool paced = true;          // false (rate=0): hand out as fast as asked, at 5000/s virtually
    std::uint64_t count = 0;    // records in all; 0: endless
    std::uint32_t keys = 5000;
    std::uint32_t types = 5;       // the first so many of the five
    bool skewed = true;            // keys by Zipf's law (exponent 1); else all alike
    std::uint64_t driftEvery = 0;  // records after which the hot set moves on by one key; 0: never
    bool bursts = false;           // the rate swells and has bursts of three times as much
};

// NAME: uniform, skew, drift (skew that moves), bursts (skew with bursts), mixed (all of it).
// Parameters: seed, rate, count, keys, types. kInvalid: anything else, or a schema field that is
// not the stream's own (key, type, value, time).
Result<SynthOptions> synthOptions(const SourceUri& uri, const StreamSchema& schema);

// Pure and const: one may serve many readers.
class SynthGenerator {
public:
    explicit SynthGenerator(const SynthOptions& options);

    // Virtual time of record i since the stream's start; never falls as i grows.
    Nanos timeOf(std::uint64_t i) const;
    // Record i with everything but its offset; its bytes go into `arena`.
    RecordView record(std::uint64_t i, ByteArena& arena) const;

private:
    std::uint32_t keyOf(std::uint64_t i, std::uint64_t draw) const;

    SynthOptions options_;
    std::uint64_t base_;
    std::vector<std::uint64_t> popularity_;  // by rank: cumulative weight
    // One cycle of the rate: start of each block of records, and the cycle's length, in ns.
    std::vector<std::int64_t> blockStarts_;
};

// Hands out records as their virtual time passes, counted from the first read.
class SynthSource final : public Source {
public:
    // ratePerSecond: a further limit; 0: none.
    SynthSource(std::string uri, const SynthOptions& options, const SourcePosition& resumeAt,
                double ratePerSecond);

    Result<Batch> read(std::size_t bytesMax, Instant now) override;
    std::string describe() const override { return uri_; }
    std::uint64_t openRowLine() const override { return 0; }
    bool replayable() const override { return true; }
    bool comparable() const override { return false; }
    bool continues() const override { return false; }

private:
    std::string uri_;
    SynthOptions options_;
    SynthGenerator generator_;
    SourcePosition position_;
    Pacer pacer_;
    std::optional<Instant> zero_;  // when virtual time was 0
};

}  // namespace foreshard
