#pragma once
// BacklogCore counts the bytes of frames that are in the boxes, or on the way there, and of which
// no subscriber has said that they are applied. Reading waits while they are too many. Pure.
#include "engine/base/ids.h"
#include "engine/box/box_core.h"

#include <algorithm>
#include <cstdint>
#include <map>

namespace foreshard {

class BacklogCore {
public:
    // What an earlier life left to do counts, or every start of an engine that dies again and again
    // could add as much as the limit allows.
    void start(std::uint64_t bytes) { bytes_ = atStart_ = bytes; }
    // The shard's frames up to `upTo` were applied before the start.
    void startBehind(ShardId shard, FrameNo upTo) { settled_[shard] = upTo; }

    void add(const BoxCore& boxes, ShardId shard, FrameNo n)
    {
        // By the size that settle() takes off again.
        bytes_ += boxes.find(shard, n)->bytes;
    }
    // The shard's frames up to `upTo` are applied. To be called before they leave the box.
    void settle(const BoxCore& boxes, ShardId shard, FrameNo upTo)
    {
        FrameNo& settled = settled_[shard];
        for (FrameNo n = settled + 1; n <= upTo; ++n) {
            const FrameRef* frame = boxes.find(shard, n);
            if (frame != nullptr) bytes_ -= std::min(bytes_, frame->bytes);
        }
        settled = std::max(settled, upTo);
    }

    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t bytesAtStart() const { return atStart_; }

private:
    std::map<ShardId, FrameNo> settled_;
    std::uint64_t bytes_ = 0;
    std::uint64_t atStart_ = 0;
};

}  // namespace foreshard
