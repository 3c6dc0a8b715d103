#pragma once
// One shard's batch of records: the unit of disk, wire, dispatch and replay.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/record.h"

#include <cstdint>

namespace foreshard {

struct FrameHeader {
    ShardId shard;
    Epoch epoch;  // of the owner when it was cut; information, not a fence
    FrameNo n = 0;
    std::uint64_t batch = 0;  // the edge's write batches: 1, 2, 3... A batch counts only when whole
    std::uint32_t part = 0;   // this is part `part` of `parts` of that batch, over all boxes
    std::uint32_t parts = 0;
    Offset firstOffset = 0;
    Offset lastOffset = 0;  // inclusive; offsets between may belong to other shards
    std::uint32_t records = 0;
    SourcePosition sourceAfter;  // the source's position once this batch is durable
    WallMillis wallMs = 0;       // when the edge cut it
    Instant cutAt;               // same, monotonic in the edge's process; for latency only
};

// `records` is the packed form of wire/record_codec.h.
struct Frame {
    FrameHeader header;
    Bytes records;
};

}  // namespace foreshard
