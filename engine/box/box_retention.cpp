#include "engine/box/box_retention.h"

#include "engine/box/indexed_segment.h"
#include "engine/box/whole_batches.h"
#include "engine/wire/codec.h"

namespace foreshard {
namespace {

std::uint64_t oldestOf(const Box& box) { return box.journal->segmentBytes().begin()->first; }

}  // namespace

bool BoxRetention::mayGo(BoxId id, std::uint64_t segment) const
{
    const Box& box = boxes_.at(id);
    if (segment == box.journal->currentSegment() || core_.retainedFrames(id, segment) > 0)
        return false;
    const auto last = box.lastBatchOf.find(segment);
    return last == box.lastBatchOf.end() || last->second + 2 * kBatchesInFlightMax <= durableBatch_;
}

WallMillis BoxRetention::newestFrameOf(BoxId id, std::uint64_t segment) const
{
    const Journal& journal = *boxes_.at(id).journal;
    const std::uint64_t length = journal.segmentBytes().at(segment);
    const Result<SegmentIndex> index =
        IndexedSegment(env_.disk, journal.directory(), {segment, length, {}}).read();
    if (!index.ok() || index->frames().empty()) return 0;
    const FrameEntry& last = index->frames().back();
    const Result<Bytes> sealed = journal.read({segment, last.position}, last.size);
    if (!sealed.ok()) return 0;
    const Result<FrameHeader> header = decodeFrameHeader(*sealed);
    return header.ok() ? header->wallMs : 0;
}

bool BoxRetention::isTooOld(BoxId id, std::uint64_t segment, WallMillis now)
{
    if (limits_.age.count() == 0) return false;
    Box& box = boxes_.at(id);
    WallMillis& newest = box.newestOf[segment];
    if (newest == 0) newest = newestFrameOf(id, segment);
    // A segment whose age is not known stays.
    return newest != 0 && now - newest > limits_.age.count();
}

void BoxRetention::apply(std::uint64_t durableBatch)
{
    durableBatch_ = durableBatch;
    if (limits_.bytes == 0 && limits_.age.count() == 0) return;
    const WallMillis now = env_.strand.wallNow();
    for (auto& [id, box] : boxes_) {
        while (mayGo(id, oldestOf(box)) && isTooOld(id, oldestOf(box), now)) {
            if (!removeOldest(box)) return;  // the next call of apply() tries again
        }
    }
    if (limits_.bytes == 0) return;
    for (std::uint64_t total = diskBytes(); total > limits_.bytes; total = diskBytes()) {
        const std::optional<BoxId> next = nextToGo(total > 2 * limits_.bytes);
        if (!next || !removeOldest(boxes_.at(*next))) return;
    }
}

bool BoxRetention::removeOldest(Box& box)
{
    const std::uint64_t oldest = oldestOf(box);
    const std::string index = indexPath(box.journal->directory(), oldest);
    if (!env_.disk.remove(index).ok() || !box.journal->remove(oldest).ok()) return false;
    box.lastBatchOf.erase(oldest);
    box.newestOf.erase(oldest);
    return true;
}

std::optional<BoxId> BoxRetention::nextToGo(bool passOver) const
{
    std::optional<BoxId> next;
    std::uint64_t oldest = 0;
    for (const auto& [id, box] : boxes_) {
        const std::uint64_t segment = oldestOf(box);
        if (segment == box.journal->currentSegment()) continue;
        if (passOver && !mayGo(id, segment)) continue;
        const auto last = box.lastBatchOf.find(segment);
        const std::uint64_t batch = last == box.lastBatchOf.end() ? 0 : last->second;
        if (next && batch >= oldest) continue;
        next = id;
        oldest = batch;
    }
    // While recovery needs the oldest segment, no other box loses a younger one in its place.
    return next && mayGo(*next, oldestOf(boxes_.at(*next))) ? next : std::nullopt;
}

std::uint64_t BoxRetention::diskBytes() const
{
    std::uint64_t total = 0;
    for (const auto& [id, box] : boxes_)
        total += box.journal->totalBytes();
    return total;
}

}  // namespace foreshard
