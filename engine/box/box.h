#pragma once
// One buffer box as BoxStore, which opens and fills it, and BoxRetention, which takes its oldest
// segments away, see it.
#include "engine/box/box_core.h"
#include "engine/correlation/segment_index.h"
#include "engine/journal/journal.h"
#include "engine/model/frame.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace foreshard {

struct Box {
    std::unique_ptr<Journal> journal;
    SegmentIndexBuilder index;  // of the current segment
    std::uint64_t indexSegment = 0;
    std::map<std::uint64_t, std::uint64_t> lastBatchOf;  // segment -> newest batch in it
    // segment -> when its newest frame was cut; read from the segment when first asked for
    std::map<std::uint64_t, WallMillis> newestOf;
    std::map<std::uint64_t, std::uint64_t> foundBytes;  // segment -> length while opening
};
using Boxes = std::map<BoxId, Box>;

}  // namespace foreshard
