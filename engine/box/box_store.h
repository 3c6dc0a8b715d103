#pragma once
// BoxStore keeps the buffer boxes of one edge on disk: one journal of frames per downstream node,
// all shards of that node multiplexed in it. The edge writes batches that span boxes; a batch
// counts only when all its parts are durable, so after a crash every box is cut back to the last
// whole batch and the source goes on exactly behind it. Lives on the edge's strand.
#include "engine/box/box.h"
#include "engine/box/box_core.h"
#include "engine/box/box_frame.h"
#include "engine/box/box_retention.h"
#include "engine/box/frame_cache.h"
#include "engine/box/whole_batches.h"
#include "engine/correlation/segment_index.h"
#include "engine/env/env.h"
#include "engine/journal/journal.h"
#include "engine/model/frame.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

// One frame that BoxStore::open() met.
struct FoundFrame {
    FrameRef ref;
    std::uint32_t parts = 0;
    SourcePosition sourceAfter;
};

class BoxStore {
public:
    static constexpr std::uint32_t kRetainedParts = 32;  // segments of a box, about
    static constexpr std::uint64_t kRetainedSegmentMin = 64U << 10U;

    struct Options {
        std::string directory;  // ".../box"
        std::uint32_t boxes = 1;
        std::uint64_t segmentBytesMax = 64ULL << 20U;
        // History kept behind truncation: sealed segments go, the oldest of all boxes first, as
        // soon as one of the two limits is passed. What recovery needs is never touched; the boxes
        // may pass the limit up to twice while the oldest is needed. With a limit segments are
        // smaller.
        std::uint64_t retainBytes = 0;           // of all boxes; 0: no limit
        std::chrono::milliseconds retainAge{0};  // of a segment's newest frame; 0: no limit
        std::uint64_t cacheBytesMax = 64ULL << 20U;
    };
    using BoxFrame = foreshard::BoxFrame;

    // Scans the boxes, cuts torn batches off and rebuilds missing segment indexes.
    static Result<std::unique_ptr<BoxStore>> open(Env& env, Options options);

    // Where the source goes on: behind the records of the last whole batch.
    const SourcePosition& sourcePosition() const { return source_; }
    bool empty() const { return lastBatch_ == 0; }
    const BoxCore& core() const { return core_; }
    std::uint64_t batchesInFlight() const { return lastBatch_ - durableBatch_; }

    // Appends a batch; `done` runs when it and every batch before it are durable, or have failed.
    // REQUIRES: frames is not empty, n of each follows lastAppended, batchesInFlight() < max.
    Status append(std::vector<BoxFrame> frames, File::Done done);
    // The sealed frame as appended, from memory or disk. REQUIRES: core().find() knows it.
    Result<Bytes> read(const FrameRef& frame);
    // The frames of the newest whole batch that open() found.
    const std::vector<FrameRef>& lastBatchFound() const { return lastBatchFound_; }
    void truncate(ShardId shard, FrameNo n);
    void saved(ShardId shard, FrameNo n) { core_.saved(shard, n); }
    // Frames first..last; first is 0 when there are none.
    struct Missing {
        FrameNo first = 0;
        FrameNo last = 0;
    };
    // Retains the shard's frames from `fromN` on again, truncated or not, for a shard that is set
    // back to a checkpoint at `fromN - 1`. When frames of them are gone, their first run is
    // returned and nothing is retained. With `dryRun` nothing is retained either way. kCorrupt
    // names file and offset.
    Result<Missing> retainFrom(ShardId shard, FrameNo fromN, bool dryRun);
    // See BoxCore: a shard whose frames are all gone starts behind its checkpoint.
    void startBehind(ShardId shard, FrameNo n);
    std::uint64_t diskBytes() const;
    std::uint64_t cacheBytes() const { return cache_.bytes(); }
    // Removes what the retention no longer covers. To be called now and then: age passes by itself.
    void applyRetention() { retention_.apply(durableBatch_); }
    // kCorrupt names a segment that was removed, moved or cut since it was written.
    Status filesThere() const;
    // The disk is full, and batches wait until there is room.
    bool waitingForSpace() const;

private:
    struct PendingBatch {
        std::uint64_t batch = 0;
        std::size_t missing = 0;
        File::Done done;
        Status status;
    };
    struct PendingSeal {
        BoxId box;
        std::uint64_t segment = 0;
        // The first batch of the next segment. Once it is durable, this segment is durable too, and
        // its index may be written.
        std::uint64_t nextBatch = 0;
        SegmentIndex index;
    };

    BoxStore(Env& env, Options options) : env_(env), options_(std::move(options)) {}
    Status openBox(BoxId id, std::vector<FoundFrame>& found);
    Status noteScanned(BoxId id, JournalPosition at, BytesView envelope,
                       std::vector<FoundFrame>& found);
    Status cutTornBatches(std::vector<FoundFrame>& found);
    Status cutBox(BoxId id, JournalPosition at);
    Status adopt(std::vector<FoundFrame> found);
    // `kept` ends with the frames of the newest batch.
    Status adoptNewest(const std::vector<const FoundFrame*>& kept);
    Status sealIndex(BoxId id, std::uint64_t segment, const SegmentIndex& index);
    void partDone(std::uint64_t batch, const Status& status);
    void finishBatches();
    void writeSeals();
    Status findTruncated(ShardId shard, FrameNo fromN, std::map<FrameNo, FrameRef>& found);

    Env& env_;
    Options options_;
    Lifetime lifetime_;
    BoxCore core_;
    Boxes boxes_;
    BoxRetention retention_{env_, core_, boxes_, {options_.retainBytes, options_.retainAge}};
    SourcePosition source_;
    std::vector<FrameRef> lastBatchFound_;
    std::uint64_t lastBatch_ = 0;
    std::uint64_t durableBatch_ = 0;
    std::deque<PendingBatch> pending_;
    Status broken_;  // why the first batch failed; every later batch fails with it
    std::vector<PendingSeal> seals_;
    FrameCache cache_{options_.cacheBytesMax};
};

}  // namespace foreshard
