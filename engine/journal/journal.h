#pragma once
// A folder of numbered segment files that hold envelopes (wire/envelope.h) one after another. It is
// the one durable form in the project: buffer boxes, checkpoints and the control
// log are journals with different records. It knows nothing of what a record means.
//
// Lives on one strand. Appends are asynchronous and complete in order within a segment; everything
// else is synchronous and meant for start-up, replay and tools. See FORMAT.md.
//
// After a failed sync the file takes nothing more, and nothing is ever synced again on it: the
// owner stops with the reason, and the next start reads what is really there.
#include "engine/env/env.h"
#include "engine/journal/segment_reader.h"
#include "engine/journal/segment_tail.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class Journal {
public:
    static constexpr Nanos kSpaceAgain = 200ms;

    struct Options {
        std::string directory;
        std::uint64_t segmentBytesMax = 64ULL << 20U;
        // Begins a new segment and neither reads nor cuts the old ones: for records that count only
        // once they are listed elsewhere.
        bool fresh = false;
    };

    // Opens or creates the folder, visits every record of every segment for which `wanted` is true
    // (the last one always), and cuts a torn tail off the last segment. Afterwards everything that
    // was visited is durable. kGap names a segment that is missing between others.
    static Result<std::unique_ptr<Journal>> open(
        Env& env, Options options, const RecordVisitor& visit,
        const std::function<bool(std::uint64_t)>& wanted = {});

    // Appends whole envelopes as one write; `done` runs on the strand once they are durable.
    // Returns where their first byte will be. Starts a new segment when the current one is full;
    // its file appears only when the one before is durable, so a crash can tear none but the last.
    // A full disk is no failure: the file is cut back to its last durable append, and what waits is
    // written again every kSpaceAgain until there is room; `done` just comes late. After any other
    // failure every later append fails with the same error. Appends that wait are kept in memory:
    // callers bound how much they have under way.
    Result<JournalPosition> append(Bytes envelopes, File::Done done);
    // Buffer boxes: every batch up to `batch` is durable in all boxes. The next marks repeat the
    // number, so a reader that finds one knows that none of those batches may be missing.
    void setDurableBatch(std::uint64_t batch) { durableBatch_ = batch; }
    // The highest durable batch that a mark of the last segment named when open() read it.
    std::uint64_t foundDurableBatch() const { return foundDurableBatch_; }
    // The next append starts a new segment.
    void rotate() { rotateNext_ = true; }
    // The whole envelope at `at`, checked.
    Result<Bytes> read(JournalPosition at, std::uint64_t bytes) const;
    // Cuts everything from `at` on, in all segments. REQUIRES: no append under way.
    Status cut(JournalPosition at);
    // Removes whole segments with a number below `segment`; never the current one.
    Status removeBefore(std::uint64_t segment);
    Status remove(std::uint64_t segment);

    // kCorrupt names a segment that somebody has removed, moved or cut since it was written. Cheap
    // enough for once a second.
    Status filesThere() const;

    const std::string& directory() const { return options_.directory; }
    std::uint64_t currentSegment() const { return current_; }
    const std::map<std::uint64_t, std::uint64_t>& segmentBytes() const { return bytes_; }
    std::uint64_t totalBytes() const;
    // The disk is full and appends wait for room.
    bool waiting() const { return waiting_; }
    std::string pathOf(std::uint64_t n) const { return segmentPath(options_.directory, n); }

private:
    Journal(Env& env, Options options) : env_(env), options_(std::move(options)) {}
    struct Pending {
        Bytes envelopes;
        File::Done done;
    };
    Status beginFirst(std::uint64_t segment);
    Status openLast(const SegmentFile& segment, const ScanEnd& end);
    Status createSegment(std::uint64_t segment);
    void adoptFile(std::uint64_t segment, std::uint64_t salt);
    void write(Pending append);
    void send(const Bytes& envelopes);
    void written(const Status& status);
    void beginAwaitedSegment();
    void failPending();
    void waitForSpace();
    void tryAgain();
    Status reopenAtDurableEnd();
    void proveSoon();
    void proveNow();

    Env& env_;
    Options options_;
    std::map<std::uint64_t, std::uint64_t> bytes_;  // segment -> bytes appended, durable or not
    std::uint64_t current_ = 0;
    bool rotateNext_ = false;
    std::shared_ptr<File> file_;
    std::uint64_t fileSegment_ = 0;  // of file_; current_ unless a segment is awaited
    SegmentTail tail_;               // of file_
    std::uint64_t sends_ = 0;        // appends handed to any file so far
    std::uint64_t sendsSeen_ = 0;    // sends_ when the wait for quiet began
    bool proveScheduled_ = false;
    std::uint64_t durableBatch_ = 0;
    std::uint64_t foundDurableBatch_ = 0;
    std::uint64_t underWay_ = 0;     // appends to file_ that have not completed
    std::deque<Pending> sent_;       // appends to file_ that are not durable yet, oldest first
    bool awaitsSegment_ = false;     // current_ has no file yet: file_ must be durable before
    std::vector<Pending> awaiting_;  // appends to the segment that is awaited
    bool waiting_ = false;           // the disk is full
    std::optional<Error> failed_;    // why every further append fails
    Lifetime lifetime_;
};

}  // namespace foreshard
