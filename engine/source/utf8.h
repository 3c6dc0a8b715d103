#pragma once
// Is it UTF-8? (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.)
#include "engine/base/bytes.h"

namespace foreshard {

// Eight bytes at a time through ASCII.
bool isUtf8(BytesView text);
// Nothing but ASCII, and no NUL?
bool isPlainAscii(BytesView text);

}  // namespace foreshard
