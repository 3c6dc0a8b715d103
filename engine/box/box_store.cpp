#include "engine/box/box_store.h"

#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/box/indexed_segment.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <algorithm>

namespace foreshard {

namespace {

std::uint64_t segmentBytesFor(const BoxStore::Options& options)
{
    if (options.retainBytes == 0) return options.segmentBytesMax;
    // Retention removes whole segments, so a box keeps its share of the history only to within one
    // segment: they are made small.
    const std::uint64_t part =
        options.retainBytes / (std::uint64_t{BoxStore::kRetainedParts} * options.boxes);
    return std::min(options.segmentBytesMax, std::max(part, BoxStore::kRetainedSegmentMin));
}

// Adds the frames that the index of a segment lists.
void takeIndex(BoxId id, const SegmentIndex& index, std::uint64_t segment,
               std::vector<FoundFrame>& found)
{
    for (const FrameEntry& entry : index.frames()) {
        FoundFrame frame;
        frame.ref = {entry.shard,      entry.n,      id,          segment,
                     entry.position,   entry.size,   entry.batch, entry.firstOffset,
                     entry.lastOffset, entry.records};
        frame.parts = entry.parts;
        found.push_back(frame);
    }
}

// REQUIRES: a part of the batch, which was durable once, is not found.
Error batchLost(const std::string& directory, const Boxes& boxes,
                const std::vector<FoundFrame>& found, std::uint64_t batch)
{
    std::map<BoxId, std::uint64_t> ends;
    for (const FoundFrame& frame : found)
        ends[frame.ref.box] = std::max(ends[frame.ref.box], frame.ref.batch);
    std::string files;
    for (const auto& [id, box] : boxes) {
        if (ends[id] >= batch) continue;  // this box still has its part of the batch
        files += (files.empty() ? "" : " or ") + box.journal->pathOf(box.journal->currentSegment())
                 + " at offset " + std::to_string(box.journal->segmentBytes().rbegin()->second);
    }
    if (files.empty()) files = directory;
    return Error{Errc::kGap, "write batch " + std::to_string(batch)
                                 + " was durable and is not whole any more: the end of " + files
                                 + " is missing: restore the file from a copy"};
}

// kGap when a batch up to `upTo` has lost a part.
Status checkWhole(const std::string& directory, const Boxes& boxes,
                  const std::vector<FoundFrame>& found, std::uint64_t upTo)
{
    // Retention has removed the oldest segments of each box, to a different batch in each: batches
    // must be complete only from the youngest beginning of any box on.
    std::map<BoxId, std::uint64_t> begins;
    std::map<std::uint64_t, std::uint32_t> missing;
    for (const FoundFrame& frame : found) {
        const auto [it, first] = begins.emplace(frame.ref.box, frame.ref.batch);
        if (!first) it->second = std::min(it->second, frame.ref.batch);
        --missing.try_emplace(frame.ref.batch, frame.parts).first->second;
    }
    std::uint64_t batch = 1;
    for (const auto& [id, box] : boxes) {
        if (box.journal->segmentBytes().begin()->first == 1) continue;
        const auto begin = begins.find(id);
        // A box without frames: its newest segment with frames was removed, which BoxRetention
        // allows only when `recent` batches have become durable since.
        const std::uint64_t recent = 2 * kBatchesInFlightMax;
        const std::uint64_t from = begin != begins.end() ? begin->second
                                   : upTo > recent       ? upTo - recent
                                                         : 1;
        batch = std::max(batch, from);
    }
    for (; batch <= upTo; ++batch) {
        const auto it = missing.find(batch);
        if (it == missing.end() || it->second != 0)
            return batchLost(directory, boxes, found, batch);
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<BoxStore>> BoxStore::open(Env& env, Options options)
{
    options.segmentBytesMax = segmentBytesFor(options);
    std::unique_ptr<BoxStore> store(new BoxStore(env, std::move(options)));
    std::vector<FoundFrame> found;
    for (std::uint32_t i = 0; i < store->options_.boxes; ++i) {
        FS_TRY_STATUS(
            store->openBox(BoxId{i}, found).during("open buffer box " + std::to_string(i)));
    }
    FS_TRY_STATUS(store->cutTornBatches(found));
    FS_TRY_STATUS(store->adopt(std::move(found)));
    return store;
}

Status BoxStore::openBox(BoxId id, std::vector<FoundFrame>& found)
{
    const std::string directory = options_.directory + "/" + std::to_string(id.value);
    Box& box = boxes_[id];
    FS_TRY_STATUS(env_.disk.createDirectories(directory));
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(env_.disk, directory));
    // A sealed segment with a sound index is not scanned; for one with an unsound index the scan
    // makes a new index.
    std::map<std::uint64_t, bool> scanned;
    for (const SegmentFile& segment : segments) {
        box.foundBytes[segment.number] = segment.bytes;
        if (segment.number == segments.back().number) break;
        const Result<SegmentIndex> index = IndexedSegment(env_.disk, directory, segment).read();
        if (!index.ok()) continue;
        takeIndex(id, *index, segment.number, found);
        scanned[segment.number] = false;
    }
    const auto visit = [&](JournalPosition at, BytesView envelope) {
        return noteScanned(id, at, envelope, found);
    };
    const auto wanted = [&](std::uint64_t segment) { return !scanned.contains(segment); };
    FS_TRY(box.journal, Journal::open(env_, {directory, options_.segmentBytesMax}, visit, wanted));
    return {};
}

Status BoxStore::noteScanned(BoxId id, JournalPosition at, BytesView envelope,
                             std::vector<FoundFrame>& found)
{
    Box& box = boxes_[id];
    if (box.indexSegment != at.segment) {
        if (box.indexSegment != 0) {  // a sealed segment that was scanned for want of an index
            const std::uint64_t bytes = box.foundBytes.at(box.indexSegment);
            FS_TRY_STATUS(sealIndex(id, box.indexSegment, box.index.build(bytes)));
        }
        box.index = SegmentIndexBuilder{};
        box.indexSegment = at.segment;
    }
    FS_TRY(const Frame frame, decodeFrame(envelope));
    const FrameHeader& header = frame.header;
    box.index.add(header, at.position, envelope.size(), frame.records);
    FoundFrame entry;
    entry.ref = {header.shard,      header.n,        id,           at.segment,
                 at.position,       envelope.size(), header.batch, header.firstOffset,
                 header.lastOffset, header.records};
    entry.parts = header.parts;
    entry.sourceAfter = header.sourceAfter;
    found.push_back(entry);
    return {};
}

Status BoxStore::cutTornBatches(std::vector<FoundFrame>& found)
{
    WholeBatches batches;
    for (const FoundFrame& frame : found)
        batches.saw(frame.ref.batch, frame.parts);
    const std::uint64_t whole = batches.last();
    std::uint64_t proven = whole;
    for (const auto& [id, box] : boxes_)
        proven = std::max(proven, box.journal->foundDurableBatch());
    FS_TRY_STATUS(checkWhole(options_.directory, boxes_, found, proven));
    for (auto& [id, box] : boxes_) {
        const FoundFrame* first = nullptr;
        for (const FoundFrame& frame : found) {
            if (frame.ref.box != id || frame.ref.batch <= whole) continue;
            const bool earlier = first == nullptr
                                 || std::pair(frame.ref.segment, frame.ref.position)
                                        < std::pair(first->ref.segment, first->ref.position);
            if (earlier) first = &frame;
        }
        if (first == nullptr) continue;
        FS_TRY_STATUS(cutBox(id, {first->ref.segment, first->ref.position}));
    }
    std::erase_if(found, [&](const FoundFrame& frame) { return frame.ref.batch > whole; });
    lastBatch_ = durableBatch_ = whole;
    return {};
}

Status BoxStore::cutBox(BoxId id, JournalPosition at)
{
    Box& box = boxes_[id];
    // The indexes of the cut segments are removed before the segments (Journal::cut syncs the
    // folder before it shortens a file): an index that stayed would list frames that are gone.
    const std::string& directory = box.journal->directory();
    const std::string first = indexPath(directory, at.segment);
    FS_TRY(const std::vector<std::string> names, env_.disk.list(directory));
    for (const std::string& name : names) {
        const std::string path = directory + "/" + name;
        if (!name.ends_with(".idx") || path < first) continue;
        FS_TRY_STATUS(env_.disk.remove(path));
    }
    FS_TRY_STATUS(box.journal->cut(at));
    box.indexSegment = 0;  // adopt() feeds the builder again, from the frames that stay
    return {};
}

Status BoxStore::adoptNewest(const std::vector<const FoundFrame*>& kept)
{
    const FrameRef& newest = kept.back()->ref;
    Box& box = boxes_[newest.box];
    FS_TRY(const Bytes sealed, box.journal->read({newest.segment, newest.position}, newest.bytes));
    FS_TRY(const FrameHeader header, decodeFrameHeader(sealed));
    source_ = header.sourceAfter;
    for (const FoundFrame* frame : kept) {
        if (frame->ref.batch == newest.batch) lastBatchFound_.push_back(frame->ref);
    }
    if (mutant(Mutant::kLoseSourcePosition)) source_.byte = 0;
    return {};
}

Status BoxStore::adopt(std::vector<FoundFrame> found)
{
    std::sort(found.begin(), found.end(), [](const FoundFrame& a, const FoundFrame& b) {
        return std::pair(a.ref.shard, a.ref.n) < std::pair(b.ref.shard, b.ref.n);
    });
    // Retention may have removed segments of one box and left older ones of another, which tears a
    // hole into the sequence of a shard that changed its box. Only the gap-free end of each
    // sequence counts; a subscriber that asks for an earlier frame is refused.
    std::map<ShardId, FrameNo> first;
    for (std::size_t i = 0; i < found.size(); ++i) {
        const FrameRef& ref = found[i].ref;
        const bool follows =
            i > 0 && found[i - 1].ref.shard == ref.shard && found[i - 1].ref.n + 1 == ref.n;
        if (!follows) first[ref.shard] = ref.n;
    }
    for (const auto& [shard, n] : first)
        core_.startBehind(shard, n - 1);
    std::vector<const FoundFrame*> kept;
    for (const FoundFrame& frame : found) {
        boxes_[frame.ref.box].lastBatchOf[frame.ref.segment] =
            std::max(boxes_[frame.ref.box].lastBatchOf[frame.ref.segment], frame.ref.batch);
        if (frame.ref.n >= first[frame.ref.shard]) kept.push_back(&frame);
    }
    std::sort(kept.begin(), kept.end(), [](const FoundFrame* a, const FoundFrame* b) {
        return std::tuple(a->ref.batch, a->ref.shard, a->ref.n)
               < std::tuple(b->ref.batch, b->ref.shard, b->ref.n);
    });
    for (const FoundFrame* frame : kept) {
        const FrameRef& ref = frame->ref;
        if (ref.n != core_.lastAppended(ref.shard) + 1) {
            return Error{Errc::kCorrupt,
                         boxes_[ref.box].journal->pathOf(ref.segment) + " at offset "
                             + std::to_string(ref.position) + " holds frame "
                             + std::to_string(ref.n) + " of shard "
                             + std::to_string(ref.shard.value)
                             + " twice or out of order: files of different runs are mixed: restore "
                               "the data directory from a copy"};
        }
        core_.add(ref);
    }
    core_.batchesDurable(durableBatch_);
    if (!kept.empty()) FS_TRY_STATUS(adoptNewest(kept));
    // cutBox() threw the index builder of the last segment away: feed a new one from the frames
    // that stay.
    for (auto& [id, opened] : boxes_) {
        Box& box = opened;  // clang 14 cannot capture a structured binding
        const std::uint64_t current = box.journal->currentSegment();
        if (box.indexSegment == current) continue;
        // The current segment is empty, so no append has sealed the segment before it.
        if (box.indexSegment != 0)
            FS_TRY_STATUS(
                sealIndex(id, box.indexSegment,
                          box.index.build(box.journal->segmentBytes().at(box.indexSegment))));
        box.index = SegmentIndexBuilder{};
        box.indexSegment = current;
        FS_TRY(const ScanEnd end,
               scanSegment(env_.disk, box.journal->pathOf(current), current, indexing(box.index)));
        FS_CHECK(!end.torn);
    }
    return {};
}

Status BoxStore::sealIndex(BoxId id, std::uint64_t segment, const SegmentIndex& index)
{
    crashPoint("box.seal");
    const std::string directory = options_.directory + "/" + std::to_string(id.value);
    return env_.disk.writeWhole(indexPath(directory, segment), index.encode());
}

Status BoxStore::append(std::vector<BoxFrame> frames, File::Done done)
{
    FS_CHECK(!frames.empty());
    FS_CHECK(batchesInFlight() < kBatchesInFlightMax);
    const std::uint64_t batch = ++lastBatch_;
    std::map<BoxId, Bytes> writes;
    std::map<BoxId, std::vector<std::pair<std::size_t, std::uint64_t>>>
        places;  // frame index, offset in the write
    std::vector<Bytes> sealed(frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        FrameHeader& header = frames[i].frame.header;
        header.batch = batch;
        header.part = static_cast<std::uint32_t>(i);
        header.parts = static_cast<std::uint32_t>(frames.size());
        sealed[i] = encodeFrame(frames[i].frame);
        Bytes& write = writes[frames[i].box];
        places[frames[i].box].emplace_back(i, write.size());
        write += sealed[i];
    }
    pending_.push_back({batch, writes.size(), std::move(done), Status{}});
    std::vector<FrameRef> refs(frames.size());
    for (auto& [id, write] : writes) {
        Box& box = boxes_.at(id);
        const auto finished =
            lifetime_.guard([this, batch](const Status& status) { partDone(batch, status); });
        FS_TRY(const JournalPosition at, box.journal->append(std::move(write), finished));
        if (box.indexSegment != at.segment) {
            if (box.indexSegment != 0) {
                const std::uint64_t bytes = box.journal->segmentBytes().at(box.indexSegment);
                seals_.push_back({id, box.indexSegment, batch, box.index.build(bytes)});
            }
            box.index = SegmentIndexBuilder{};
            box.indexSegment = at.segment;
        }
        box.lastBatchOf[at.segment] = batch;
        for (const auto& [i, offset] : places[id]) {
            const Frame& frame = frames[i].frame;
            const std::uint64_t position = at.position + offset;
            box.index.add(frame.header, position, sealed[i].size(), frame.records,
                          frames[i].keyHashes);
            refs[i] = {frame.header.shard,
                       frame.header.n,
                       id,
                       at.segment,
                       position,
                       sealed[i].size(),
                       batch,
                       frame.header.firstOffset,
                       frame.header.lastOffset,
                       frame.header.records};
        }
    }
    for (std::size_t i = 0; i < refs.size(); ++i) {
        core_.add(refs[i]);
        cache_.add(refs[i].shard, refs[i].n, std::move(sealed[i]));
    }
    return {};
}

void BoxStore::partDone(std::uint64_t batch, const Status& status)
{
    for (PendingBatch& pending : pending_) {
        if (pending.batch != batch) continue;
        --pending.missing;
        if (!status.ok()) pending.status = status;
    }
    finishBatches();
}

void BoxStore::finishBatches()
{
    // Batches are acknowledged in order: each only when every batch before it is durable too.
    while (!pending_.empty() && pending_.front().missing == 0) {
        PendingBatch finished = std::move(pending_.front());
        pending_.pop_front();
        if (broken_.ok()) broken_ = finished.status;
        if (!broken_.ok()) {
            finished.done(broken_);  // every batch behind the first that failed fails too
            continue;
        }
        durableBatch_ = finished.batch;
        for (auto& [id, box] : boxes_)
            box.journal->setDurableBatch(durableBatch_);
        core_.batchesDurable(finished.batch);
        finished.done(Status{});
    }
    writeSeals();
}

void BoxStore::writeSeals()
{
    std::vector<PendingSeal> waiting;
    for (PendingSeal& seal : seals_) {
        if (seal.nextBatch > durableBatch_) {
            waiting.push_back(std::move(seal));
            continue;
        }
        // A failure is not fatal: a segment without an index is scanned at the next start.
        static_cast<void>(sealIndex(seal.box, seal.segment, seal.index));
    }
    seals_ = std::move(waiting);
}

Result<Bytes> BoxStore::read(const FrameRef& frame)
{
    if (const Bytes* cached = cache_.find(frame.shard, frame.n)) return *cached;
    return boxes_.at(frame.box).journal->read({frame.segment, frame.position}, frame.bytes);
}

void BoxStore::truncate(ShardId shard, FrameNo n)
{
    core_.truncate(shard, n);
    retention_.apply(durableBatch_);
}

void BoxStore::startBehind(ShardId shard, FrameNo n) { core_.startBehind(shard, n); }

Status BoxStore::findTruncated(ShardId shard, FrameNo fromN, std::map<FrameNo, FrameRef>& found)
{
    const FrameNo first = core_.firstRetained(shard);
    const auto take = [&](BoxId id, const SegmentIndex& index, std::uint64_t segment) {
        std::vector<FoundFrame> frames;
        takeIndex(id, index, segment, frames);
        for (const FoundFrame& frame : frames) {
            const FrameRef& ref = frame.ref;
            if (ref.shard == shard && ref.n >= fromN && ref.n < first) found[ref.n] = ref;
        }
    };
    for (const auto& [id, box] : boxes_) {
        const std::string& directory = box.journal->directory();
        for (const auto& [segment, bytes] : box.journal->segmentBytes()) {
            const IndexedSegment indexed(env_.disk, directory, {segment, bytes, {}});
            if (const Result<SegmentIndex> index = indexed.read(); index.ok()) {
                take(id, *index, segment);
                continue;
            }
            // The end of the current segment may be half written; truncated frames lie before it.
            const Result<IndexedSegment::Scanned> scanned = indexed.scan();
            if (scanned.ok()) {
                take(id, scanned->index, segment);
            } else if (scanned.error().code != Errc::kNotFound) {
                return scanned.error();
            }
        }
    }
    return {};
}

Result<BoxStore::Missing> BoxStore::retainFrom(ShardId shard, FrameNo fromN, bool dryRun)
{
    std::map<FrameNo, FrameRef> found;
    const FrameNo first = core_.firstRetained(shard);
    if (fromN < first) FS_TRY_STATUS(findTruncated(shard, fromN, found));
    std::vector<FrameRef> frames;
    for (FrameNo n = fromN; n < first; ++n) {
        const auto frame = found.find(n);
        if (frame == found.end()) {
            const auto next = found.upper_bound(n);
            return Missing{n, next == found.end() ? first - 1 : next->first - 1};
        }
        frames.push_back(frame->second);
    }
    if (dryRun) return Missing{};
    core_.retainAgain(shard, frames);
    core_.savedOnly(shard, fromN - 1);
    return Missing{};
}

std::uint64_t BoxStore::diskBytes() const
{
    std::uint64_t total = 0;
    for (const auto& [id, box] : boxes_)
        total += box.journal->totalBytes();
    return total;
}

Status BoxStore::filesThere() const
{
    for (const auto& [id, box] : boxes_)
        FS_TRY_STATUS(box.journal->filesThere());
    return {};
}

bool BoxStore::waitingForSpace() const
{
    return std::any_of(boxes_.begin(), boxes_.end(),
                       [](const auto& box) { return box.second.journal->waiting(); });
}

}  // namespace foreshard
