#pragma once
// BatchCore puts the records of a batch into their shards' frames, and counts what arrives. A key
// is hashed once here: the hash finds the shard, counts the slot and goes with the frame into the
// box's index. Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/box/box_core.h"
#include "engine/box/box_frame.h"
#include "engine/edge/shard_arrivals.h"
#include "engine/model/message.h"
#include "engine/model/operator_spec.h"
#include "engine/model/record.h"
#include "engine/sharding/sharder.h"
#include "engine/wire/record_codec.h"

#include <cstdint>
#include <map>
#include <vector>

namespace foreshard {

// What the frames of one batch have in common.
struct BatchStamp {
    SourcePosition sourceAfter;
    WallMillis wallMs = 0;
    Instant cutAt;
};

class BatchCore {
public:
    struct Cut {
        std::vector<BoxFrame> frames;  // not numbered yet
        std::uint64_t dataRecords = 0;
    };

    // frameBytes: of packed records; the frame that passes it is cut.
    BatchCore(std::uint64_t frameBytes, OperatorSpec operatorSpec);

    // Takes the table over; errors as Sharder::assign(), and then the former one stays.
    Status assign(const RouteTable& routes);
    // The shard is in the reports from now on.
    void know(ShardId shard);

    // REQUIRES: assign() has succeeded.
    Cut cut(const std::vector<RecordView>& records);
    // By shard: what arrived in a tick that took `span`, and since the start; the rest is empty.
    std::vector<EdgeShardReport> closeTick(Nanos span);

private:
    struct Shard {
        explicit Shard(ShardId id) : arrivals(id) {}
        ShardArrivals arrivals;
        BoxId box;
        Epoch epoch;
        RecordPacker packer;
        std::vector<std::uint64_t> keyHashes;  // of the records in it
        Offset firstOffset = 0;
        Offset lastOffset = 0;
    };

    void add(const RecordView& record, Cut& out);
    static void cutFrame(ShardId id, Shard& shard, Cut& out);

    std::uint64_t frameBytes_;
    OperatorSpec operatorSpec_;
    Sharder sharder_;
    std::map<ShardId, Shard> shards_;
    std::vector<std::uint32_t> slotRecords_ = std::vector<std::uint32_t>(kSlotCount);  // this tick
};

// Numbers each shard's frames on behind its newest in `boxes`, and stamps all of them.
void stampFrames(std::vector<BoxFrame>& frames, const BoxCore& boxes, const BatchStamp& stamp);

}  // namespace foreshard
