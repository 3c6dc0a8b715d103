#include "engine/journal/journal.h"

#include "engine/base/mutant.h"
#include "engine/wire/envelope.h"

#include <algorithm>
#include <charconv>
#include <cstdio>

namespace foreshard {
namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kDigits = 12;
constexpr std::size_t kHeadBytes = 16;
constexpr std::uint64_t kSectorBytes = 512;

bool parseSegmentName(const std::string& name, std::uint64_t& number)
{
    if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return false;
    const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, number);
    return error == std::errc{} && end == name.data() + kDigits;
}

// Where the first whole record behind `from` starts; the size of `data` when there is none. Records
// start at multiples of eight.
std::uint64_t wholeRecordBehind(BytesView data, std::uint64_t from)
{
    for (std::uint64_t at = from - from % 8 + 8; at + kHeadBytes <= data.size(); at += 8) {
        if (openEnvelope(data.substr(at)).ok()) return at;
    }
    return data.size();
}

// Whether [from, to) holds a sector of zeros. Disks do not keep the order of sectors that were not
// synced: after a power cut a later write may be there whole while an earlier one reads as zeros.
bool hasLostSector(BytesView data, std::uint64_t from, std::uint64_t to)
{
    while (from < to) {
        const std::uint64_t end = std::min(to, (from / kSectorBytes + 1) * kSectorBytes);
        const BytesView piece = data.substr(from, end - from);
        // Padding is shorter than eight bytes, and records end at multiples of eight.
        if (piece.size() >= 8 && piece.find_first_not_of('\0') == BytesView::npos) return true;
        from = end;
    }
    return false;
}

