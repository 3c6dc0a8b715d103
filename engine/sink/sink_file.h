#pragma once
// SinkFile is the durable end of a sink: the user's file of tagged rows, and beside it
// FILE.progress, which says now and then how far the file is durable and what it holds per shard.
// What lies behind that is read back from the rows themselves, so what the sink remembers is
// exactly as durable as what it wrote. Formats: FORMAT.md. Lives on the sink's strand.
//
// A full disk is waited for: the file is cut back to its last durable row, and what it has taken is
// written again until there is room. An fsync that failed is never asked for again: the file takes
// no more, and the progress file tells the next start to cut off what was not made durable.
#include "engine/env/env.h"
#include "engine/model/output.h"
#include "engine/sink/row_text.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace foreshard {

std::string sinkProgressPath(const std::string& path);
// Of the last bytes before `position`, as the progress file keeps it.
Result<std::uint32_t> sinkTailCrc(const File& file, std::uint64_t position);

// The stream that the sink file at `path` belongs to; 0: none yet, or there is no such file.
Result<std::uint64_t> sinkStreamOf(Disk& disk, const std::string& path);

class SinkFile {
public:
    static constexpr Nanos kSpaceAgain = 200ms;

    struct Options {
        std::string path;
        SinkFormat format = SinkFormat::kJsonl;
        std::uint64_t progressEveryBytes = 4U << 20U;  // bounds what a start has to read
    };

    // Makes the file, or goes on with it: cuts a torn end off and finds what it holds. Refuses what
    // is not such a file (kInvalid), is in use (kBusy), was changed (kCorrupt) or lacks rows that
    // were confirmed (kGap). `onDurable` is called whenever more of it is durable.
    static Result<std::unique_ptr<SinkFile>> open(Env& env, Options options,
                                                  std::function<void()> onDurable,
                                                  std::function<void(const Error&)> onFailure);

    // The stream the file belongs to; 0: none yet.
    std::uint64_t stream() const { return progress_.stream; }
    // kNoSpace: nothing has changed, and it may be asked for again.
    Status bind(std::uint64_t stream);

    // The last frame of the shard that is in the file, durable or not; that is durable.
    FrameNo has(ShardId shard) const;
    FrameNo durable(ShardId shard) const;
    // Notes the epoch; false when a newer one was heard of already.
    bool admits(ShardId shard, Epoch epoch);

    // What waits is held in memory: callers bound bytesUnderWay().
    // REQUIRES: batch.n > has(batch.shard); `text` is its rowsText().
    void append(const OutputBatch& batch, Bytes text);
    // Writes the progress file when there is news; a write that fails leaves the old one, which
    // holds too. The error is one of stillThere().
    Status noteProgress();
    // Does the path still lead to the rows that were written since the progress was noted, and to
    // the last ones before? kCorrupt: somebody cut, renamed or replaced the file; it takes no more.
    Status stillThere();

    const std::string& path() const { return options_.path; }
    SinkFormat format() const { return options_.format; }
    std::uint64_t durableBytes() const { return durableBytes_; }
    std::uint64_t bytesUnderWay() const { return underWayBytes_; }
    std::uint64_t rows() const { return rows_; }
    // The disk was full when something was written last.
    bool full() const { return full_; }

private:
    struct Shard {
        Epoch epoch;
        FrameNo has = 0;
        FrameNo durable = 0;
        FrameNo found = 0;  // by the scan at the start, durable or not
    };
    struct Append {
        ShardId shard;
        FrameNo n = 0;
        std::uint32_t rows = 0;
        Bytes text;
    };

    SinkFile(Env& env, Options options);
    Status openFiles();
    Status makeNew(bool fileExists);
    Status checkKnownPart(std::uint64_t size) const;
    // What lies behind the progress: its whole batches, and what they hold per shard.
    Result<Bytes> readTail();
    Result<std::size_t> scan(BytesView text);
    // Writes the tail anew. What a killed process or a failed sync has left can be read and yet be
    // beyond any later sync, so it is not relied on.
    Status redo(Bytes tail);
    // Cuts the file back to what is durable, and writes what is under way behind that.
    Status writeAnew();
    SinkProgress progressAt(std::uint64_t bytes) const;
    Status writeProgress(std::uint64_t bytes, bool cut);
    void enqueue(Append append);
    void send(const Bytes& text);
    void written(const Status& status);
    // The oldest append is durable.
    Status count();
    void waitForSpace();
    void tryAgain();
    void fail(const Error& error);

    Env& env_;
    Options options_;
    std::function<void()> onDurable_;
    std::function<void(const Error&)> onFailure_;
    Lifetime lifetime_;
    std::shared_ptr<void> lock_;
    std::unique_ptr<File> file_;
    SinkProgress progress_;  // as written last
    std::map<ShardId, Shard> shards_;
    std::deque<Append> underWay_;  // not durable, oldest first
    std::uint64_t underWayBytes_ = 0;
    std::size_t sent_ = 0;  // appends to file_ that have not completed
    std::uint64_t durableBytes_ = 0;
    std::uint64_t rows_ = 0;
    std::uint32_t newCrc_ = 0;  // of the rows from progress_.bytes to durableBytes_
    bool noteFirst_ = false;    // progress_ is to be written before the file is cut
    bool redoing_ = false;      // the tail is in the progress file, and not yet durable here
    bool waiting_ = false;      // for room; what is under way is written again
    bool full_ = false;
    bool failed_ = false;
};

}  // namespace foreshard
