#include "engine/control/log/control_reader.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <utility>

namespace foreshard {
namespace {

constexpr int kTries = 3;
// More than any log comes to.
constexpr LogIndex kIndexMax = 1ULL << 56U;

Error cannotFollow(std::string what) { return {Errc::kCorrupt, std::move(what)}; }

// False when the folder looks otherwise by now.
bool areStill(Disk& disk, const std::string& directory, const std::vector<SegmentFile>& segments)
{
    const Result<std::vector<SegmentFile>> now = listSegments(disk, directory);
    if (!now.ok() || now->size() != segments.size()) return false;
    return segments.empty() || now->front().number == segments.front().number;
}

Status readOnce(Disk& disk, const std::string& directory, const std::vector<SegmentFile>& segments,
                ControlReader& reader)
{
    for (const SegmentFile& segment : segments) {
        const auto visit = [&reader](JournalPosition at, BytesView envelope) {
            return reader.take(at, envelope);
        };
        FS_TRY(const ScanEnd end, scanSegment(disk, segmentPath(directory, segment.number),
                                              segment.number, visit, segment.proof));
        static_cast<void>(end);  // an unfinished last entry was never answered
    }
    const bool alone = segments.size() == 1;
    if (!alone || !reader.unfinished()) return {};
    return damagedSegment(segmentPath(directory, segments.front().number), segments.front().bytes,
                          "the snapshot that it begins with is cut short");
}

}  // namespace

std::string controlDirectory(const std::string& dataDirectory)
{
    return dataDirectory + "/control";
}

Status ControlReader::take(JournalPosition at, BytesView envelope)
{
    const auto taken = [&]() -> Status {
        FS_TRY(const EnvelopeHead head, peekEnvelope(envelope));
        const auto type = static_cast<WireType>(head.type);
        segment_ = at.segment;
        if (type == WireType::kControlSnapshot) return takeSnapshot(envelope);
        bytes_ += envelope.size();
        if (type != WireType::kControlEntry) return takePart(at, envelope);
        return takeEntry(at, envelope);
    }();
    if (taken.ok()) return {};
    const Error& error = taken.error();
    return Error{error.code, "control log: " + segmentPath(directory_, at.segment) + " at offset "
                                 + std::to_string(at.position) + ": " + error.message
                                 + ": the log is damaged: restore it from a copy"};
}

Status ControlReader::takeSnapshot(BytesView envelope)
{
    FS_TRY(ControlSnapshot snapshot, decodeControlSnapshot(envelope));
    repeats_ = state_.index != 0;
    if (snapshot.index == 0 || snapshot.index > kIndexMax)
        return cannotFollow("a snapshot of entry " + std::to_string(snapshot.index));
    if (repeats_ && snapshot.index != state_.index) {
        return cannotFollow("a snapshot of entry " + std::to_string(snapshot.index)
                            + " follows entry " + std::to_string(state_.index));
    }
    partsLeft_ = snapshot.parts;
    snapshot_ = std::move(snapshot);
    checkpoints_.clear();
    copies_.clear();
    bytes_ = envelope.size();
    return partsLeft_ == 0 ? finishSnapshot() : Status{};
}

Status ControlReader::takePart(JournalPosition at, BytesView envelope)
{
    if (partsLeft_ == 0) return cannotFollow("a part of no snapshot");
    FS_TRY(const EnvelopeHead head, peekEnvelope(envelope));
    const auto type = static_cast<WireType>(head.type);
    if (type == WireType::kAssignmentEntry) {
        FS_TRY(const AssignmentEntry entry, decodeEntry(envelope));
        if (!repeats_ && onAssignment_) onAssignment_(entry);
    } else if (type == WireType::kCheckpointInfo) {
        FS_TRY(CheckpointInfo info, decodeCheckpointInfo(envelope));
        checkpoints_.push_back(std::move(info));
    } else {
        FS_TRY(const DeadLetter letter, decodeDeadLetter(envelope));
        FS_TRY_STATUS(take(letter, {at, envelope.size()}));
    }
    return --partsLeft_ == 0 ? finishSnapshot() : Status{};
}

Status ControlReader::finishSnapshot()
{
    snapshotBytes_ = bytes_;
    // The newest place: older segments go first.
    for (const auto& [offset, found] : copies_)
        letters_[offset] = found;
    if (std::exchange(repeats_, false)) return {};
    takeHead(state_, *snapshot_);
    if (state_.checkpoints.restore(checkpoints_, snapshot_->lastCheckpoint)) return {};
    return cannotFollow("the snapshot lists checkpoints that no log can list");
}

Status ControlReader::takeEntry(JournalPosition at, BytesView envelope)
{
    FS_TRY(const ControlEntry entry, decodeControlEntry(envelope));
    if (partsLeft_ > 0) {
        return cannotFollow("entry " + std::to_string(entry.index)
                            + " follows a snapshot that is cut short");
    }
    if (entry.index != state_.index + 1) {
        return cannotFollow("entry " + std::to_string(entry.index) + " follows entry "
                            + std::to_string(state_.index));
    }
    if (const Status status = check(state_, entry.change); !status.ok()) {
        return cannotFollow("entry " + std::to_string(entry.index) + ": " + status.error().message);
    }
    if (const auto* change = std::get_if<AssignmentEntry>(&entry.change);
        change != nullptr && onAssignment_)
        onAssignment_(*change);
    if (const auto* letter = std::get_if<DeadLetter>(&entry.change))
        FS_TRY_STATUS(take(*letter, {at, envelope.size()}));
    apply(state_, entry);
    return {};
}

Status ControlReader::take(const DeadLetter& letter, const Found& found)
{
    const Offset offset = letter.place.offset;
    const bool inSnapshot = partsLeft_ > 0;
    const bool fresh = !letters_.contains(offset) && !copies_.contains(offset);
    if (repeats_ && fresh) return cannotFollow("a snapshot has a dead letter more than the log");
    (inSnapshot ? copies_ : letters_)[offset] = found;
    if (fresh && onLetter_) onLetter_(letter);
    if (inSnapshot && !repeats_) state_.letters.add(letter);
    return {};
}

Status readControlLog(Disk& disk, const std::string& dataDirectory,
                      const std::function<ControlReader&()>& make)
{
    const std::string directory = controlDirectory(dataDirectory);
    Status status;
    for (int i = 0; i < kTries; ++i) {
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk, directory));
        status = readOnce(disk, directory, segments, make());
        if (status.ok() || areStill(disk, directory, segments)) break;
    }
    return status;
}

}  // namespace foreshard
