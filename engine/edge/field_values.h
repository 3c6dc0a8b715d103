#pragma once
// Numbers and times as they stand in records. Pure; independent of locale and time zone settings.
#include "engine/base/bytes.h"

#include <cstdint>
#include <optional>

namespace foreshard {

// Without spaces and tabs at both ends.
BytesView trimmed(BytesView text);
// Without "\n" or "\r\n".
BytesView withoutLineEnd(BytesView raw);

// The whole trimmed text as a finite double ("+1", "1e3", ".5"); nothing for NaN, infinity, an
// empty text or one out of a double's range.
std::optional<double> parseNumber(BytesView text);

// Milliseconds since 1970 (UTC) from one of
//   seconds or milliseconds since 1970, whole or decimal (1e11 and above are milliseconds),
//   YYYY-MM-DD HH:MM[:SS[.f...]] with a blank or T between, and nothing (UTC), Z or +hh[:]mm
//   behind, dd/Mon/yyyy:HH:MM:SS +zzzz (the Apache log's).
std::optional<std::int64_t> parseEventTime(BytesView text);

}  // namespace foreshard
