#pragma once
// What csv, jsonl and lines do differently: where a record ends and where its fields are.
// RecordParser does what they share. Pure; used on one thread.
#include "engine/base/result.h"
#include "engine/edge/parsed_batch.h"
#include "engine/model/record.h"

#include <cstddef>
#include <memory>

namespace foreshard {

// How far the search for the end of the first pending record has come.
struct ScanState {
    std::size_t at = 0;  // everything in front has been looked at
    bool quoted = false;
};

class RecordFormat {
public:
    virtual ~RecordFormat() = default;
    // One past the line feed that ends the first record of `pending`; BytesView::npos when it is
    // not there yet (then `state` remembers how far the search went, for a longer `pending`).
    virtual std::size_t findEnd(BytesView pending, ScanState& state) const = 0;
    // Is the first record a header line?
    virtual bool hasHeader() const = 0;
    // kInvalid: a field of the schema is no column. REQUIRES: hasHeader().
    virtual Status readHeader(BytesView raw) = 0;
    // Fills type, key, value and eventTimeMs of `record`; their bytes are in `raw` or in `arena`.
    // Whether the key is UTF-8 is not its business. REQUIRES: `raw` outlives the arena.
    virtual RejectReason parse(BytesView raw, RecordView& record, ByteArena& arena) = 0;
};

// Ends a record at every line feed.
std::size_t findLineEnd(BytesView pending, ScanState& state);

// kInvalid when the schema makes no sense for the format (a bad pattern, an unknown group).
Result<std::unique_ptr<RecordFormat>> makeCsvFormat(const StreamSchema& schema);
Result<std::unique_ptr<RecordFormat>> makeJsonlFormat(const StreamSchema& schema);
Result<std::unique_ptr<RecordFormat>> makeLinesFormat(const StreamSchema& schema);

}  // namespace foreshard
