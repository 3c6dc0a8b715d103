#include "engine/control/log/single_control_log.h"

#include "engine/base/crash_point.h"
#include "engine/base/mutant.h"
#include "engine/control/log/control_reader.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace foreshard {
namespace {

constexpr std::uint64_t kTerm = 1;
// The only reason for a checkpoint that nobody waits for.
constexpr std::string_view kRoutine = "interval";

// Changes of the shard map, and whatever somebody waits for, go at once.
Nanos mayWait(const ControlChange& change)
{
    if (const auto* listed = std::get_if<CheckpointListed>(&change)) {
        const bool routine = listed->info.reason == kRoutine && !listed->info.setsBack;
        return routine ? SingleControlLog::kListedWait : Nanos{0};
    }
    const auto* judged = std::get_if<CheckpointsJudged>(&change);
    const bool holds = judged != nullptr && judged->state == CheckpointState::kVerified;
    return holds ? SingleControlLog::kVerifiedWait : Nanos{0};
}

void remember(std::deque<AssignmentEntry>& recent, const AssignmentEntry& entry)
{
    recent.push_back(entry);
    if (recent.size() > SingleControlLog::kRecentMax) recent.pop_front();
}

// The number of the segment file at the end of `path`; 0 when it cannot be read.
std::uint64_t segmentOf(const std::string& path)
{
    const std::size_t slash = path.rfind('/');
    std::uint64_t number = 0;
    if (slash != std::string::npos)
        std::from_chars(path.data() + slash + 1, path.data() + path.size(), number);
    return number;
}

}  // namespace

Result<std::unique_ptr<SingleControlLog>> SingleControlLog::open(Env& env,
                                                                 const std::string& dataDirectory,
                                                                 std::uint32_t keepCheckpoints,
                                                                 std::uint64_t snapshotBytesMin)
{
    FS_TRY_STATUS(checkMadeByThisVersion(env.disk, dataDirectory));
    std::unique_ptr<SingleControlLog> log(new SingleControlLog(env, dataDirectory));
    log->keepMin_ = 2 + keepCheckpoints;
    log->snapshotBytesMin_ = snapshotBytesMin;
    const std::string directory = controlDirectory(dataDirectory);
    ControlReader reader(directory);
    reader.onAssignment([&log](const AssignmentEntry& entry) { remember(log->recent_, entry); });
    const auto visit = [&reader](JournalPosition at, BytesView envelope) {
        return reader.take(at, envelope);
    };
    FS_TRY(log->journal_, Journal::open(env, {directory, ~0ULL}, visit));
    FS_TRY_STATUS(log->cutUnfinishedSnapshot(reader.unfinished(), reader.segment()));
    log->state_ = reader.state();
    if (mutant(Mutant::kForgetFence)) log->state_.fences.clear();
    log->ahead_ = log->state_;
    for (const auto& [offset, found] : reader.letters())
        log->letterAt_[offset] = {found.at, found.bytes};
    log->snapshotAt_ = 4 * reader.snapshotBytes() + snapshotBytesMin;
    return log;
}

// A crash left a new segment without the whole snapshot that it should begin with. The old ones
// are all there, and the log goes on at their end.
Status SingleControlLog::cutUnfinishedSnapshot(bool unfinished, std::uint64_t newest)
{
    const std::uint64_t current = journal_->currentSegment();
    const auto& segments = journal_->segmentBytes();
    if (segments.size() == 1) {
        if (!unfinished) return {};
        return damagedSegment(journal_->pathOf(current), segments.at(current),
                              "the snapshot that it begins with is cut short");
    }
    if (newest == current && !unfinished) return {};
    const auto before = std::prev(segments.find(current));
    return journal_->cut({before->first, before->second});
}

Result<ControlState> SingleControlLog::read(Disk& disk, const std::string& dataDirectory,
                                            const Visit& visit)
{
    FS_TRY_STATUS(checkMadeByThisVersion(disk, dataDirectory));
    std::optional<ControlReader> reader;
    std::vector<AssignmentEntry> changes;
    FS_TRY_STATUS(readControlLog(disk, dataDirectory, [&]() -> ControlReader& {
        changes.clear();
        reader.emplace(controlDirectory(dataDirectory));
        if (visit)
            reader->onAssignment([&](const AssignmentEntry& entry) { changes.push_back(entry); });
        return *reader;
    }));
    for (const AssignmentEntry& entry : changes)
        visit(entry);
    return reader->state();
}

Result<ControlState> SingleControlLog::readHistory(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY_STATUS(checkMadeByThisVersion(disk, dataDirectory));
    std::optional<ControlReader> reader;
    FS_TRY_STATUS(readControlLog(disk, dataDirectory, [&]() -> ControlReader& {
        return reader.emplace(controlDirectory(dataDirectory), ManifestCore::history());
    }));
    return reader->state();
}

