#include "engine/archive/locate.h"

#include "engine/control/log/single_control_log.h"
#include "engine/wire/record_codec.h"

#include <algorithm>

namespace foreshard {
namespace {

bool matches(const RecordView& record, const LocateCommand& what)
{
    return what.byKey ? record.kind == RecordKind::kData && record.key == what.key
                      : record.offset == what.offset;
}

LocateHit hitOf(const ArchivedFrame& frame, const Archive& archive, const ManifestCore& manifest)
{
    LocateHit hit;
    hit.shard = frame.entry.shard;
    hit.box = frame.box;
    hit.file = archive.pathOf(frame.box, frame.segment);
    hit.position = frame.entry.position;
    hit.n = frame.entry.n;
    const CheckpointInfo* covering = manifest.covering(hit.shard, hit.n);
    if (covering != nullptr) hit.checkpoint = covering->id;
    return hit;
}

// Reads the frame and fills in what matches; false when nothing does.
bool verifyHit(LocateHit& hit, const Frame& frame, const LocateCommand& what)
{
    RecordUnpacker records(frame.records);
    RecordView record;
    while (records.next(record)) {
        if (!matches(record, what)) continue;
        if (hit.records == 0) hit.firstOffset = record.offset;
        hit.lastOffset = record.offset;
        ++hit.records;
    }
    hit.verified = hit.records > 0;
    return hit.verified;
}

bool mayHold(const ArchivedSegment& segment, const LocateCommand& what)
{
    return what.byKey ? segment.index.mayHoldKey(what.key)
                      : segment.index.frameOfOffset(what.offset).has_value();
}

bool frameMayHold(const ArchivedFrame& frame, const LocateCommand& what)
{
    return what.byKey
           || (frame.entry.firstOffset <= what.offset && what.offset <= frame.entry.lastOffset);
}

std::string summary(const CommandReply& reply, const LocateCommand& what, const Archive& archive,
                    bool all)
{
    std::uint64_t records = 0;
    for (const LocateHit& hit : reply.hits)
        records += hit.records;
    const std::string asked =
        what.byKey ? "key '" + what.key + "'" : "offset " + std::to_string(what.offset);
    const std::string found = reply.hits.empty()
                                  ? "no record with this key"
                                  : std::to_string(records) + " records verified in "
                                        + std::to_string(reply.hits.size()) + " frames";
    const bool cut = what.byKey && archive.begin() > 0;
    return asked + ": " + found + "; " + std::to_string(reply.segmentsMaybe) + " of "
           + std::to_string(reply.segmentsAsked) + " segments said maybe"
           + (all ? "" : "; these are the first frames only, there may be more")
           + (cut ? "; not all offsets below " + std::to_string(archive.begin()) + " are kept"
                  : "");
}

// Why an offset was not found: it never came, or it is no longer here.
Error notThere(Offset offset, const Archive& archive, const std::string& dataDirectory)
{
    const std::string asked = "locate offset " + std::to_string(offset) + ": ";
    if (offset >= archive.end()) {
        if (const Status end = archive.endHolds(); !end.ok())
            return end.error().during("locate offset " + std::to_string(offset));
        const std::string count = std::to_string(archive.end());
        return {Errc::kNotFound, asked + "the stream in " + dataDirectory + " has " + count
                                     + " records, header and rejected rows included: give an "
                                       "offset below "
                                     + count};
    }
    if (offset < archive.begin()) {
        return {Errc::kGap, asked + "retention removed it, or its segment is lost: the first "
                                    "offset that is kept is "
                                + std::to_string(archive.begin()) + ": give that or more"};
    }
    return {Errc::kGap, asked + "it is not in " + dataDirectory
                            + ": its segment is lost: restore the data directory from a copy"};
}

}  // namespace

Result<CommandReply> locate(Disk& disk, const std::string& dataDirectory, const LocateCommand& what,
                            std::size_t hitsMax)
{
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    FS_TRY(const ControlState known, SingleControlLog::read(disk, dataDirectory));
    CommandReply reply;
    std::map<std::pair<BoxId, std::uint64_t>, bool> maybe;
    for (const ArchivedSegment& segment : archive.segments()) {
        ++reply.segmentsAsked;
        const bool may = mayHold(segment, what);
        maybe[{segment.box, segment.number}] = may;
        if (may) ++reply.segmentsMaybe;
    }
    for (const ArchivedFrame& frame : archive.frames()) {
        if (!maybe[{frame.box, frame.segment}] || !frameMayHold(frame, what)) continue;
        LocateHit hit = hitOf(frame, archive, known.checkpoints);
        const Result<Frame> read = archive.read(frame);
        // A frame that cannot be read stays a maybe: the filter spoke, nobody could check it.
        if (read.ok() && !verifyHit(hit, *read, what)) continue;
        reply.hits.push_back(hit);
        if (reply.hits.size() == hitsMax) break;
    }
    if (!what.byKey && reply.hits.empty()) return notThere(what.offset, archive, dataDirectory);
    reply.message = summary(reply, what, archive, reply.hits.size() < hitsMax);
    return reply;
}

}  // namespace foreshard
