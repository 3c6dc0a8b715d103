#include "engine/archive/archive.h"

#include "engine/box/box_store.h"
#include "engine/box/indexed_segment.h"
#include "engine/control/log/single_control_log.h"
#include "engine/correlation/reassembler.h"
#include "engine/journal/clean_seal.h"
#include "engine/journal/journal.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace foreshard {
namespace {

// The index beside a sealed segment when it is sound, else one made from the segment itself.
// `tornEnd` says where the last record of an unsealed segment breaks off, if it does.
Result<SegmentIndex> indexOf(Disk& disk, const std::string& directory, const SegmentFile& file,
                             bool sealed, std::string& tornEnd)
{
    const IndexedSegment indexed(disk, directory, file);
    if (sealed) {
        if (Result<SegmentIndex> index = indexed.read(); index.ok()) return index;
    }
    FS_TRY(IndexedSegment::Scanned scanned, indexed.scan());
    if (sealed && scanned.end.torn) {
        return Error{Errc::kCorrupt,
                     indexed.segmentFile() + " is cut short at offset "
                         + std::to_string(scanned.end.validBytes)
                         + ": the disk or another program changed it: restore it from a copy"};
    }
    if (scanned.end.torn)
        tornEnd = indexed.segmentFile() + " at offset " + std::to_string(scanned.end.validBytes);
    return std::move(scanned.index);
}

}  // namespace

Result<Archive> Archive::open(Disk& disk, std::string dataDirectory)
{
    Archive archive(disk, std::move(dataDirectory));
    FS_TRY_STATUS(checkMadeByThisVersion(disk, archive.dataDirectory_));
    FS_TRY_STATUS(checkSeal(disk, archive.dataDirectory_));
    // Before the boxes, because a running engine may add to both meanwhile.
    FS_TRY(const ControlState known, SingleControlLog::read(disk, archive.dataDirectory_));
    for (const CheckpointInfo& info : known.checkpoints.all())
        archive.checkpointedEnd_ = std::max(archive.checkpointedEnd_, info.offset);
    const std::string boxes = archive.dataDirectory_ + "/box";
    FS_TRY(const std::vector<std::string> names, disk.list(boxes));
    // Before the frames, for the same reason.
    FS_TRY_STATUS(archive.readNotes(names));
    for (const std::string& name : names) {
        BoxId box;
        const auto [end, error] =
            std::from_chars(name.data(), name.data() + name.size(), box.value);
        if (error != std::errc{} || end != name.data() + name.size()) continue;
        FS_TRY_STATUS(archive.openBox(box).during("read buffer box " + name));
    }
    if (names.empty()) {
        return Error{Errc::kNotFound,
                     archive.dataDirectory_
                         + " holds no stream: it is no data directory, or nothing was ever "
                           "written to it: give the directory that `run --data` was given"};
    }
    FS_TRY_STATUS(archive.sortFrames());
    // After the boxes: what is given up meanwhile is left out.
    FS_TRY(std::vector<DeadLetter> letters,
           SingleControlLog::readLetters(disk, archive.dataDirectory_));
    for (DeadLetter& letter : letters)
        archive.deadLetters_[letter.place.offset] = std::move(letter);
    return archive;
}

Status Archive::openBox(BoxId box)
{
    const std::string directory = dataDirectory_ + "/box/" + std::to_string(box.value);
    FS_TRY(const std::vector<SegmentFile> files, listSegments(*disk_, directory));
    std::uint64_t next = 1;
    for (const SegmentFile& file : files) {
        if (file.number != next) {
            std::string& gone = next == 1 ? firstSegmentGone_ : lostSegment_;
            if (gone.empty()) gone = segmentPath(directory, next);
        }
        next = file.number + 1;
        const bool sealed = file.number != files.back().number;
        FS_TRY(SegmentIndex index, indexOf(*disk_, directory, file, sealed, tornEnd_));
        // Retention takes the oldest segments of each box, so what is complete begins behind the
        // youngest beginning of them all.
        const bool cutOff = file.number == files.front().number && file.number > 1;
        if (cutOff && !index.frames().empty())
            firstBatch_ = std::max(firstBatch_, index.frames().front().batch);
        for (const FrameEntry& entry : index.frames())
            frames_.push_back({entry, box, file.number});
        segments_.push_back(
            {box, file.number, segmentPath(directory, file.number), std::move(index)});
    }
    return {};
}

Status Archive::sortFrames()
{
    WholeBatches batches;
    std::map<std::uint64_t, std::uint32_t> missing;  // parts of each batch that are not here
    std::sort(frames_.begin(), frames_.end(), [](const ArchivedFrame& a, const ArchivedFrame& b) {
        return std::tuple(a.entry.batch, a.entry.shard, a.entry.n)
               < std::tuple(b.entry.batch, b.entry.shard, b.entry.n);
    });
    for (const ArchivedFrame& frame : frames_) {
        batches.saw(frame.entry.batch, frame.entry.parts);
        --missing.try_emplace(frame.entry.batch, frame.entry.parts).first->second;
    }
    std::uint64_t whole = batches.last();
    // Where segments are lost, or batches that the marks say were durable, an unfinished batch is
    // no work of a crash: everything up to the newest finished one was acknowledged, and rebuild()
    // will come upon the gap.
    const bool lost =
        !lostSegment_.empty() || whole < provenBatch_
        || (!firstSegmentGone_.empty() && !frames_.empty() && whole < frames_.front().entry.batch);
    if (lost) {
        whole = 0;
        for (const auto& [batch, parts] : missing) {
            if (parts == 0) whole = batch;
        }
    }
    std::erase_if(frames_, [whole](const ArchivedFrame& f) { return f.entry.batch > whole; });
    const std::string gone = lostSegment_.empty() ? firstSegmentGone_ : lostSegment_;
    if (frames_.empty() && lost && !gone.empty()) {
        return Error{Errc::kGap, gone
                                     + " is not there: it was removed or is lost: restore the "
                                       "data directory from a copy"};
    }
    if (frames_.empty()) {
        if (whole < provenBatch_) noteLostEnd();
        return {};
    }
    firstBatch_ = std::max(firstBatch_, frames_.front().entry.batch);
    begin_ = frames_.back().entry.firstOffset;
    for (const ArchivedFrame& frame : frames_) {
        if (frame.entry.batch >= firstBatch_) begin_ = std::min(begin_, frame.entry.firstOffset);
        end_ = std::max(end_, frame.entry.lastOffset + 1);
    }
    if (whole < provenBatch_) noteLostEnd();
    return {};
}