Result<std::vector<DeadLetter>> SingleControlLog::readLetters(Disk& disk,
                                                              const std::string& dataDirectory)
{
    FS_TRY_STATUS(checkMadeByThisVersion(disk, dataDirectory));
    std::optional<ControlReader> reader;
    std::vector<DeadLetter> letters;
    FS_TRY_STATUS(readControlLog(disk, dataDirectory, [&]() -> ControlReader& {
        letters.clear();
        reader.emplace(controlDirectory(dataDirectory));
        reader->onLetter([&](const DeadLetter& letter) { letters.push_back(letter); });
        return *reader;
    }));
    return letters;
}

// Gives `change` what only the log can give, and judges it by all that was accepted before.
Status SingleControlLog::prepare(ControlChange& change, LogIndex expectVersion) const
{
    const LogIndex version = ahead_.assignment.version;
    if (expectVersion != 0 && expectVersion != version) {
        return Error{Errc::kStale, "the shard map is at version " + std::to_string(version)
                                       + ", not " + std::to_string(expectVersion)
                                       + ": it was changed meanwhile: look again and repeat"};
    }
    if (auto* entry = std::get_if<AssignmentEntry>(&change)) {
        entry->index = version + 1;
        entry->term = kTerm;
        entry->wallMs = env_.strand.wallNow();
    }
    if (auto* listed = std::get_if<CheckpointListed>(&change)) {
        listed->info.id = CheckpointId{ahead_.checkpoints.lastId().value + 1};
        listed->info.keepMin = keepMin_;
    }
    return check(ahead_, change);
}

void SingleControlLog::propose(ControlChange change, LogIndex expectVersion, Done done)
{
    Proposal proposal;
    proposal.done = std::move(done);
    if (broken_) return proposal.done(*broken_);
    const Status fits = prepare(change, expectVersion);
    if (!fits.ok() || changesNothing(ahead_, change)) {
        if (fits.ok()) {
            proposal.outcome = Applied{ahead_.index, ahead_.assignment.version, {}};
        } else {
            proposal.outcome = fits.error();
        }
        if (ahead_.index == state_.index) return proposal.done(proposal.outcome);
        waiting_.push_back(std::move(proposal));
        return;
    }
    const Nanos wait = mayWait(change);
    proposal.entry =
        ControlEntry{ahead_.index + 1, kTerm, env_.strand.wallNow(), std::move(change)};
    apply(ahead_, *proposal.entry);
    waiting_.push_back(std::move(proposal));
    flushBy(env_.strand.now() + wait);
}

void SingleControlLog::flushBy(Instant when)
{
    if (flushAt_ && *flushAt_ <= when) return;
    flushAt_ = when;
    flushWhenDue();
}

void SingleControlLog::flushWhenDue()
{
    if (writing_ || waiting_.empty()) return;
    const Instant now = env_.strand.now();
    if (!flushAt_ || *flushAt_ <= now) return flush();
    env_.strand.postAfter(*flushAt_ - now, lifetime_.guard([this, due = *flushAt_] {
        if (flushAt_ == due && !writing_) flush();
    }));
}

void SingleControlLog::flush()
{
    underWay_ = std::exchange(waiting_, {});
    flushAt_.reset();
    writing_ = true;
    Bytes bytes;
    std::vector<std::pair<Offset, LetterPlace>> letters;
    for (const Proposal& proposal : underWay_) {
        if (!proposal.entry) continue;
        const Bytes envelope = encodeControlEntry(*proposal.entry);
        if (const auto* letter = std::get_if<DeadLetter>(&proposal.entry->change))
            letters.push_back({letter->place.offset, {{0, bytes.size()}, envelope.size()}});
        bytes += envelope;
    }
    if (bytes.empty()) return written({});  // refusals, whose reasons are durable by now
    crashPoint("control.commit.before");
    const Result<JournalPosition> at = journal_->append(
        std::move(bytes), lifetime_.guard([this](const Status& status) { written(status); }));
    if (!at.ok()) return written(at.error());
    for (auto& [offset, place] : letters) {
        place.at = {at->segment, at->position + place.at.position};
        letterAt_[offset] = place;
    }
}

void SingleControlLog::written(const Status& status)
{
    const std::deque<Proposal> done = std::exchange(underWay_, {});
    if (status.ok() && std::any_of(done.begin(), done.end(), [](const Proposal& one) {
            return one.entry.has_value();
        }))
        crashPoint("control.commit.after");
    // What was accepted will never be durable: nothing can be judged by it any more.
    if (!status.ok()) broken_ = status.error();
    for (const Proposal& proposal : done) {
        if (!status.ok()) {
            proposal.done(status.error());
        } else if (!proposal.entry) {
            proposal.done(proposal.outcome);
        } else {
            committed(*proposal.entry);
            const auto* listed = std::get_if<CheckpointListed>(&proposal.entry->change);
            proposal.done(Applied{state_.index, state_.assignment.version,
                                  listed == nullptr ? CheckpointId{} : listed->info.id});
        }
    }
    writing_ = false;
    if (broken_) {
        for (const Proposal& proposal : std::exchange(waiting_, {}))
            proposal.done(*broken_);
        return;
    }
    if (writeSnapshotWhenDue()) return;
    flushWhenDue();
}

