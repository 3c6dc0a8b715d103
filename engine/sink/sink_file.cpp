#include "engine/sink/sink_file.h"

#include "engine/base/crc32c.h"
#include "engine/sink/sink_uri.h"
#include "engine/wire/codec.h"

#include <algorithm>

namespace foreshard {
namespace {

constexpr std::size_t kTailBytes = 4096;  // whose checksum the progress file keeps

bool noSpace(const Status& status) { return !status.ok() && status.error().code == Errc::kNoSpace; }

// Follows the rows of one batch after another, and knows which are whole.
class BatchTracker {
public:
    // False when the row cannot follow the ones before it.
    bool take(const SinkRow& row, FrameNo has)
    {
        if (next_ == 1) {
            if (row.i != 1 || row.n <= has) return false;
            current_ = row;
        }
        const bool same = row.shard == current_.shard && row.n == current_.n
                          && row.of == current_.of && row.i == next_;
        if (!same) return false;
        next_ = row.i == row.of ? 1 : row.i + 1;
        return true;
    }
    bool whole() const { return next_ == 1; }

private:
    SinkRow current_;
    std::uint32_t next_ = 1;
};

// Of the bytes there; what is missing does not count.
Result<std::uint32_t> crcOf(Input& file, std::uint64_t from, std::uint64_t to)
{
    constexpr std::uint64_t kPartBytes = 1U << 20U;
    std::uint32_t crc = 0;
    while (from < to) {
        const auto length = static_cast<std::size_t>(std::min(to - from, kPartBytes));
        FS_TRY(const Input::Chunk chunk, file.read(from, length));
        if (chunk.data.empty()) break;
        crc = crc32c(chunk.data, crc);
        from += chunk.data.size();
    }
    return crc;
}

}  // namespace

std::string sinkProgressPath(const std::string& path) { return path + ".progress"; }

Result<std::uint32_t> sinkTailCrc(const File& file, std::uint64_t position)
{
    const std::uint64_t length = std::min<std::uint64_t>(position, kTailBytes);
    FS_TRY(const Bytes tail, file.read(position - length, static_cast<std::size_t>(length)));
    return crc32c(tail);
}

Result<std::uint64_t> sinkStreamOf(Disk& disk, const std::string& path)
{
    const std::string progressPath = sinkProgressPath(path);
    const Result<Bytes> noted = disk.readWhole(progressPath);
    if (!noted.ok() && noted.error().code == Errc::kNotFound) return std::uint64_t{0};
    if (!noted.ok()) return noted.error();
    FS_TRY(const SinkProgress progress, decodeSinkProgress(*noted).during("read " + progressPath));
    return progress.stream;
}

SinkFile::SinkFile(Env& env, Options options) : env_(env), options_(std::move(options)) {}

Result<std::unique_ptr<SinkFile>> SinkFile::open(Env& env, Options options,
                                                 std::function<void()> onDurable,
                                                 std::function<void(const Error&)> onFailure)
{
    std::unique_ptr<SinkFile> file(new SinkFile(env, std::move(options)));
    file->onDurable_ = std::move(onDurable);
    file->onFailure_ = std::move(onFailure);
    FS_TRY_STATUS(file->openFiles().during("sink " + file->path()));
    return file;
}

Status SinkFile::openFiles()
{
    // Where it cannot be, nothing is left beside it either.
    const Result<std::unique_ptr<File>> there = env_.disk.open(path(), OpenMode::kAppend);
    if (!there.ok() && there.error().code != Errc::kNotFound) return there.error();
    FS_TRY(lock_, env_.disk.lock(path() + ".lock"));
    Result<std::unique_ptr<File>> file = env_.disk.open(path(), OpenMode::kAppend);
    if (!file.ok() && file.error().code != Errc::kNotFound) return file.error();
    const Result<Bytes> noted = env_.disk.readWhole(sinkProgressPath(path()));
    if (!noted.ok() && noted.error().code != Errc::kNotFound) return noted.error();
    if (noted.ok()) {
        Result<SinkProgress> progress = decodeSinkProgress(*noted);
        if (!progress.ok()) return progress.error().during("read " + sinkProgressPath(path()));
        progress_ = std::move(progress).value();
        FS_TRY_STATUS(checkKnownPart(file.ok() ? (*file)->size() : 0));
    }
    if (file.ok()) file_ = std::move(file).value();
    if (!noted.ok() || file_ == nullptr) FS_TRY_STATUS(makeNew(file_ != nullptr));
    durableBytes_ = progress_.bytes;
    for (const SinkShard& shard : progress_.shards)
        shards_[shard.shard] = {shard.epoch, shard.n, shard.n, shard.n};
    if (durableBytes_ > 0) {
        FS_TRY(const std::uint32_t crc, sinkTailCrc(*file_, durableBytes_));
        if (crc != progress_.tailCrc) {
            return Error{Errc::kCorrupt,
                         path() + " was changed before offset " + std::to_string(durableBytes_)
                             + ": something else wrote to it: restore the file and its .progress "
                               "from one copy"};
        }
    }
    FS_TRY(Bytes tail, readTail());
    return redo(std::move(tail));
}

Status SinkFile::makeNew(bool fileExists)
{
    if (fileExists && file_->size() > 0) {
        return Error{Errc::kInvalid,
                     "the file exists and is not one that this program wrote, or its .progress is "
                     "lost: it is never overwritten: choose another name, or restore the file and "
                     "its .progress from one copy; `foreshard sink --verify` checks its rows"};
    }
    progress_ = {};
    progress_.format = options_.format;
    // First the note, so that whatever is in the file later is known to be ours.
    FS_TRY_STATUS(env_.disk.writeWhole(sinkProgressPath(path()), encodeSinkProgress(progress_)));
    if (fileExists) return {};
    FS_TRY(file_, env_.disk.open(path(), OpenMode::kCreate));
    return {};
}

Status SinkFile::checkKnownPart(std::uint64_t size) const
{
    if (progress_.format != options_.format) {
        return Error{Errc::kInvalid, std::string("the file holds ")
                                         + sinkFormatName(progress_.format) + ", not "
                                         + sinkFormatName(options_.format)
                                         + ": use the same format, or another file"};
    }
    if (size >= progress_.bytes) return {};
    return Error{Errc::kGap, path() + " has " + std::to_string(size) + " bytes where "
                                 + std::to_string(progress_.bytes)
                                 + " were durable: it was cut or replaced: restore the file and "
                                   "its .progress from one copy"};
}

Result<Bytes> SinkFile::readTail()
{
    Bytes tail = progress_.tail;
    if (tail.empty() && !progress_.cut) {
        const auto length = static_cast<std::size_t>(file_->size() - durableBytes_);
        FS_TRY(tail, file_->read(durableBytes_, length));
    }
    FS_TRY(const std::size_t sound, scan(tail));
    tail.resize(sound);
    return tail;
}

Result<std::size_t> SinkFile::scan(BytesView text)
{
    std::size_t position = 0;
    if (durableBytes_ == 0) {
        const BytesView header = sinkHeader(options_.format);
        if (!text.starts_with(header)) return std::size_t{0};
        position = header.size();
    }
    BatchTracker tracker;
    std::size_t end = position;
    for (;;) {
        const Result<SinkRow> row = readRow(options_.format, text.substr(position));
        if (!row.ok()) return end;
        if (!tracker.take(*row, has(row->shard))) {
            return Error{Errc::kCorrupt, path() + " at offset "
                                             + std::to_string(durableBytes_ + position)
                                             + " has a row that does not follow the one before: "
                                               "something else wrote to it: restore the file and "
                                               "its .progress from one copy"};
        }
        position += row->bytes;
        if (!tracker.whole()) continue;
        end = position;
        Shard& shard = shards_[row->shard];
        shard.has = shard.found = row->n;
    }
}

Status SinkFile::redo(Bytes tail)
{
    redoing_ = !tail.empty();
    noteFirst_ = tail != progress_.tail || progress_.cut;
    progress_.tail = tail;
    progress_.cut = false;
    if (durableBytes_ == 0 && tail.empty()) tail = Bytes(sinkHeader(options_.format));
    enqueue({{}, 0, 0, std::move(tail)});
    const Status begun = writeAnew();
    if (!noSpace(begun)) return begun;
    waitForSpace();
    return {};
}

Status SinkFile::writeAnew()
{
    if (noteFirst_)
        FS_TRY_STATUS(
            env_.disk.writeWhole(sinkProgressPath(path()), encodeSinkProgress(progress_)));
    noteFirst_ = false;
    // A file that has refused a write refuses every later one.
    FS_TRY(std::unique_ptr<File> file, env_.disk.open(path(), OpenMode::kAppend));
    if (file->size() > durableBytes_) FS_TRY_STATUS(file->truncate(durableBytes_));
    file_ = std::move(file);
    for (const Append& append : underWay_)
        send(append.text);
    return {};
}

Status SinkFile::bind(std::uint64_t stream)
{
    FS_CHECK(progress_.stream == 0 || progress_.stream == stream);
    if (progress_.stream == stream) return {};
    progress_.stream = stream;
    const Status noted =
        env_.disk.writeWhole(sinkProgressPath(path()), encodeSinkProgress(progress_));
    if (noSpace(noted)) {
        progress_.stream = 0;
        full_ = true;
    }
    return noted.during("sink " + path());
}

FrameNo SinkFile::has(ShardId shard) const
{
    const auto it = shards_.find(shard);
    return it == shards_.end() ? 0 : it->second.has;
}

FrameNo SinkFile::durable(ShardId shard) const
{
    const auto it = shards_.find(shard);
    return it == shards_.end() ? 0 : it->second.durable;
}

bool SinkFile::admits(ShardId shard, Epoch epoch)
{
    Epoch& newest = shards_[shard].epoch;
    if (epoch < newest) return false;
    newest = epoch;
    return true;
}

void SinkFile::append(const OutputBatch& batch, Bytes text)
{
    FS_CHECK(batch.n > has(batch.shard));
    shards_[batch.shard].has = batch.n;
    enqueue({batch.shard, batch.n, batch.rows, std::move(text)});
    if (!waiting_) send(underWay_.back().text);
}

void SinkFile::enqueue(Append append)
{
    underWayBytes_ += append.text.size();
    underWay_.push_back(std::move(append));
}

void SinkFile::send(const Bytes& text)
{
    ++sent_;
    // A copy goes, so that it can be written again when the disk turns out to be full.
    file_->append(text, true, env_.strand,
                  lifetime_.guard([this](const Status& status) { written(status); }));
}

void SinkFile::written(const Status& status)
{
    --sent_;
    if (failed_) return;
    // Behind something that found no room nothing counts: all of it is written again.
    const Status counted = status.ok() && !waiting_ ? count() : status;
    if (!counted.ok() && !noSpace(counted)) return fail(counted.error());
    waiting_ = waiting_ || !counted.ok();
    if (!waiting_) return onDurable_();
    // Nothing is cut before the last word.
    if (sent_ == 0) waitForSpace();
}

Status SinkFile::count()
{
    const Append& append = underWay_.front();
    const std::uint64_t end = durableBytes_ + append.text.size();
    // The tail must be gone from the note before anything behind it counts.
    if (redoing_) FS_TRY_STATUS(writeProgress(end, false));
    newCrc_ = redoing_ ? 0 : crc32c(append.text, newCrc_);
    redoing_ = false;
    full_ = false;
    durableBytes_ = end;
    rows_ += append.rows;
    if (append.rows > 0) {
        shards_[append.shard].durable = append.n;
    } else {
        // The first sync after a start: it covers everything that was found.
        for (auto& [id, shard] : shards_)
            shard.durable = std::max(shard.durable, shard.found);
    }
    underWayBytes_ -= append.text.size();
    underWay_.pop_front();
    const bool due = durableBytes_ - progress_.bytes >= options_.progressEveryBytes;
    return due ? noteProgress() : Status{};
}

void SinkFile::waitForSpace()
{
    waiting_ = true;
    full_ = true;
    env_.strand.postAfter(kSpaceAgain, lifetime_.guard([this] { tryAgain(); }));
}

void SinkFile::tryAgain()
{
    const Status status = writeAnew();
    if (noSpace(status)) return waitForSpace();
    if (!status.ok()) return fail(status.error());
    waiting_ = false;
}

void SinkFile::fail(const Error& error)
{
    // When even this fails, the next start judges by the rows that are there. While the tail is
    // written anew, the progress file has it and stays; so it does when the rows are not there.
    if (!redoing_ && !failed_) static_cast<void>(writeProgress(durableBytes_, true).ok());
    failed_ = true;
    onFailure_(error.during("sink " + path()));
}

SinkProgress SinkFile::progressAt(std::uint64_t bytes) const
{
    SinkProgress progress;
    progress.stream = progress_.stream;
    progress.format = options_.format;
    progress.bytes = bytes;
    for (const auto& [id, shard] : shards_)
        progress.shards.push_back({id, shard.epoch, std::max(shard.durable, shard.found)});
    return progress;
}

Status SinkFile::writeProgress(std::uint64_t bytes, bool cut)
{
    SinkProgress progress = progressAt(bytes);
    progress.cut = cut;
    FS_TRY(progress.tailCrc, sinkTailCrc(*file_, bytes));
    FS_TRY_STATUS(env_.disk.writeWhole(sinkProgressPath(path()), encodeSinkProgress(progress)));
    if (bytes == durableBytes_) newCrc_ = 0;
    progress_ = std::move(progress);
    return {};
}

Status SinkFile::stillThere()
{
    if (failed_ || redoing_ || waiting_) return {};
    constexpr const char* kNext =
        ": the file of a sink is not rotated while it is written: restore it and its .progress "
        "from one copy, or begin with a new file and a new data directory";
    const Result<std::unique_ptr<Input>> file = env_.disk.openInput(path());
    if (!file.ok()) {
        // Anything else the next append will say.
        failed_ = file.error().code == Errc::kNotFound;
        if (!failed_) return {};
        return Error{Errc::kCorrupt, std::string("it is gone: it was removed or renamed") + kNext};
    }
    const std::uint64_t noted = progress_.bytes;
    const std::uint64_t begin = noted - std::min<std::uint64_t>(noted, kTailBytes);
    const Result<std::uint32_t> tail = crcOf(**file, begin, noted);
    const Result<std::uint32_t> fresh = crcOf(**file, noted, durableBytes_);
    if (!tail.ok() || !fresh.ok()) return {};
    if (*tail == progress_.tailCrc && *fresh == newCrc_) return {};
    failed_ = true;
    return Error{Errc::kCorrupt, "it was cut or overwritten before offset "
                                     + std::to_string(durableBytes_) + kNext};
}

Status SinkFile::noteProgress()
{
    // What the progress says must be there: it is what the next start believes.
    FS_TRY_STATUS(stillThere());
    if (!failed_ && !redoing_ && durableBytes_ != progress_.bytes)
        static_cast<void>(writeProgress(durableBytes_, false).ok());
    return {};
}

}  // namespace foreshard
