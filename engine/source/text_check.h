#pragma once
// Tells from the first bytes of a source that it is not the text its format asks for. Pure.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/source/source_uri.h"

namespace foreshard {

// Enough for every check, unless the source begins with blank lines without end.
inline constexpr std::size_t kTextHeadBytes = 4096;

// Does `head` hold enough to be judged: kTextHeadBytes, or a whole line that is not blank?
bool headIsEnough(BytesView head);

// kInvalid: `head` is compressed, in another encoding, a known binary format, or (jsonl) an array
// or an object over several lines; the message says what to do about it.
Status checkText(BytesView head, RecordFormatKind format);

}  // namespace foreshard
