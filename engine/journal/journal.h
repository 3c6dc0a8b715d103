#pragma once
// A folder of numbered segment files that hold envelopes (wire/envelope.h) one after another. It is
// the one durable form in the project: buffer boxes, checkpoints, the manifest and the assignment
// log are journals with different records. It knows nothing of what a record means.
//
// Lives on one strand. Appends are asynchronous and complete in order within a segment; everything
// else is synchronous and meant for start-up, replay and tools. See FORMAT.md.
//
// After a failed sync the file takes nothing more, and nothing is ever synced again on it: the
// owner stops with the reason, and the next start reads what is really there.
#include "engine/env/env.h"
#include "engine/journal/segment_reader.h"

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
    // failure every later append fails with the same error. What waits is kept in memory: callers
    // bound how much they have under way.
    Result<JournalPosition> append(Bytes envelopes, File::Done done);
    // What else is durable by now, in the owner's terms; it goes into the next marks. For a reader
    // that finds a mark it is proven.
    void setNote(std::uint64_t note) { note_ = note; }
    // The highest note that open() met in the last segment.
    std::uint64_t foundNote() const { return foundNote_; }
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
    std::string pathOf(std::uint64_t segment) const
    {
        return segmentPath(options_.directory, segment);
    }

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
    std::uint64_t salt_ = 0;         // of file_
    std::uint64_t durable_ = 0;      // bytes of file_ that no failure can take back
    std::uint64_t end_ = 0;          // of file_ with what is under way
    std::uint64_t dataEnd_ = 0;      // behind the last record of file_ that is no mark
    std::uint64_t proven_ = 0;       // a mark in file_ says that it is durable up to here
    std::uint64_t sends_ = 0;
    std::uint64_t sendsSeen_ = 0;  // when the quiet began
    bool proveScheduled_ = false;
    std::uint64_t note_ = 0;
    std::uint64_t foundNote_ = 0;
    std::uint64_t underWay_ = 0;  // appends to file_ that have not completed
    std::deque<Pending> sent_;    // meant for file_, oldest first, not durable yet
    bool awaitsSegment_ = false;  // current_ has no file yet: it waits for the one before it
    std::vector<Pending> awaiting_;
    bool waiting_ = false;
    std::optional<Error> failed_;
    Lifetime lifetime_;
};

}  // namespace foreshard
