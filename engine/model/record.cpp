#include "engine/model/record.h"

namespace foreshard {

const char* rejectReasonText(RejectReason reason)
{
    switch (reason) {
        case RejectReason::kNone:
            return "accepted";
        case RejectReason::kTooFewFields:
            return "too few fields";
        case RejectReason::kValueNotANumber:
            return "value is not a number";
        case RejectReason::kTimeNotATime:
            return "time is not a time";
        case RejectReason::kKeyMissing:
            return "key field is missing";
        case RejectReason::kKeyNotUtf8:
            return "key is not valid UTF-8";
        case RejectReason::kTooLong:
            return "record is longer than the limit";
        case RejectReason::kUnclosedQuote:
            return "quoted field is never closed";
        case RejectReason::kNotJson:
            return "not a JSON object";
        case RejectReason::kPatternMismatch:
            return "line does not match the pattern";
        case RejectReason::kTooManyFields:
            return "more fields than columns";
        case RejectReason::kTextBehindQuote:
            return "text stands behind a closing quote";
        case RejectReason::kQuoteHoldsRows:
            return "quoted field holds whole rows";
        case RejectReason::kNulByte:
            return "line holds NUL bytes";
        case RejectReason::kBlankLine:
            return "line is blank";
        case RejectReason::kContinuation:
            return "indented line does not match the pattern";
        case RejectReason::kKeyNotPlain:
            return "key is no text and no number";
        case RejectReason::kFieldTwice:
            return "a field that is asked for stands twice";
        case RejectReason::kValueMissing:
            return "value field is missing";
        case RejectReason::kValueInexact:
            return "integer beyond 2^53 cannot be held exactly";
        case RejectReason::kValueTooLarge:
            return "value is beyond the largest number";
        case RejectReason::kGrownLine:
            return "goes on with a line that was counted before it was complete";
    }
    return "unknown reason";
}

}  // namespace foreshard
