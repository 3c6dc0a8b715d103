#pragma once
// BoxCore knows which frames the buffer boxes hold and which of them recovery still needs. It
// has no disk: positions are values to it. One core serves all boxes of an edge, so a shard whose
// owner (and with it its box) changed still has one gap-free sequence.
#include "engine/base/ids.h"

#include <cstdint>
#include <deque>
#include <map>
#include <utility>
#include <vector>

namespace foreshard {

struct FrameRef {
    ShardId shard;
    FrameNo n = 0;
    BoxId box;
    std::uint64_t segment = 0;
    std::uint64_t position = 0;
    std::uint64_t bytes = 0;
    std::uint64_t batch = 0;
    Offset firstOffset = 0;
    Offset lastOffset = 0;
    std::uint32_t records = 0;
};

class BoxCore {
public:
    struct Buffered {
        std::uint64_t bytes = 0;
        std::uint64_t records = 0;
    };

    // Notes an appended frame. REQUIRES: frame.n follows lastAppended(frame.shard).
    void add(const FrameRef& frame);
    // Every frame of batches up to and including `batch` is on disk now.
    void batchesDurable(std::uint64_t batch);
    // Recovery needs nothing up to and including `n` any more. Frames that are not durable stay.
    void truncate(ShardId shard, FrameNo n);
    // A checkpoint contains everything up to and including `n`: buffered() counts behind it.
    void saved(ShardId shard, FrameNo n);
    // The newest checkpoint is an earlier one than before (a restore set the shard back): it
    // contains everything up to `n`, and buffered() counts behind that.
    void savedOnly(ShardId shard, FrameNo n);
    // A restore needs truncated frames again. REQUIRES: `frames` has no gap and ends at
    // firstRetained() - 1.
    void retainAgain(ShardId shard, const std::vector<FrameRef>& frames);
    // The shard's sequence starts behind `n`: its frames up to there are in a checkpoint, or gone.
    // REQUIRES: called before the shard's next add().
    void startBehind(ShardId shard, FrameNo n);

    // Null when `n` was truncated or never appended.
    const FrameRef* find(ShardId shard, FrameNo n) const;
    FrameNo firstRetained(ShardId shard) const;  // lastAppended() + 1 when no frame is retained
    FrameNo lastAppended(ShardId shard) const;
    FrameNo lastDurable(ShardId shard) const;
    Offset nextOffset(ShardId shard) const;  // one past the last durable frame's last offset
    // Frames behind the newest checkpoint: a recovery replays them.
    Buffered buffered(ShardId shard) const;
    std::uint64_t bufferedBytes() const;  // of all shards
    // How many frames of the segment recovery may still need.
    std::uint64_t retainedFrames(BoxId box, std::uint64_t segment) const;

private:
    struct Shard {
        FrameNo firstN = 1;   // of frames.front()
        FrameNo durable = 0;  // newest frame whose batch is durable
        Offset nextOffset = 0;
        FrameNo saved = 0;
        Buffered buffered;  // of frames above `saved`
        std::deque<FrameRef> frames;
    };
    using SegmentKey = std::pair<BoxId, std::uint64_t>;

    Shard& shardOf(ShardId shard) { return shards_[shard]; }

    std::map<ShardId, Shard> shards_;
    std::map<SegmentKey, std::uint64_t> retained_;
    std::deque<std::pair<std::uint64_t, ShardId>> undurable_;  // (batch, shard) in append order
};

}  // namespace foreshard
