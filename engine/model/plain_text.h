#pragma once
// Numbers and keys as text files hold them. Pure.
#include "engine/base/bytes.h"

#include <string>

namespace foreshard {

// Shortest text that parses back to the same double: plain decimal ("5", "0.1", "-12.75") from 1e-6
// to 1e21, beyond that with an exponent ("1e+308"); "inf", "-inf" and "nan" for what is no number.
std::string plainDecimal(double value);
// The same, but null for what is no number: JSON has no word for it.
std::string jsonNumber(double value);
// Quoted where CSV (RFC 4180) asks for it.
std::string csvField(BytesView key);
// In quotes, always valid JSON: what printable() changes is escaped as JSON does, and a byte that
// is no UTF-8 is U+FFFD.
std::string jsonString(BytesView key);

// What a terminal may be shown: every control character (C0, DEL, C1) and every invisible one, the
// ones that turn the writing direction included, as \u001b; a byte that is no UTF-8 as \xff. Valid
// JSON stays the same JSON.
enum class LineEnds {
    kKeep,   // of a text of many lines: line ends and tabs stay
    kEscape  // of a field, which must not begin a line of its own
};
std::string printable(BytesView text, LineEnds lineEnds = LineEnds::kEscape);

}  // namespace foreshard
