#pragma once
// The two records that the journal itself writes: the header at the front of every segment and the
// mark in front of every append. FORMAT.md gives the bytes. Pure.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <string>

namespace foreshard {

// Of segments and of the records in them; a newer one is refused.
inline constexpr std::uint32_t kSegmentVersion = 1;
inline constexpr std::uint64_t kSegmentHeaderBytes = 80;
inline constexpr std::uint64_t kMarkBytes = 48;

// Which file this is, so that an emptied, swapped or foreign one is not taken for another.
struct SegmentHeader {
    std::string journal;              // journalName() of its folder
    std::uint64_t segment = 0;        // number of the file
    std::uint64_t salt = 0;           // drawn for this file; every mark in it repeats it
    std::uint64_t previousBytes = 0;  // final length of the segment before; 0: not known
    std::uint64_t previousSalt = 0;
};

Bytes encodeSegmentHeader(const SegmentHeader& header);
// kCorrupt: damaged, or cut short. kUnsupported: no segment header, or of a newer version.
Result<SegmentHeader> decodeSegmentHeader(BytesView data);

// Stands in front of every append: where the append lies, and how far the file was durable when it
// was written. A reader of the mark knows that a broken record before `durable` is damage, not a
// write that a crash has torn.
struct SegmentMark {
    std::uint64_t position = 0;
    std::uint64_t durable = 0;
    std::uint64_t salt = 0;
    std::uint64_t durableBatch = 0;  // Journal::setDurableBatch(); 0 in other journals
};

Bytes encodeMark(const SegmentMark& mark);
// The mark at the front of `data` when there is a whole one; kUnsupported when it is another
// record.
Result<SegmentMark> decodeMark(BytesView data);

// What a journal in this folder calls itself: "box/3", "manifest" (a numbered folder with the one
// above it).
std::string journalName(const std::string& directory);

}  // namespace foreshard
