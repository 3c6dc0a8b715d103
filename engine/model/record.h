#pragma once
// One item of the stream, as the edge sees it and as a frame carries it.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

enum class RecordKind : std::uint8_t {
    kData = 0,      // goes through the operator
    kHeader = 1,    // the header line of a CSV file: kept for rebuild, never applied
    kRejected = 2,  // unusable row: kept for rebuild with its reason, never applied
};

enum class RejectReason : std::uint8_t {
    kNone = 0,
    kTooFewFields,
    kValueNotANumber,
    kTimeNotATime,
    kKeyMissing,
    kKeyNotUtf8,
    kTooLong,  // over the record limit; stored in pieces of the limit's size
    kUnclosedQuote,
    kNotJson,
    kPatternMismatch,
    kTooManyFields,
    kTextBehindQuote,
    kQuoteHoldsRows,
    kNulByte,
    kBlankLine,     // no row at all; counted apart
    kContinuation,  // begins with a blank and does not match the pattern: a stack trace's line
    kKeyNotPlain,   // true, false, an object or an array
    kFieldTwice,
    kValueMissing,
    kValueInexact,  // an integer that a double cannot hold
    kValueTooLarge,
    kGrownLine,  // the rest of a line that was counted as complete at the end of the source
};
inline constexpr int kRejectReasonCount = 22;

// A sentence for people, e.g. "value is not a number".
const char* rejectReasonText(RejectReason reason);

// Views into a buffer that the holder keeps alive.
struct RecordView {
    Offset offset = 0;
    RecordKind kind = RecordKind::kData;
    RejectReason reason = RejectReason::kNone;
    std::int64_t eventTimeMs = 0;  // 0 when the stream has no time field
    double value = 0;
    BytesView type;  // empty when the stream has no type field; at most 255 bytes
    BytesView key;
    BytesView raw;  // verbatim, with its line end
};

// How far a source has been consumed; rides in the buffer box, so it is as durable as the records.
struct SourcePosition {
    std::uint64_t byte = 0;  // next byte to read
    std::uint64_t line = 0;  // lines consumed, for messages
    Offset nextOffset = 0;   // offset the next record will get
    std::uint64_t hash = 0;  // SourceFingerprint::hash() of the bytes in front; 0: not known

    friend bool operator==(const SourcePosition&, const SourcePosition&) = default;
};

// What fields a record has and where they are; written once into the data directory.
struct StreamSchema {
    std::string source;   // the URI as given: csv:FILE, jsonl:FILE, lines:FILE, -, synth:NAME?...
    std::string pattern;  // lines: RE2 with named groups
    std::string keyField;
    std::string timeField;
    std::string typeField;
    std::string valueField;
    std::uint64_t recordBytesMax = 1U << 20U;

    friend bool operator==(const StreamSchema&, const StreamSchema&) = default;
};

}  // namespace foreshard
