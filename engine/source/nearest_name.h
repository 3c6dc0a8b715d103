#pragma once
// Words for "there is no such name": what there is, and what was probably meant.
#include "engine/base/bytes.h"

#include <string>
#include <vector>

namespace foreshard {

// "has a, b, c: did you mean 'b'?", or "has a, b, c: name one of these" when nothing is near.
// At most 20 names are listed.
std::string nameAdvice(BytesView wanted, const std::vector<std::string>& names);

// What was probably meant; "" when nothing is near.
std::string nearestName(BytesView wanted, const std::vector<std::string>& names);

}  // namespace foreshard
