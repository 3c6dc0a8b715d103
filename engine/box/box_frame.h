#pragma once
// A frame on its way into a buffer box.
#include "engine/base/ids.h"
#include "engine/model/frame.h"

#include <cstdint>
#include <vector>

namespace foreshard {

struct BoxFrame {
    BoxId box;
    Frame frame;  // its header's batch, part and parts are set by BoxStore
    // keyHash() of each record's key, in their order; empty: they are hashed once more.
    std::vector<std::uint64_t> keyHashes = {};
};

}  // namespace foreshard
