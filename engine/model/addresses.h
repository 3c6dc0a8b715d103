#pragma once
// Names under which the parts of one engine find each other on the Network.
#include "engine/base/ids.h"

#include <string>

namespace foreshard {

inline std::string nodeAddress(NodeId node) { return "node/" + std::to_string(node.value); }

}  // namespace foreshard
