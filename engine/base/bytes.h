#pragma once
// Owned and borrowed bytes. Records are bytes, not text: nothing here assumes an encoding.
#include <string>
#include <string_view>

namespace foreshard {

using Bytes = std::string;
using BytesView = std::string_view;

}  // namespace foreshard
