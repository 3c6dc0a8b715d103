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
    }
    return "unknown reason";
}

}  // namespace foreshard
