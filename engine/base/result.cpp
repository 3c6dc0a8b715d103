#include "engine/base/result.h"

namespace foreshard {

const char* errcName(Errc code)
{
    switch (code) {
        case Errc::kInvalid:
            return "invalid";
        case Errc::kNotFound:
            return "not-found";
        case Errc::kIo:
            return "io";
        case Errc::kNoSpace:
            return "no-space";
        case Errc::kReadOnly:
            return "read-only";
        case Errc::kCorrupt:
            return "corrupt";
        case Errc::kGap:
            return "gap";
        case Errc::kBusy:
            return "busy";
        case Errc::kStale:
            return "stale";
        case Errc::kUnavailable:
            return "unavailable";
        case Errc::kUnsupported:
            return "unsupported";
        case Errc::kTimeout:
            return "timeout";
    }
    return "unknown";
}

}  // namespace foreshard
