#include "engine/archive/verify.h"

#include "engine/archive/archive.h"
#include "engine/base/crc32c.h"
#include "engine/box/indexed_segment.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/control/log/single_control_log.h"
#include "engine/journal/clean_seal.h"
#include "engine/journal/journal.h"
#include "engine/wire/codec.h"
#include "engine/wire/record_codec.h"

#include <algorithm>

namespace foreshard {
namespace {

class Verifier {
public:
    Verifier(Disk& disk, std::string data) : disk_(disk), data_(std::move(data)) {}

    Result<VerifyReport> run()
    {
        FS_TRY_STATUS(checkMadeByThisVersion(disk_, data_));
        for (const SealProblem& found : sealProblems(disk_, data_)) {
            report_.gap = report_.gap || found.code == Errc::kGap;
            problem(found.file, found.position, found.text);
        }
        FS_TRY_STATUS(scanFolder("control", true));
        FS_TRY_STATUS(scanChildren("checkpoint", false));
        FS_TRY_STATUS(scanChildren("box", true));
        if (report_.files == 0) {
            return Error{Errc::kNotFound,
                         data_ + " holds nothing to verify: it is no data directory: give the "
                                 "directory that `run --data` was given"};
        }
        checkSchema();
        checkSinkBinding();
        checkControl();
        checkStream();
        checkSuspects();
        return report_;
    }

private:
    void problem(const std::string& file, std::uint64_t position, const std::string& text)
    {
        const bool known = std::any_of(
            report_.problems.begin(), report_.problems.end(),
            [&](const VerifyProblem& p) { return p.file == file && p.position == position; });
        if (!known) report_.problems.push_back({file, position, text});
    }

    // What a reader of the whole folder came upon; nothing when that is a file named already.
    void problemOf(const std::string& folder, const Error& error)
    {
        const bool known = std::any_of(
            report_.problems.begin(), report_.problems.end(),
            [&](const VerifyProblem& p) { return error.message.find(p.file) != Bytes::npos; });
        if (error.code != Errc::kCorrupt || !known) problem(data_ + folder, 0, error.message);
    }

    // The end of the newest segment of the control log, where something is missing.
    void problemAtLogEnd(const std::string& text)
    {
        const std::string directory = data_ + "/control";
        const Result<std::vector<SegmentFile>> segments = listSegments(disk_, directory);
        if (!segments.ok() || segments->empty()) return problem(directory, 0, text);
        const std::string path = segmentPath(directory, segments->back().number);
        problem(path, segments->back().bytes, text);
    }

    Status scanChildren(const std::string& folder, bool linked)
    {
        FS_TRY(const std::vector<std::string> names, disk_.list(data_ + "/" + folder));
        for (const std::string& name : names) {
            FS_TRY_STATUS(scanFolder(folder + "/" + name, linked));
        }
        return {};
    }

    // In a checkpoint folder every file may have an unfinished end: a node starts a new file each
    // time. Elsewhere only the newest.
    Status scanFolder(const std::string& folder, bool linked)
    {
        const std::string directory = data_ + "/" + folder;
        FS_TRY(const std::vector<SegmentFile> segments, listSegments(disk_, directory));
        for (const SegmentFile& segment : segments) {
            const bool last = segment.number == segments.back().number;
            scanFile(segmentPath(directory, segment.number), segment, last || !linked);
            if (folder.starts_with("box/") && !last)
                checkIndex(IndexedSegment(disk_, directory, segment));
        }
        return {};
    }

    void scanFile(const std::string& path, const SegmentFile& segment, bool mayBeTorn)
    {
        ++report_.files;
        report_.bytes += segment.bytes;
        const auto nothing = [](JournalPosition, BytesView) { return Status{}; };
        const Result<DamageFound> found =
            findDamage(disk_, path, segment.number, nothing, segment.proof);
        if (!found.ok()) return problem(path, 0, found.error().message);
        for (const Damage& damage : found->places)
            problem(path, damage.position, damage.text);
        if (found->end.torn && !mayBeTorn)
            problem(path, found->end.validBytes, "the file is cut short here");
    }

    void checkIndex(const IndexedSegment& indexed)
    {
        const Result<Bytes> bytes = disk_.readWhole(indexed.indexFile());
        if (!bytes.ok()) return;  // made again at the next start
        ++report_.files;
        report_.bytes += bytes->size();
        const Result<SegmentIndex> index = indexed.decode(*bytes);
        if (!index.ok()) problem(indexed.indexFile(), 0, index.error().message);
    }

    void checkSchema()
    {
        const std::string path = data_ + "/stream.schema";
        const Result<Bytes> bytes = disk_.readWhole(path);
        if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return;  // the next run writes it
        ++report_.files;
        if (!bytes.ok()) return problem(path, 0, bytes.error().message);
        report_.bytes += bytes->size();
        const Result<StreamSchema> schema = decodeSchema(*bytes);
        if (!schema.ok()) problem(path, 0, schema.error().message);
    }

