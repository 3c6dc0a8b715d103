#pragma once
// BoxStore keeps the buffer boxes of one edge on disk: one journal of frames per downstream node,
// all shards of that node multiplexed in it. The edge writes batches that span boxes; a batch
// counts only when all its parts are durable, so after a crash every box is cut back to the last
// whole batch and the source goes on exactly behind it. Lives on the edge's strand.
#include "engine/box/box_core.h"
#include "engine/box/box_frame.h"
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

    // Scans what is there, cuts torn batches off and rebuilds missing segment indexes.
    static Result<std::unique_ptr<BoxStore>> open(Env& env, Options options);

    // Where the source goes on: behind the last whole batch.
    const SourcePosition& sourcePosition() const { return source_; }
    bool empty() const { return lastBatch_ == 0; }
    const BoxCore& core() const { return core_; }
    std::uint64_t batchesInFlight() const { return lastBatch_ - durableBatch_; }

    // Appends a batch; `done` runs when it and every batch before it are durable, or have failed.
    // REQUIRES: frames is not empty, n of each follows lastAppended, batchesInFlight() < max.
    Status append(std::vector<BoxFrame> frames, File::Done done);
    // The sealed frame as appended, from memory or disk. REQUIRES: core().find() knows it.
    Result<Bytes> read(const FrameRef& frame);
    // Of the newest batch found by open().
    const std::vector<FrameRef>& lastBatchFound() const { return lastBatchFound_; }
    void truncate(ShardId shard, FrameNo n);
    void saved(ShardId shard, FrameNo n) { core_.saved(shard, n); }
    // Frames first..last; first is 0 when there are none.
    struct Missing {
        FrameNo first = 0;
        FrameNo last = 0;
    };
    // Holds the shard's frames from `fromN` on again, truncated or not, for a shard that is set
    // back to a checkpoint at `fromN - 1`; tells the first run of them that is no longer there, and
    // then holds nothing. With `dryRun` it only looks. kCorrupt names file and offset.
    Result<Missing> retainFrom(ShardId shard, FrameNo fromN, bool dryRun);
    // See BoxCore: a shard whose frames are all gone starts behind its checkpoint.
    void startBehind(ShardId shard, FrameNo n);
    std::uint64_t diskBytes() const;
    std::uint64_t cacheBytes() const { return cacheBytes_; }
    // Removes what the retention no longer covers. To be called now and then: age passes by itself.
    void applyRetention();
    // kCorrupt names a segment that was removed, moved or cut since it was written.
    Status filesThere() const;
    // The disk is full, and batches wait until there is room.
    bool waitingForSpace() const;

private:
    struct Box {
        std::unique_ptr<Journal> journal;
        SegmentIndexBuilder index;  // of the current segment
        std::uint64_t indexSegment = 0;
        std::map<std::uint64_t, std::uint64_t> lastBatchOf;  // segment -> newest batch in it
        std::map<std::uint64_t, WallMillis> newestOf;        // segment -> when it was cut; learnt
        std::map<std::uint64_t, std::uint64_t> foundBytes;   // segment -> length while opening
    };
    struct Found {  // one frame met while opening
        FrameRef ref;
        std::uint32_t parts = 0;
        SourcePosition sourceAfter;
    };
    struct PendingBatch {
        std::uint64_t batch = 0;
        std::size_t missing = 0;
        File::Done done;
        Status status;
    };
    struct PendingSeal {
        BoxId box;
        std::uint64_t segment = 0;
        // The first batch in the segment behind it, durable only after all of this one is.
        std::uint64_t nextBatch = 0;
        SegmentIndex index;
    };

    BoxStore(Env& env, Options options) : env_(env), options_(std::move(options)) {}
    Status openBox(BoxId id, std::vector<Found>& found);
    void takeIndex(BoxId id, const SegmentIndex& index, std::uint64_t segment,
                   std::vector<Found>& found);
    Status noteScanned(BoxId id, JournalPosition at, BytesView envelope, std::vector<Found>& found);
    Status cutTornBatches(std::vector<Found>& found);
    Status checkWhole(const std::vector<Found>& found, std::uint64_t upTo) const;
    Error batchLost(const std::vector<Found>& found, std::uint64_t batch) const;
    Status cutBox(BoxId id, JournalPosition at);
    Status adopt(std::vector<Found> found);
    // `kept` ends with the frames of the newest batch.
    Status adoptNewest(const std::vector<const Found*>& kept);
    Status sealIndex(BoxId id, std::uint64_t segment, const SegmentIndex& index);
    void partDone(std::uint64_t batch, const Status& status);
    void finishBatches();
    void writeSeals();
    Status findTruncated(ShardId shard, FrameNo fromN, std::map<FrameNo, FrameRef>& found);
    bool mayGo(BoxId id, std::uint64_t segment) const;
    static std::uint64_t segmentBytesFor(const Options& options);
    static std::uint64_t oldestOf(const Box& box);
    bool removeOldest(Box& box);
    // The box with the oldest sealed segment of all, when that may go; `passOver`: the oldest that
    // may.
    std::optional<BoxId> nextToGo(bool passOver) const;
    bool isTooOld(BoxId id, std::uint64_t segment, WallMillis now);
    WallMillis newestFrameOf(BoxId id, std::uint64_t segment) const;
    void remember(const FrameRef& ref, Bytes sealed);

    Env& env_;
    Options options_;
    Lifetime lifetime_;
    BoxCore core_;
    std::map<BoxId, Box> boxes_;
    SourcePosition source_;
    std::vector<FrameRef> lastBatchFound_;
    std::uint64_t lastBatch_ = 0;
    std::uint64_t durableBatch_ = 0;
    std::deque<PendingBatch> pending_;
    Status broken_;  // of the first batch that failed; every later one fails with it
    std::vector<PendingSeal> seals_;
    std::map<std::pair<ShardId, FrameNo>, Bytes> cache_;
    std::deque<std::pair<ShardId, FrameNo>> cacheOrder_;
    std::uint64_t cacheBytes_ = 0;
};

// Whether `index` was made of a segment of this length: one may have been left behind by a segment
// that was cut since.
bool indexFits(const SegmentIndex& index, std::uint64_t segmentBytes);

// "box/0/000000000007.idx" beside "box/0/000000000007.seg".
std::string indexPath(const std::string& boxDirectory, std::uint64_t segment);

}  // namespace foreshard
