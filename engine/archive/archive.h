#pragma once
// Archive reads a data directory as it lies on disk, without an engine and without changing it: the
// frames of all buffer boxes, in the order of the original stream. What a running engine has not
// yet made whole is left out, so it may be used beside one.
#include "engine/correlation/segment_index.h"
#include "engine/env/env.h"
#include "engine/model/dead_letter.h"
#include "engine/model/frame.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

struct ArchivedFrame {
    FrameEntry entry;
    BoxId box;
    std::uint64_t segment = 0;
};

struct ArchivedSegment {
    BoxId box;
    std::uint64_t number = 0;
    std::string path;
    SegmentIndex index;  // read, or made from the segment
};

class Archive {
public:
    // kNotFound when `dataDirectory` holds no buffer boxes; kCorrupt names file and offset.
    static Result<Archive> open(Disk& disk, std::string dataDirectory);

    // Hands out the records [from, to) in order, each once. kGap names the first offset that is not
    // there; kCorrupt file and offset.
    Status rebuild(Offset from, Offset to,
                   const std::function<Status(const RecordView&)>& record) const;
    // One past the newest whole record, and the one from which on retention has removed none (of
    // older ones some may be left, because each box loses its oldest segments by itself).
    Offset end() const { return end_; }
    Offset begin() const { return begin_; }
    // One past the newest record that was ever acknowledged as far as the checkpoints know; above
    // end() when the end of a box has been lost.
    Offset promisedEnd() const { return std::max(end_, checkpointedEnd_); }
    // kGap names the box whose end is missing, when the marks in others prove that there was more.
    Status endHolds() const { return lostEnd_ ? Status{*lostEnd_} : Status{}; }
    // The write batch that begin() belongs to.
    std::uint64_t firstBatch() const { return firstBatch_; }

    const std::vector<ArchivedSegment>& segments() const { return segments_; }
    // The dead-letter log, by offset.
    const std::map<Offset, DeadLetter>& deadLetters() const { return deadLetters_; }
    // Whether a replay gives `record` to the operator.
    bool applies(const RecordView& record) const
    {
        return record.kind == RecordKind::kData && !deadLetters_.contains(record.offset);
    }
    // Whole batches only, by (batch, shard, n).
    const std::vector<ArchivedFrame>& frames() const { return frames_; }
    Result<Frame> read(const ArchivedFrame& frame) const;
    std::string pathOf(BoxId box, std::uint64_t segment) const;

private:
    Archive(Disk& disk, std::string dataDirectory)
        : disk_(&disk), dataDirectory_(std::move(dataDirectory))
    {
    }
    Status openBox(BoxId box);
    Status sortFrames();
    Status readNotes(const std::vector<std::string>& boxes);
    void noteLostEnd();

    Disk* disk_;
    std::string dataDirectory_;
    std::vector<ArchivedSegment> segments_;
    std::vector<ArchivedFrame> frames_;
    std::map<Offset, DeadLetter> deadLetters_;
    Offset begin_ = 0;
    Offset end_ = 0;
    Offset checkpointedEnd_ = 0;  // one past what any listed checkpoint contains
    std::uint64_t firstBatch_ = 0;
    std::uint64_t provenBatch_ = 0;  // the marks say that it is durable
    std::optional<Error> lostEnd_;
    std::string tornEnd_;           // "file at offset N" of a box whose last record is unfinished
    std::string lostSegment_;       // of a box: others of its segments lie before and behind it
    std::string firstSegmentGone_;  // of a box: its oldest segment is not there
};

}  // namespace foreshard
