#pragma once
// Numbers and times as they stand in records. Pure; independent of locale and time zone settings.
#include "engine/base/bytes.h"
#include "engine/model/record.h"

#include <cstdint>
#include <optional>

namespace foreshard {

// Of UTF-8 text, at its start.
inline constexpr BytesView kByteOrderMark = "\xEF\xBB\xBF";
BytesView withoutByteOrderMark(BytesView text);
// Without spaces and tabs at both ends.
BytesView trimmed(BytesView text);
// Without "\n" or "\r\n".
BytesView withoutLineEnd(BytesView raw);

// The whole trimmed text as a finite double ("+1", "1e3", ".5"); nothing for NaN, infinity, an
// empty text or one beyond a double's range. What is too small for one is 0.
std::optional<double> parseNumber(BytesView text);

// The same into `value`, as far as it can be held: an integer that a double would round is refused
// with a reason of its own, and so is what is too large.
RejectReason readValue(BytesView text, double& value);

// Milliseconds since 1970 (UTC) from one of
//   seconds, milli-, micro- or nanoseconds since 1970, whole or decimal, told apart by their size
//   (from 1e11, 1e14 and 1e17 on),
//   YYYY-MM-DD[ HH:MM[:SS[.f...]]] with a blank or T between, slashes for the dashes, a comma for
//   the point, and nothing (UTC), Z, UTC, GMT or +hh[[:]mm] behind,
//   YYYYMMDDTHHMMSS[.f...] with the same behind,
//   dd/Mon/yyyy:HH:MM:SS +zzzz (the Apache log's).
std::optional<std::int64_t> parseEventTime(BytesView text);

}  // namespace foreshard
