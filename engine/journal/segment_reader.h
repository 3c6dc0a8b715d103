#pragma once
// Reads segment files: what is in a folder, what is in a file, and what is wrong with it. A record
// that does not hold is a torn write only when nothing proves that it was durable once; proofs are
// the marks behind it (segment_format.h) and the header of the next segment. Changes nothing.
#include "engine/env/env.h"
#include "engine/journal/segment_format.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard {

struct JournalPosition {
    std::uint64_t segment = 0;
    std::uint64_t position = 0;
    friend auto operator<=>(const JournalPosition&, const JournalPosition&) = default;
};

// The path of a segment file, e.g. "box/0/000000000007.seg".
std::string segmentPath(const std::string& directory, std::uint64_t segment);

// What another file says of a segment.
struct SegmentProof {
    std::uint64_t bytes = 0;  // the exact length of its file; 0: not known
    std::uint64_t salt = 0;   // 0: not known
};

struct SegmentFile {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    SegmentProof proof;  // from the header of the next one
};

// The segments in `directory`, oldest first; files of other names are ignored.
Result<std::vector<SegmentFile>> listSegments(Disk& disk, const std::string& directory);

using RecordVisitor = std::function<Status(JournalPosition, BytesView envelope)>;

// What a scan found at the end of a segment.
struct ScanEnd {
    std::uint64_t validBytes = 0;  // whole records end here
    bool torn = false;             // bytes of a record that was never finished follow
    std::uint64_t salt = 0;
    std::uint64_t durableBatch = 0;  // the highest that a mark names
};

// Calls `visit` for every whole record of one segment, in order; header and marks are checked, not
// visited. An unfinished end that nothing proves to have been durable is reported as torn; every
// other fault is kCorrupt, or kUnsupported for a file of another format, naming file and offset.
Result<ScanEnd> scanSegment(Disk& disk, const std::string& path, std::uint64_t segment,
                            const RecordVisitor& visit, const SegmentProof& proof = {});

struct Damage {
    std::uint64_t position = 0;
    std::string text;
};

struct DamageFound {
    std::vector<Damage> places;  // in order
    ScanEnd end;
};

// Every damaged stretch of one segment, and not only the first: reading goes on at the next record
// that holds. `visit` gets every record that holds. A torn end is no damage.
Result<DamageFound> findDamage(Disk& disk, const std::string& path, std::uint64_t segment,
                               const RecordVisitor& visit, const SegmentProof& proof = {});

// "FILE is damaged at offset N (cause): ...".
Error damagedSegment(const std::string& path, std::uint64_t position, const std::string& cause);

}  // namespace foreshard
