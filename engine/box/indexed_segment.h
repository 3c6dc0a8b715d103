#pragma once
// A segment of a buffer box with its index (correlation/segment_index.h): read from the file beside
// it when that is sound and was made of this very segment, else made from the segment itself.
// Changes nothing on the disk.
#include "engine/correlation/segment_index.h"
#include "engine/journal/segment_reader.h"

#include <cstdint>
#include <string>

namespace foreshard {

// "box/0/000000000007.idx" beside "box/0/000000000007.seg".
std::string indexPath(const std::string& boxDirectory, std::uint64_t segment);

// Adds every frame it is shown to `builder`, which must outlive it.
RecordVisitor indexing(SegmentIndexBuilder& builder);

class IndexedSegment {
public:
    struct Scanned {
        SegmentIndex index;
        ScanEnd end;
    };

    // `disk` must outlive it.
    IndexedSegment(Disk& disk, const std::string& boxDirectory, const SegmentFile& file);

    // What the file beside it holds. kCorrupt when that was made of a segment of another length: it
    // was left behind by one that was cut since. Otherwise errors as SegmentIndex::decode().
    Result<SegmentIndex> decode(BytesView sealed) const;
    // decode() of the file; errors as Disk::readWhole() too. kNotFound is usual: the newest segment
    // has none yet.
    Result<SegmentIndex> read() const;
    // Made from the segment; errors as scanSegment().
    Result<Scanned> scan() const;

    const std::string& segmentFile() const { return segmentPath_; }
    const std::string& indexFile() const { return indexPath_; }

private:
    Disk& disk_;
    std::string segmentPath_;
    std::string indexPath_;
    SegmentFile file_;
};

}  // namespace foreshard
