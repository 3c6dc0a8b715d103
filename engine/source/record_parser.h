#pragma once
// Cuts a byte stream into records and finds their fields. Pure: bytes in, records out; it opens
// nothing and waits for nothing. `raw` of all records, in offset order, joins to the input byte for
// byte, and the records do not depend on how the input was cut into chunks.
//
// A csv quote that does not close as it should costs the line where it opened; the next one is read
// as a row of its own.
//
// A record over schema.recordBytesMax (its line end included) is cut at the limit, and so is the
// rest of its line: rejected pieces, kTooLong, or kUnclosedQuote for the first piece of a csv row
// that a quote holds open. The next record starts behind the next line feed, quoted or not. So
// memory is bounded, and a stray quote costs one limit at most.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/record.h"
#include "engine/source/parsed_batch.h"
#include "engine/source/record_format.h"
#include "engine/source/source_uri.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace foreshard {

// What stands in front of the position where a stream goes on.
enum class Before : std::uint8_t {
    kLineEnd,       // or nothing
    kLongLine,      // a piece of a line over the limit
    kFinishedLine,  // a last line without an end, which was taken as complete; more of it is
                    // rejected
};

class RecordParser {
public:
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

    // REQUIRES: recordBytesMax > 0.
    RecordParser(std::unique_ptr<RecordFormat> format, RecordFormatKind kind,
                 std::size_t recordBytesMax);

    // Appends the records that `data` completes to `out`, until that holds `recordsMax`; what is
    // left stays pending for the next call. With `end`, what has no line end is a record too.
    // kInvalid: the source is no such text, or (csv) its header lacks a field; the parser is of no
    // more use.
    Status feed(BytesView data, bool end, ParsedBatch& out, std::size_t recordsMax = kNoLimit);

    // Goes on at `position` of a stream. `headerLine` is that stream's first record when
    // needsHeader() and position.byte > 0 (it is not emitted again), else empty. REQUIRES: nothing
    // fed yet.
    Status resumeAt(const SourcePosition& position, BytesView headerLine, Before before);
    bool needsHeader() const { return format_->hasHeader(); }
    // Length of the first record of a stream that begins with `start`; 0 when it ends later, or
    // is over the limit.
    std::size_t headerLength(BytesView start) const;

    // Behind the last record emitted.
    const SourcePosition& position() const { return position_; }
    // Where the row begins that a quote holds open over its line's end; 0: no such row is pending.
    std::uint64_t openRowLine() const;
    // Bytes fed but not yet in a record.
    std::size_t pendingBytes() const { return pending_.size() - begin_; }

private:
    struct Cut {
        std::size_t length = 0;
        RejectReason reason = RejectReason::kNone;
        bool rowStart = true;
        bool oneLine = false;  // surely
    };

    Status checkHead(bool end);
    Status take(bool end, ParsedBatch& out, std::size_t recordsMax, std::size_t cutsMax);
    Cut nextCut(BytesView pending, bool end);
    Cut grownLine(BytesView window, bool end);
    static void count(const RecordView& record, bool rowStart, ParsedBatch& out);
    Status emit(BytesView raw, const Cut& cut, ParsedBatch& out);
    void parseFields(RecordView& record, ParsedBatch& out);

    std::unique_ptr<RecordFormat> format_;
    RecordFormatKind kind_;
    std::size_t recordBytesMax_;
    bool headerPending_;
    bool headChecked_ = false;
    bool insideLongLine_ = false;
    bool behindFinishedLine_ = false;
    SourcePosition position_;
    Bytes pending_;
    std::size_t begin_ = 0;  // of the first pending byte
    ScanState scan_;         // of the first pending record
    std::vector<Cut> cuts_;  // of the feed under way
    bool plain_ = false;     // so are its bytes: ASCII without a NUL
};

// kInvalid: a field, pattern or limit that makes no sense for the format.
Result<std::unique_ptr<RecordParser>> makeParser(const StreamSchema& schema,
                                                 RecordFormatKind format);

}  // namespace foreshard