Status Archive::readNotes(const std::vector<std::string>& boxes)
{
    for (const std::string& name : boxes) {
        const std::string directory = dataDirectory_ + "/box/" + name;
        FS_TRY(const std::vector<SegmentFile> files, listSegments(*disk_, directory));
        if (files.empty()) continue;
        const std::uint64_t last = files.back().number;
        const auto nothing = [](JournalPosition, BytesView) { return Status{}; };
        const Result<ScanEnd> end =
            scanSegment(*disk_, segmentPath(directory, last), last, nothing);
        if (end.ok()) provenBatch_ = std::max(provenBatch_, end->durableBatch);
    }
    return {};
}

void Archive::noteLostEnd()
{
    std::map<BoxId, std::uint64_t> newest;
    for (const ArchivedSegment& segment : segments_)
        newest[segment.box];
    for (const ArchivedFrame& frame : frames_)
        newest[frame.box] = std::max(newest[frame.box], frame.entry.batch);
    std::map<BoxId, std::string> ends;
    for (const ArchivedSegment& segment : segments_)
        ends[segment.box] = segment.path;
    std::string files;
    for (const auto& [box, batch] : newest) {
        if (batch < provenBatch_) files += (files.empty() ? "" : " or ") + ends[box];
    }
    lostEnd_ = Error{Errc::kGap, "write batch " + std::to_string(provenBatch_)
                                     + " was durable and is not there: the end of " + files
                                     + " is missing: restore the file from a copy, or use --to "
                                     + std::to_string(end_) + " to end before it"};
}

std::string Archive::pathOf(BoxId box, std::uint64_t segment) const
{
    return segmentPath(dataDirectory_ + "/box/" + std::to_string(box.value), segment);
}

Result<Frame> Archive::read(const ArchivedFrame& frame) const
{
    const std::string path = pathOf(frame.box, frame.segment);
    FS_TRY(const std::unique_ptr<File> file, disk_->open(path, OpenMode::kRead));
    FS_TRY(const Bytes sealed, file->read(frame.entry.position, frame.entry.size));
    Result<Frame> decoded = decodeFrame(sealed);
    if (!decoded.ok()) return damagedSegment(path, frame.entry.position, decoded.error().message);
    const FrameHeader& header = decoded->header;
    const FrameEntry& entry = frame.entry;
    if (header.shard == entry.shard && header.n == entry.n && header.batch == entry.batch)
        return decoded;
    return damagedSegment(path, entry.position, "another frame than its index says");
}

Status Archive::rebuild(Offset from, Offset to,
                        const std::function<Status(const RecordView&)>& record) const
{
    const bool toTheEnd = to > end_;
    to = std::min(to, promisedEnd());
    const auto gapAt = [this](Offset first, Offset last) {
        const std::string what = "offsets " + std::to_string(first) + " to " + std::to_string(last)
                                 + " are not in " + dataDirectory_;
        if (first >= end_ && !tornEnd_.empty()) {
            return Error{Errc::kCorrupt, what + ", though checkpoints contain them: " + tornEnd_
                                             + " begins a damaged record: restore the file from "
                                               "a copy, or use --to to end before it"};
        }
        return Error{Errc::kGap, what
                                     + ": their segments were removed by retention or are lost: "
                                       "use --from "
                                     + std::to_string(last + 1) + " to begin behind the gap"};
    };
    if (from < begin_ && from < to) return gapAt(from, begin_ - 1);
    Reassembler stream(from);
    std::size_t i = 0;
    while (i < frames_.size() && stream.expected() < to) {
        const std::uint64_t batch = frames_[i].entry.batch;
        for (; i < frames_.size() && frames_[i].entry.batch == batch; ++i) {
            if (frames_[i].entry.lastOffset < from) continue;
            FS_TRY(const Frame frame, read(frames_[i]));
            FS_TRY_STATUS(stream.add(frame));
        }
        // Batches follow each other in the stream, so after each one nothing may wait.
        RecordView view;
        while (stream.expected() < to && stream.next(view))
            FS_TRY_STATUS(record(view));
        if (stream.expected() >= to) break;
        if (const auto waiting = stream.firstWaiting(); waiting && *waiting > stream.expected()) {
            return gapAt(stream.expected(), *waiting - 1);
        }
    }
    if (stream.expected() < to) return gapAt(stream.expected(), to - 1);
    return toTheEnd ? endHolds() : Status{};
}

}  // namespace foreshard
