#include "engine/box/indexed_segment.h"

#include "engine/wire/codec.h"

namespace foreshard {

std::string indexPath(const std::string& boxDirectory, std::uint64_t segment)
{
    std::string path = segmentPath(boxDirectory, segment);
    path.replace(path.size() - 4, 4, ".idx");
    return path;
}

RecordVisitor indexing(SegmentIndexBuilder& builder)
{
    return [&builder](JournalPosition at, BytesView envelope) -> Status {
        FS_TRY(const Frame frame, decodeFrame(envelope));
        builder.add(frame.header, at.position, envelope.size(), frame.records);
        return {};
    };
}

IndexedSegment::IndexedSegment(Disk& disk, const std::string& boxDirectory, const SegmentFile& file)
    : disk_(disk),
      segmentPath_(segmentPath(boxDirectory, file.number)),
      indexPath_(indexPath(boxDirectory, file.number)),
      file_(file)
{
}

Result<SegmentIndex> IndexedSegment::decode(BytesView sealed) const
{
    FS_TRY(SegmentIndex index, SegmentIndex::decode(sealed));
    if (index.segmentBytes() == file_.bytes) return index;
    return Error{Errc::kCorrupt, "it was made of a segment of "
                                     + std::to_string(index.segmentBytes())
                                     + " bytes, the segment has " + std::to_string(file_.bytes)};
}

Result<SegmentIndex> IndexedSegment::read() const
{
    FS_TRY(const Bytes sealed, disk_.readWhole(indexPath_));
    return decode(sealed);
}

Result<IndexedSegment::Scanned> IndexedSegment::scan() const
{
    SegmentIndexBuilder builder;
    FS_TRY(const ScanEnd end,
           scanSegment(disk_, segmentPath_, file_.number, indexing(builder), file_.proof));
    return Scanned{builder.build(file_.bytes), end};
}

}  // namespace foreshard