Error damaged(const std::string& path, std::uint64_t position, const Error& cause)
{
    return Error{Errc::kCorrupt, path + " is damaged at offset " + std::to_string(position)
                                     + " (" + cause.message
                                     + "): the disk or another program changed it: restore the "
                                       "file from a copy; `foreshard verify` names every damaged "
                                       "file"};
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

std::string segmentPath(const std::string& directory, std::uint64_t segment)
{
    char name[32];
    std::snprintf(name, sizeof name, "%012llu.seg", static_cast<unsigned long long>(segment));
    return directory + "/" + name;
}

Result<std::vector<SegmentFile>> listSegments(Disk& disk, const std::string& directory)
{
    FS_TRY(const std::vector<std::string> names, disk.list(directory));
    std::vector<SegmentFile> segments;
    for (const std::string& name : names) {
        std::uint64_t number = 0;
        if (!parseSegmentName(name, number)) continue;
        FS_TRY(const std::unique_ptr<File> file,
               disk.open(directory + "/" + name, OpenMode::kRead));
        segments.push_back({number, file->size()});
    }
    std::sort(segments.begin(), segments.end(),
              [](const SegmentFile& a, const SegmentFile& b) { return a.number < b.number; });
    return segments;
}

Result<ScanEnd> scanSegment(Disk& disk, const std::string& path, std::uint64_t segment,
                            const RecordVisitor& visit)
{
    FS_TRY(const Bytes data, disk.readWhole(path));
    ScanEnd end;
    while (end.validBytes < data.size()) {
        const BytesView rest = BytesView(data).substr(end.validBytes);
        const Result<EnvelopeView> envelope = openEnvelope(rest);
        if (!envelope.ok()) {
            const std::uint64_t behind = wholeRecordBehind(data, end.validBytes);
            if (behind < data.size() && !hasLostSector(data, end.validBytes, behind)) {
                return damaged(path, end.validBytes, envelope.error());
            }
            end.torn = true;
            return end;
        }
        FS_TRY_STATUS(visit({segment, end.validBytes}, rest.substr(0, envelope->size)));
        end.validBytes += envelope->size;
    }
    return end;
}

Result<std::unique_ptr<Journal>> Journal::open(Env& env, Options options,
                                               const RecordVisitor& visit,
                                               const std::function<bool(std::uint64_t)>& wanted)
{
    std::unique_ptr<Journal> journal(new Journal(env, std::move(options)));
    const std::string& directory = journal->options_.directory;
    FS_TRY_STATUS(env.disk.createDirectories(directory));
    FS_TRY(const std::vector<SegmentFile> segments, listSegments(env.disk, directory));
    for (const SegmentFile& segment : segments) {
        const bool last = segment.number == segments.back().number;
        journal->bytes_[segment.number] = segment.bytes;
        if (journal->options_.fresh) continue;
        if (!last && wanted && !wanted(segment.number)) continue;
        const std::string path = segmentPath(directory, segment.number);
        if (last && mutant(Mutant::kDropLastWhole))
            FS_TRY_STATUS(dropLastWhole(env.disk, path, segment.number));
        FS_TRY(const ScanEnd end, scanSegment(env.disk, path, segment.number, visit));
        if (end.torn && !last) {
            return damaged(path, end.validBytes, Error{Errc::kGap, "the file is cut short"});
        }
        if (last) {
            // Torn or not: a process that was killed leaves bytes that can be read and are not
            // durable, and whoever reads them here relies on them from now on.
            FS_TRY(const std::unique_ptr<File> file, env.disk.open(path, OpenMode::kAppend));
            FS_TRY_STATUS(file->truncate(end.validBytes));
            journal->bytes_[segment.number] = end.validBytes;
        }
    }
    const bool create = segments.empty() || journal->options_.fresh;
    const std::uint64_t newest = segments.empty() ? 0 : segments.back().number;
    const Status opened = journal->openCurrent(create ? newest + 1 : newest,
                                               create ? OpenMode::kCreate : OpenMode::kAppend);
    const bool noSpace = !opened.ok() && opened.error().code == Errc::kNoSpace;
    if (!journal->options_.fresh || !noSpace) {
        FS_TRY_STATUS(opened);
        return journal;
    }
    // The engine runs already, and a node starts again on a full disk: it waits like the others.
    journal->current_ = newest + 1;
    journal->bytes_[journal->current_] = 0;
    journal->holding_ = true;
    journal->waitForSpace();
    return journal;
}

Status Journal::openCurrent(std::uint64_t segment, OpenMode mode)
{
    FS_TRY(std::unique_ptr<File> file, env_.disk.open(pathOf(segment), mode));
    file_ = std::move(file);
    current_ = fileSegment_ = segment;
    bytes_[segment] = durable_ = file_->size();
    rotateNext_ = false;
    return {};
}

Result<JournalPosition> Journal::append(Bytes envelopes, File::Done done)
{
    FS_CHECK(envelopes.size() % 8 == 0);
    if (failed_) return *failed_;
    const bool full = bytes_[current_] > 0 && bytes_[current_] >= options_.segmentBytesMax;
    if ((rotateNext_ || full) && !holding_) {
        const bool idle = underWay_ == 0 && !waiting_;
        const Status opened = idle ? openCurrent(current_ + 1, OpenMode::kCreate) : Status{};
        const bool noSpace = !opened.ok() && opened.error().code == Errc::kNoSpace;
        if (!opened.ok() && !noSpace) return opened.error();
        if (!idle || noSpace) {
            bytes_[++current_] = 0;
            rotateNext_ = false;
            holding_ = true;
        }
        if (noSpace) waitForSpace();
    }
    const JournalPosition at{current_, bytes_[current_]};
    bytes_[current_] += envelopes.size();
    Pending append{std::move(envelopes), std::move(done)};
    if (holding_) {
        held_.push_back(std::move(append));
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
    // A copy goes, so that it can be written again when the disk turns out to be full.
    const bool sync = !mutant(Mutant::kSkipFsync);
    file_->append(envelopes, sync, env_.strand,
                  lifetime_.guard([this](const Status& status) { written(status); }));
}

void Journal::written(const Status& status)
{
    --underWay_;
    if (status.ok()) {
        Pending append = std::move(sent_.front());
        sent_.pop_front();
        durable_ += append.envelopes.size();
        if (underWay_ == 0 && sent_.empty() && holding_) beginHeldSegment();
        return append.done(status);  // last: the owner may append again or go away
    }
    // Everything behind the first failure fails, too; nothing is decided before the last word.
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
    holding_ = false;
    std::vector<File::Done> waiting;
    for (Pending& append : sent_)
        waiting.push_back(std::move(append.done));
    for (Pending& append : held_)
        waiting.push_back(std::move(append.done));
    sent_.clear();
    held_.clear();
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
    if (sent_.empty() && holding_) beginHeldSegment();
}

Status Journal::reopenAtDurableEnd()
{
    if (sent_.empty()) return {};  // only a new segment waits
    const std::string path = pathOf(fileSegment_);
    FS_TRY(std::unique_ptr<File> file, env_.disk.open(path, OpenMode::kAppend));
    FS_TRY_STATUS(file->truncate(durable_));
    file_ = std::move(file);
    return {};
}

void Journal::beginHeldSegment()
{
    const std::uint64_t bytes = bytes_[current_];
    const Status status = openCurrent(current_, OpenMode::kCreate);
    bytes_[current_] = bytes;
    if (!status.ok() && status.error().code == Errc::kNoSpace) return waitForSpace();
    if (!status.ok()) {
        failed_ = status.error();
        return failPending();
    }
    holding_ = false;
    std::vector<Pending> held;
    held.swap(held_);
    for (Pending& append : held)
        write(std::move(append));
}

Result<Bytes> Journal::read(JournalPosition at, std::uint64_t bytes) const
{
    const std::string path = pathOf(at.segment);
    FS_TRY(const std::unique_ptr<File> file, env_.disk.open(path, OpenMode::kRead));
    FS_TRY(Bytes data, file->read(at.position, bytes));
    const Result<EnvelopeView> envelope = openEnvelope(data);
    if (!envelope.ok() || envelope->size != bytes) {
        return damaged(
            path, at.position,
            envelope.ok() ? Error{Errc::kCorrupt, "another length than noted"} : envelope.error());
    }
    return data;
}

Status Journal::cut(JournalPosition at)
{
    for (auto it = bytes_.rbegin(); it != bytes_.rend() && it->first > at.segment; ++it) {
        FS_TRY_STATUS(env_.disk.remove(pathOf(it->first)));
    }
    bytes_.erase(bytes_.upper_bound(at.segment), bytes_.end());
    FS_TRY_STATUS(env_.disk.syncDirectory(options_.directory));
    FS_TRY_STATUS(openCurrent(at.segment, OpenMode::kAppend));
    FS_TRY_STATUS(file_->truncate(at.position));
    bytes_[at.segment] = durable_ = at.position;
    return {};
}

Status Journal::removeBefore(std::uint64_t segment)
{
    bool removed = false;
    while (!bytes_.empty() && bytes_.begin()->first < segment
           && bytes_.begin()->first != current_) {
        FS_TRY_STATUS(env_.disk.remove(pathOf(bytes_.begin()->first)));
        bytes_.erase(bytes_.begin());
        removed = true;
    }
    return removed ? env_.disk.syncDirectory(options_.directory) : Status{};
}

Status Journal::remove(std::uint64_t segment)
{
    if (segment == current_ || bytes_.erase(segment) == 0) return {};
    FS_TRY_STATUS(env_.disk.remove(pathOf(segment)));
    return env_.disk.syncDirectory(options_.directory);
}

std::uint64_t Journal::totalBytes() const
{
    std::uint64_t total = 0;
    for (const auto& [segment, bytes] : bytes_)
        total += bytes;
    return total;
}

}  // namespace foreshard