void SingleControlLog::committed(const ControlEntry& entry)
{
    apply(state_, entry);
    if (const auto* change = std::get_if<AssignmentEntry>(&entry.change))
        remember(recent_, *change);
    for (const auto& watcher : watchers_)
        watcher(entry);
}

// False when none is due, or it cannot be made now.
bool SingleControlLog::writeSnapshotWhenDue()
{
    if (journal_->totalBytes() < snapshotAt_) return false;
    std::map<Offset, LetterPlace> letters;
    Result<Bytes> bytes = encodeState(letters);
    if (!bytes.ok()) {  // a letter cannot be read: `verify` names it, and the log only grows
        snapshotAt_ = 2 * journal_->totalBytes();
        return false;
    }
    snapshotAt_ = 4 * bytes->size() + snapshotBytesMin_;
    const auto stored = lifetime_.guard([this](const Status& status) {
        writing_ = false;
        if (status.ok())  // a removal that fails is tried again with the next snapshot
            static_cast<void>(journal_->removeBefore(journal_->currentSegment()));
        flushWhenDue();
    });
    journal_->rotate();
    const Result<JournalPosition> at = journal_->append(std::move(*bytes), stored);
    if (!at.ok()) return false;  // the next append tells why
    writing_ = true;
    for (auto& [offset, place] : letters)
        place.at = {at->segment, at->position + place.at.position};
    letterAt_ = std::move(letters);
    return true;
}

// All of state_ but nothing of what waits: entries go on behind it. `letters` get their places
// within the bytes.
Result<Bytes> SingleControlLog::encodeState(std::map<Offset, LetterPlace>& letters) const
{
    ControlSnapshot head = headOf(state_);
    head.term = kTerm;
    head.wallMs = env_.strand.wallNow();
    std::vector<CheckpointInfo> listed = state_.checkpoints.all();
    if (mutant(Mutant::kSnapshotDropsCheckpoint) && !listed.empty()) listed.erase(listed.begin());
    head.parts = static_cast<std::uint32_t>(recent_.size() + listed.size() + letterAt_.size());
    Bytes bytes = encodeControlSnapshot(head);
    for (const AssignmentEntry& entry : recent_)
        bytes += encodeEntry(entry);
    for (const CheckpointInfo& info : listed)
        bytes += encodeCheckpointInfo(info);
    for (const auto& [offset, place] : letterAt_) {
        FS_TRY(const DeadLetter letter, readLetter(place));
        const Bytes envelope = encodeDeadLetter(letter);
        letters[offset] = {{0, bytes.size()}, envelope.size()};
        bytes += envelope;
    }
    return bytes;
}

Result<DeadLetter> SingleControlLog::readLetter(const LetterPlace& place) const
{
    FS_TRY(const Bytes envelope, journal_->read(place.at, place.bytes));
    FS_TRY(const EnvelopeHead head, peekEnvelope(envelope));
    if (static_cast<WireType>(head.type) == WireType::kDeadLetter)
        return decodeDeadLetter(envelope);  // in a snapshot
    FS_TRY(ControlEntry entry, decodeControlEntry(envelope));
    auto* letter = std::get_if<DeadLetter>(&entry.change);
    if (letter != nullptr) return std::move(*letter);
    return Error{Errc::kCorrupt, "the control log holds something else than a dead letter at "
                                     + std::to_string(place.at.position)
                                     + ": run `foreshard verify`"};
}

RaftSnapshot SingleControlLog::view() const
{
    const LogIndex version = state_.assignment.version;
    RaftSnapshot view;
    view.term = kTerm;
    view.leader = 0;
    view.commit = view.applied = version;
    view.members = {{0, "leader", version, 0}};
    view.recent.assign(recent_.begin(), recent_.end());
    return view;
}

Status SingleControlLog::collectGarbage()
{
    std::map<std::string, std::uint64_t> firstWanted;  // directory -> oldest segment still listed
    for (const CheckpointInfo& info : state_.checkpoints.all()) {
        const std::uint64_t number = segmentOf(info.file);  // 0: nothing of that folder goes
        const auto [it, fresh] =
            firstWanted.emplace(info.file.substr(0, info.file.rfind('/')), number);
        if (!fresh) it->second = std::min(it->second, number);
    }
    for (const auto& [directory, first] : firstWanted) {
        const std::string path = dataDirectory_ + "/" + directory;
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(env_.disk, path));
        for (const SegmentFile& segment : segments) {
            if (segment.number >= first) break;
            FS_TRY_STATUS(env_.disk.remove(segmentPath(path, segment.number)));
        }
    }
    return {};
}

Status checkMadeByThisVersion(Disk& disk, const std::string& dataDirectory)
{
    for (const char* journal : {"assignment", "manifest", "deadletter"}) {
        const std::string folder = dataDirectory + "/" + journal;
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, folder));
        if (segments.empty()) continue;
        return Error{Errc::kUnsupported,
                     dataDirectory + " was made by an earlier version, which kept what it knew in "
                         + folder + ": this one keeps it in control/ and does not read that: run "
                         + "the stream through again with a new --data"};
    }
    return {};
}

}  // namespace foreshard