    void checkSinkBinding()
    {
        const std::string path = data_ + "/stream.sink";
        const Result<Bytes> bytes = disk_.readWhole(path);
        if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return;  // there is no sink
        ++report_.files;
        if (!bytes.ok()) return problem(path, 0, bytes.error().message);
        report_.bytes += bytes->size();
        const Result<SinkBinding> binding = decodeSinkBinding(*bytes);
        if (!binding.ok()) problem(path, 0, binding.error().message);
    }

    void checkControl()
    {
        const Result<ControlState> known = SingleControlLog::read(disk_, data_);
        if (!known.ok()) return problemOf("/control", known.error());
        report_.shards = known->assignment.shards.size();
        for (const auto& [id, shard] : known->assignment.shards)
            epochs_[id] = shard.epoch;
        for (const CheckpointInfo& info : known->checkpoints.all()) {
            ++report_.checkpoints;
            const Result<std::vector<Bytes>> state = CheckpointStore::load(disk_, data_, {info});
            if (!state.ok()) problem(data_ + "/" + info.file, info.position, state.error().message);
        }
    }

    void checkStream()
    {
        const Result<Archive> archive = Archive::open(disk_, data_);
        if (!archive.ok()) return problemOf("/box", archive.error());
        std::map<ShardId, FrameNo> last;
        for (const ArchivedFrame& frame : archive->frames()) {
            ++report_.frames;
            // What retention has left of older ones has gaps, and may have them.
            if (frame.entry.batch < archive->firstBatch()) continue;
            FrameNo& n = last[frame.entry.shard];
            if (n != 0 && frame.entry.n != n + 1) {
                report_.gap = true;
                problem(archive->pathOf(frame.box, frame.segment), frame.entry.position,
                        nameOf(frame.entry.shard) + " goes from frame " + std::to_string(n) + " to "
                            + std::to_string(frame.entry.n));
            }
            n = frame.entry.n;
            checkEpoch(frame.entry);
        }
        checkLetters(*archive);
        const Status status = archive->rebuild(archive->begin(), archive->promisedEnd(),
                                               [this](const RecordView& record) {
                                                   ++report_.records;
                                                   if (record.kind == RecordKind::kRejected)
                                                       ++report_.rejected;
                                                   return Status{};
                                               });
        if (status.ok()) return;
        report_.gap = report_.gap || status.error().code == Errc::kGap;
        problemOf("/box", status.error());
    }

    // A frame is of an owner whom the control log has named before.
    void checkEpoch(const FrameEntry& frame)
    {
        const auto owner = epochs_.find(frame.shard);
        if (owner == epochs_.end() || frame.epoch <= owner->second) return;
        problemAtLogEnd("the control log ends before epoch " + std::to_string(frame.epoch.value)
                        + " of " + nameOf(frame.shard) + ", which frame " + std::to_string(frame.n)
                        + " is of: the end of the log is damaged: restore it from a copy");
    }

    // Every letter is of the record that its place in the boxes holds.
    void checkLetters(const Archive& archive)
    {
        std::map<std::pair<ShardId, FrameNo>, const ArchivedFrame*> frames;
        for (const ArchivedFrame& frame : archive.frames())
            frames[{frame.entry.shard, frame.entry.n}] = &frame;
        for (const auto& [offset, letter] : archive.deadLetters()) {
            ++report_.deadLetters;
            const auto entry = frames.find({letter.place.shard, letter.place.n});
            if (entry == frames.end()) {  // removed by retention; or it was never there
                if (offset >= archive.begin()) wrongLetter(letter, "no box holds its frame");
                continue;
            }
            const Result<Frame> frame = archive.read(*entry->second);
            if (!frame.ok()) continue;  // rebuild() says why
            RecordUnpacker records(frame->records);
            RecordView record;
            bool found = records.next(record);
            for (std::uint32_t i = 0; found && i < letter.place.index; ++i)
                found = records.next(record);
            const bool same = found && record.offset == offset && record.key == letter.key
                              && record.raw == letter.raw && crc32c(letter.raw) == letter.crc;
            if (!same) wrongLetter(letter, "the box holds another record there");
        }
    }

    void wrongLetter(const DeadLetter& letter, const std::string& text)
    {
        problem(data_ + "/control", 0, "dead letter of " + describe(letter.place) + ": " + text);
    }

    void checkSuspects()
    {
        const std::string path = data_ + "/deadletter/suspects";
        const Result<Bytes> bytes = disk_.readWhole(path);
        if (!bytes.ok() && bytes.error().code == Errc::kNotFound) return;
        ++report_.files;
        if (!bytes.ok()) return problem(path, 0, bytes.error().message);
        report_.bytes += bytes->size();
        const Result<SuspectList> list = decodeSuspects(*bytes);
        if (!list.ok()) problem(path, 0, list.error().message);
    }

    Disk& disk_;
    std::string data_;
    VerifyReport report_;
    std::map<ShardId, Epoch> epochs_;  // as the control log has them
};

}  // namespace

Result<VerifyReport> verifyDataDirectory(Disk& disk, const std::string& dataDirectory)
{
    return Verifier(disk, dataDirectory).run();
}

}  // namespace foreshard
