#pragma once
// BoxRetention bounds the history that an edge's boxes keep behind truncation: it removes sealed
// segments, the oldest of all boxes first, once a limit is passed. A segment that recovery still
// needs, and one with a batch of the newest few, is never removed. Lives on the edge's strand.
#include "engine/box/box.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace foreshard {

class BoxRetention {
public:
    struct Limits {
        std::uint64_t bytes = 0;           // of all boxes; 0: no limit
        std::chrono::milliseconds age{0};  // of a segment's newest frame; 0: no limit
    };

    // What it is given outlives it.
    BoxRetention(Env& env, const BoxCore& core, Boxes& boxes, Limits limits)
        : env_(env), core_(core), boxes_(boxes), limits_(limits)
    {
    }

    // Removes what the limits no longer cover. To be called now and then: age passes by itself.
    void apply(std::uint64_t durableBatch);

private:
    bool mayGo(BoxId id, std::uint64_t segment) const;
    // The box with the oldest sealed segment of all boxes; none when recovery needs that segment.
    // With `passOver` such segments are passed over: the oldest that recovery does not need.
    std::optional<BoxId> nextToGo(bool passOver) const;
    bool isTooOld(BoxId id, std::uint64_t segment, WallMillis now);
    WallMillis newestFrameOf(BoxId id, std::uint64_t segment) const;
    bool removeOldest(Box& box);
    std::uint64_t diskBytes() const;

    Env& env_;
    const BoxCore& core_;
    Boxes& boxes_;
    Limits limits_;
    std::uint64_t durableBatch_ = 0;
};

}  // namespace foreshard
