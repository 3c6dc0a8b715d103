#include "engine/journal/journal.h"

#include "engine/base/mutant.h"
#include "engine/wire/envelope.h"

#include <algorithm>
#include <iterator>

namespace foreshard {
namespace {

// When no further append follows, a mark alone is written after this much quiet: it proves that
// the last append was durable.
constexpr Nanos kProveAfter = 200ms;

Status followsOn(const std::string& directory, const std::vector<SegmentFile>& segments)
{
    for (std::size_t i = 1; i < segments.size(); ++i) {
        const std::uint64_t wanted = segments[i - 1].number + 1;
        if (segments[i].number == wanted) continue;
        return Error{Errc::kGap, segmentPath(directory, wanted)
                                     + " is not there, but later segments are: it was removed or "
                                       "is lost: restore it from a copy"};
    }
    return {};
}

// A planted bug: cuts the last whole record off together with the torn one behind it.
Status dropLastWhole(Disk& disk, const std::string& path, std::uint64_t segment)
{
    std::uint64_t last = 0;
    const auto note = [&last](JournalPosition at, BytesView) {
        last = at.position;
        return Status{};
    };
    FS_TRY(const ScanEnd end, scanSegment(disk, path, segment, note));
    if (!end.torn || end.validBytes == 0) return {};
    FS_TRY(const std::unique_ptr<File> file, disk.open(path, OpenMode::kAppend));
    return file->truncate(last);
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(Env& env, Options options,
                                               const RecordVisitor& visit,
                                               const std::function<bool(std::uint64_t)>& wanted)
{
    std::unique_ptr<Journal> journal(new Journal(env, std::move(options)));
    const std::string& directory = journal->options_.directory;
    FS_TRY_STATUS(env.disk.createDirectories(directory));
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(env.disk, directory));
    for (const SegmentFile& segment : segments)
        journal->bytes_[segment.number] = segment.bytes;
    if (segments.empty() || journal->options_.fresh) {
        FS_TRY_STATUS(journal->beginFirst(segments.empty() ? 1 : segments.back().number + 1));
        return journal;
    }
    FS_TRY_STATUS(followsOn(directory, segments));
    for (const SegmentFile& segment : segments) {
        const bool last = segment.number == segments.back().number;
        if (!last && wanted && !wanted(segment.number)) continue;
        const std::string path = segmentPath(directory, segment.number);
        if (last && mutant(Mutant::kDropLastWhole))
            FS_TRY_STATUS(dropLastWhole(env.disk, path, segment.number));
        FS_TRY(const ScanEnd end,
               scanSegment(env.disk, path, segment.number, visit, segment.proof));
        if (end.torn && !last) return damagedSegment(path, end.validBytes, "the file is cut short");
        if (last) FS_TRY_STATUS(journal->openLast(segment, end));
    }
    return journal;
}

Status Journal::beginFirst(std::uint64_t segment)
{
    const Status created = createSegment(segment);
    const bool noSpace = !created.ok() && created.error().code == Errc::kNoSpace;
    if (!options_.fresh || !noSpace) return created;
    // A node was started again while the engine runs and the disk is full: its first append waits
    // for space, as the appends of the other parts do.
    current_ = segment;
    bytes_[current_] = kSegmentHeaderBytes;
    awaitsSegment_ = true;
    waitForSpace();
    return {};
}

Status Journal::openLast(const SegmentFile& segment, const ScanEnd& end)
{
    FS_TRY(file_, env_.disk.open(pathOf(segment.number), OpenMode::kAppend));
    // Torn or not, the file is synced by truncate(): a killed process leaves bytes that can be read
    // but are not durable, and the owner relies on every record it has just visited.
    FS_TRY_STATUS(file_->truncate(end.validBytes));
    adoptFile(segment.number, end.salt);
    durableBatch_ = foundDurableBatch_ = end.durableBatch;
    return {};
}

Status Journal::createSegment(std::uint64_t segment)
{
    SegmentHeader header;
    header.journal = journalName(options_.directory);
    header.segment = segment;
    header.salt = env_.random.next();
    if (file_ != nullptr) {
        header.previousBytes = tail_.end();
        header.previousSalt = tail_.salt();
    }
    const std::string path = pathOf(segment);
    // The header is durable before the first append, so a segment without one is always damage.
    FS_TRY_STATUS(env_.disk.writeWhole(path, encodeSegmentHeader(header)));
    FS_TRY(file_, env_.disk.open(path, OpenMode::kAppend));
    adoptFile(segment, header.salt);
    return {};
}

void Journal::adoptFile(std::uint64_t segment, std::uint64_t salt)
{
    current_ = fileSegment_ = segment;
    bytes_[segment] = file_->size();
    tail_.adopt(salt, file_->size());
    rotateNext_ = false;
}

Result<JournalPosition> Journal::append(Bytes envelopes, File::Done done)
{
    FS_CHECK(envelopes.size() % 8 == 0);
    if (failed_) return *failed_;
    const std::uint64_t bytes = bytes_[current_];
    const bool full = bytes > kSegmentHeaderBytes && bytes >= options_.segmentBytesMax;
    if ((rotateNext_ || full) && !awaitsSegment_) {
        const bool idle = underWay_ == 0 && !waiting_;
        const Status opened = idle ? createSegment(current_ + 1) : Status{};
        const bool noSpace = !opened.ok() && opened.error().code == Errc::kNoSpace;
        if (!opened.ok() && !noSpace) return *(failed_ = opened.error());
        if (!idle || noSpace) {
            bytes_[++current_] = kSegmentHeaderBytes;
            rotateNext_ = false;
            awaitsSegment_ = true;
        }
        if (noSpace) waitForSpace();
    }
    const JournalPosition at{current_, bytes_[current_] + kMarkBytes};
    bytes_[current_] = at.position + envelopes.size();
    Pending append{std::move(envelopes), std::move(done)};
    if (awaitsSegment_) {
        awaiting_.push_back(std::move(append));
    } else {
        write(std::move(append));
    }
    return at;
}

void Journal::write(Pending append)
{
    sent_.push_back(std::move(append));
    if (!waiting_) send(sent_.back().envelopes);
}

void Journal::send(const Bytes& envelopes)
{
    ++underWay_;
    ++sends_;
    // The file gets a copy: when the disk turns out to be full, sent_ is written again.
    Bytes data = encodeMark(tail_.mark(durableBatch_));
    data += envelopes;
    tail_.sent(data.size(), !envelopes.empty());
    const bool sync = !mutant(Mutant::kSkipFsync);
    file_->append(std::move(data), sync, env_.strand,
                  lifetime_.guard([this](const Status& status) { written(status); }));
}

void Journal::written(const Status& status)
{
    --underWay_;
    if (status.ok()) {
        Pending append = std::move(sent_.front());
        sent_.pop_front();
        tail_.becameDurable(kMarkBytes + append.envelopes.size());
        if (underWay_ == 0 && sent_.empty() && awaitsSegment_) beginAwaitedSegment();
        // Records of a fresh journal are proven by whoever lists them (Options::fresh).
        if (!options_.fresh) proveSoon();
        return append.done(status);  // last: the owner may append again or go away
    }
    // After one failed append every later append to the file fails too; what to do about it is
    // decided when the last of them has answered.
    const bool noSpace = status.error().code == Errc::kNoSpace;
    if (!noSpace && !failed_) failed_ = status.error();
    if (noSpace && !failed_) waiting_ = true;
    if (underWay_ > 0) return;
    if (failed_) {
        waiting_ = false;
        failPending();
    } else {
        waitForSpace();
    }
}

void Journal::failPending()
{
    awaitsSegment_ = false;
    std::vector<File::Done> waiting;
    for (Pending& append : sent_)
        waiting.push_back(std::move(append.done));
    for (Pending& append : awaiting_)
        waiting.push_back(std::move(append.done));
    sent_.clear();
    awaiting_.clear();
    for (File::Done& done : waiting) {
        env_.strand.post(
            lifetime_.guard([error = *failed_, done = std::move(done)] { done(error); }));
    }
}

void Journal::waitForSpace()
{
    waiting_ = true;
    env_.strand.postAfter(kSpaceAgain, lifetime_.guard([this] { tryAgain(); }));
}

void Journal::tryAgain()
{
    const Status status = reopenAtDurableEnd();
    if (!status.ok() && status.error().code == Errc::kNoSpace) return waitForSpace();
    waiting_ = false;
    if (!status.ok()) {
        failed_ = status.error();
        return failPending();
    }
    for (const Pending& append : sent_)
        send(append.envelopes);
    if (sent_.empty() && awaitsSegment_) beginAwaitedSegment();
}

Status Journal::reopenAtDurableEnd()
{
    if (sent_.empty()) return {};  // file_ is complete: only the next segment waits for space
    const std::string path = pathOf(fileSegment_);
    FS_TRY(std::unique_ptr<File> file, env_.disk.open(path, OpenMode::kAppend));
    FS_TRY_STATUS(file->truncate(tail_.durable()));
    file_ = std::move(file);
    tail_.cutBack();
    return {};
}

void Journal::proveSoon()
{
    if (proveScheduled_ || tail_.isProven()) return;
    proveScheduled_ = true;
    sendsSeen_ = sends_;
    env_.strand.postAfter(kProveAfter, lifetime_.guard([this] {
        proveScheduled_ = false;
        proveNow();
    }));
}

void Journal::proveNow()
{
    // An append that is under way brings the next mark, and written() calls proveSoon() again.
    if (failed_ || waiting_ || awaitsSegment_ || !sent_.empty() || tail_.isProven()) return;
    if (sends_ != sendsSeen_) return proveSoon();  // an append came meanwhile: wait for quiet again
    bytes_[current_] += kMarkBytes;
    write({Bytes{}, [](const Status&) {}});
}

void Journal::beginAwaitedSegment()
{
    const std::uint64_t bytes = bytes_[current_];
    const Status status = createSegment(current_);
    bytes_[current_] = bytes;
    if (!status.ok() && status.error().code == Errc::kNoSpace) return waitForSpace();
    if (!status.ok()) {
        failed_ = status.error();
        return failPending();
    }
    awaitsSegment_ = false;
    std::vector<Pending> awaiting;
    awaiting.swap(awaiting_);
    for (Pending& append : awaiting)
        write(std::move(append));
}

Result<Bytes> Journal::read(JournalPosition at, std::uint64_t bytes) const
{
    const std::string path = pathOf(at.segment);
    FS_TRY(const std::unique_ptr<File> file, env_.disk.open(path, OpenMode::kRead));
    FS_TRY(Bytes data, file->read(at.position, bytes));
    const Result<EnvelopeView> envelope = openEnvelope(data);
    if (!envelope.ok() || envelope->size != bytes) {
        return damagedSegment(
            path, at.position,
            envelope.ok() ? "another length than noted" : envelope.error().message);
    }
    return data;
}

Status Journal::cut(JournalPosition at)
{
    // Each removal is durable before the next one, newest segment first: a crash in between must
    // not leave a gap in the numbers.
    while (bytes_.rbegin()->first > at.segment) {
        FS_TRY_STATUS(env_.disk.remove(pathOf(bytes_.rbegin()->first)));
        FS_TRY_STATUS(env_.disk.syncDirectory(options_.directory));
        bytes_.erase(std::prev(bytes_.end()));
    }
    FS_TRY(file_, env_.disk.open(pathOf(at.segment), OpenMode::kAppend));
    FS_TRY(const Bytes head, file_->read(0, kSegmentHeaderBytes));
    FS_TRY(const SegmentHeader header, decodeSegmentHeader(head));
    FS_TRY_STATUS(file_->truncate(at.position));
    adoptFile(at.segment, header.salt);
    return {};
}

Status Journal::removeBefore(std::uint64_t segment)
{
    while (!bytes_.empty() && bytes_.begin()->first < segment
           && bytes_.begin()->first != current_) {
        FS_TRY_STATUS(remove(bytes_.begin()->first));
    }
    return {};
}

Status Journal::remove(std::uint64_t segment)
{
    if (segment == current_ || !bytes_.contains(segment)) return {};
    FS_TRY_STATUS(env_.disk.remove(pathOf(segment)));
    bytes_.erase(segment);
    return env_.disk.syncDirectory(options_.directory);
}

Status Journal::filesThere() const
{
    if (mutant(Mutant::kIgnoreRemovedSegment)) return {};
    FS_TRY(const std::vector<std::string> names, env_.disk.list(options_.directory));
    for (const auto& [segment, bytes] : bytes_) {
        if (segment > fileSegment_) break;  // a segment that waits for space has no file yet
        const std::string path = pathOf(segment);
        const std::string name = path.substr(path.rfind('/') + 1);
        if (std::binary_search(names.begin(), names.end(), name)) continue;
        return Error{Errc::kCorrupt, path + " is gone: it was removed or moved while the engine "
                                           "runs: put it back from a copy, then start again"};
    }
    if (file_ == nullptr || waiting_) return {};
    const std::string path = pathOf(fileSegment_);
    FS_TRY(const std::unique_ptr<File> now, env_.disk.open(path, OpenMode::kRead));
    if (now->size() >= tail_.durable()) return {};
    return damagedSegment(path, now->size(), "the file is shorter than what was written to it");
}

std::uint64_t Journal::totalBytes() const
{
    std::uint64_t total = 0;
    for (const auto& [segment, bytes] : bytes_)
        total += bytes;
    return total;
}

}  // namespace foreshard
