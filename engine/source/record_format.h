#pragma once
// What csv, jsonl and lines do differently: where a record ends and where its fields are.
// RecordParser does what they share. Pure; used on one thread.
#include "engine/base/result.h"
#include "engine/model/record.h"
#include "engine/source/parsed_batch.h"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace foreshard {

// How far the search for the end of the first pending record has come.
struct ScanState {
    std::size_t at = 0;   // everything in front has been looked at
    bool quoted = false;  // within a quoted field, which began at `opened`
    bool broken = false;  // text stood behind a closing quote: the row ends with its line
    bool lines = false;   // some quoted field holds a line feed
    std::size_t opened = 0;
};

// What follows the bytes at hand?
enum class Beyond : std::uint8_t {
    kUnknown,
    kNothing,  // they are the end of the source
    kMore,     // more than a record may have
};

// One past the end of the first record; `length` is BytesView::npos when that is not there yet.
struct RowEnd {
    std::size_t length = BytesView::npos;
    RejectReason reason = RejectReason::kNone;  // why these bytes are no record
};

class RecordFormat {
public:
    virtual ~RecordFormat() = default;
    // The end of the first record of `pending`; without one `state` remembers how far the search
    // went, for a longer `pending`.
    virtual RowEnd findEnd(BytesView pending, ScanState& state, Beyond beyond) const = 0;
    // Is the first record a header line?
    virtual bool hasHeader() const = 0;
    // kInvalid: a field of the schema is no column. REQUIRES: hasHeader().
    virtual Status readHeader(BytesView raw) = 0;
    // Fills type, key, value and eventTimeMs of `record`; their bytes are in `raw` or in out.arena,
    // and out.timesUnreadable counts a time that is none. Whether the key is UTF-8 is not its
    // business. REQUIRES: `raw` outlives the arena.
    virtual RejectReason parse(BytesView raw, RecordView& record, ParsedBatch& out) = 0;
};

// Ends a record at every line feed.
RowEnd findLineEnd(BytesView pending, ScanState& state);

// kInvalid when the schema makes no sense for the format (a bad pattern, an unknown group).
Result<std::unique_ptr<RecordFormat>> makeCsvFormat(const StreamSchema& schema);
Result<std::unique_ptr<RecordFormat>> makeJsonlFormat(const StreamSchema& schema);
Result<std::unique_ptr<RecordFormat>> makeLinesFormat(const StreamSchema& schema);

}  // namespace foreshard
