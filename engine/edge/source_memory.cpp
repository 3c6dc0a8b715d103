#include "engine/edge/source_memory.h"

#include "engine/source/source_file.h"
#include "engine/wire/codec.h"
#include "engine/wire/record_codec.h"

#include <algorithm>
#include <map>
#include <utility>

namespace foreshard {
namespace {

// Saving waits for the disk. A run that is killed has not saved what came since: a later one reads
// all of that to compare it by the boxes' hash, and cannot say where it differs.
constexpr std::uint64_t kSaveStep = 4096;
constexpr std::uint64_t kLong = 256ULL << 20U;  // up to there all is read in any case
constexpr std::uint64_t kLongShare = 8;

constexpr std::uint32_t kPrefixMagic = 0x58505346;  // "FSPX"

struct KeptRecord {
    Bytes raw;
    RecordKind kind = RecordKind::kData;
    RejectReason reason = RejectReason::kNone;
};

// Damage is left to whoever needs the frame: here it says no more than that nothing is known.
void unpackInto(std::map<Offset, KeptRecord>& records, BytesView sealed)
{
    const Result<Frame> frame = decodeFrame(sealed);
    if (!frame.ok()) return;
    RecordUnpacker unpacker(frame->records);
    RecordView record;
    while (unpacker.next(record))
        records[record.offset] = {Bytes(record.raw), record.kind, record.reason};
}

}  // namespace

SourceMemory::SourceMemory(Disk& disk, std::string dataDirectory)
    : disk_(disk),
      prefixPath_(dataDirectory + "/source.prefix"),
      fingerprintPath_(dataDirectory + "/source.fingerprint")
{
}

Status SourceMemory::load(BoxStore& boxes, std::uint64_t recordBytesMax)
{
    const SourcePosition& position = boxes.sourcePosition();
    if (position.byte == 0) return {};
    const Result<Bytes> kept = disk_.readWhole(prefixPath_);
    if (kept.ok()) {
        const auto prefix = openSourceFile(kPrefixMagic, *kept, "the beginning of the source");
        if (!prefix.ok()) return prefix.error().during("read " + prefixPath_);
        stored_.prefix = prefix->substr(0, position.byte);
    } else if (kept.error().code != Errc::kNotFound) {
        return kept.error();
    }
    const Result<Bytes> known = disk_.readWhole(fingerprintPath_);
    if (known.ok()) {
        FS_TRY(stored_.fingerprint,
               SourceFingerprint::decode(*known).during("read " + fingerprintPath_));
        saved_ = stored_.fingerprint.bytes();
        // What it knows beyond the boxes may be read otherwise now.
        if (saved_ > position.byte) saved_ = 0;
        stored_.fingerprint.cutTo(position.byte);
    } else if (known.error().code != Errc::kNotFound) {
        return known.error();
    }
    return loadLastBatch(boxes, recordBytesMax);
}

Status SourceMemory::loadLastBatch(BoxStore& boxes, std::uint64_t recordBytesMax)
{
    std::map<Offset, KeptRecord> records;
    for (const FrameRef& frame : boxes.lastBatchFound()) {
        const Result<Bytes> sealed = boxes.read(frame);
        if (sealed.ok()) unpackInto(records, *sealed);
    }
    const Offset next = boxes.sourcePosition().nextOffset;
    if (records.empty() || records.rbegin()->first + 1 != next) return {};
    const KeptRecord& last = records.rbegin()->second;
    stored_.insideLongLine =
        last.kind == RecordKind::kRejected
        && (last.reason == RejectReason::kTooLong
            || (last.reason == RejectReason::kUnclosedQuote && last.raw.size() == recordBytesMax));
    // Without a gap up to the end: a frame of the batch may be gone.
    auto first = records.end();
    for (Offset expected = next; first != records.begin(); --expected) {
        if (std::prev(first)->first + 1 != expected) break;
        --first;
    }
    for (; first != records.end(); ++first)
        stored_.lastBatch += first->second.raw;
    return {};
}

Status SourceMemory::take(Source::Batch& batch, std::uint64_t from, const Source& source)
{
    batch.after.hash = 0;
    if (!source.replayable()) FS_TRY_STATUS(growPrefix(batch.parsed, from));
    // Behind a kill less may be known than what a continuation follows: it stays as it is then.
    if (!source.comparable() || stored_.fingerprint.bytes() != from) return {};
    for (const BytesView piece : batch.parsed.pieces)
        stored_.fingerprint.add(piece);
    batch.after.hash = stored_.fingerprint.hash();
    if (stored_.fingerprint.bytes() < saveAt_) return {};
    const Status status = save();
    // The batches themselves wait for room; this is only a help.
    return !status.ok() && status.error().code == Errc::kNoSpace ? Status{} : status;
}

Status SourceMemory::save()
{
    const std::uint64_t bytes = stored_.fingerprint.bytes();
    if (bytes == saved_) return {};
    FS_TRY_STATUS(disk_.writeWhole(fingerprintPath_, stored_.fingerprint.encode()));
    saved_ = bytes;
    saveAt_ = bytes + std::max(kSaveStep, bytes < kLong ? bytes : bytes / kLongShare);
    return {};
}

Status SourceMemory::growPrefix(const ParsedBatch& parsed, std::uint64_t from)
{
    // Batches may be small, so it grows until it is long enough; behind a hole it must not.
    Bytes& prefix = stored_.prefix;
    if (prefix.size() >= kResumePrefixBytes || prefix.size() != from) return {};
    Bytes grown = prefix;
    for (const BytesView piece : parsed.pieces)
        grown.append(piece.substr(0, kResumePrefixBytes - grown.size()));
    FS_TRY_STATUS(disk_.writeWhole(prefixPath_, sealSourceFile(kPrefixMagic, grown)));
    prefix = std::move(grown);
    return {};
}

}  // namespace foreshard
