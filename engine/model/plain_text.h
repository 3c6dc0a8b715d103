#pragma once
// Numbers and keys as text files hold them. Pure.
#include "engine/base/bytes.h"

#include <string>

namespace foreshard {

// Shortest plain decimal that parses back to the same double ("5", "0.1", "-12.75").
std::string plainDecimal(double value);
// Quoted where CSV (RFC 4180) asks for it.
std::string csvField(BytesView key);
// In quotes; control characters escaped, other bytes as they are.
std::string jsonString(BytesView key);

}  // namespace foreshard
