#pragma once
// Text from an input, made fit for a message on a terminal. Pure.
#include "engine/base/bytes.h"

#include <string>

namespace foreshard {

// Control bytes and what is no UTF-8 as \xNN, at most `bytesMax` bytes of `text` and then "...".
std::string readable(BytesView text, std::size_t bytesMax = 64);

}  // namespace foreshard
