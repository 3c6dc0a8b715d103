#pragma once
// The newest sealed frames, so that a subscriber who keeps up is served without a disk. Bounded:
// the oldest leave when it holds more than `bytesMax`, but for the newest of all.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"

#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace foreshard {

class FrameCache {
public:
    explicit FrameCache(std::uint64_t bytesMax) : bytesMax_(bytesMax) {}

    void add(ShardId shard, FrameNo n, Bytes sealed)
    {
        bytes_ += sealed.size();
        frames_[{shard, n}] = std::move(sealed);
        order_.emplace_back(shard, n);
        while (bytes_ > bytesMax_ && order_.size() > 1) {
            const auto oldest = frames_.find(order_.front());
            order_.pop_front();
            if (oldest == frames_.end()) continue;
            bytes_ -= oldest->second.size();
            frames_.erase(oldest);
        }
    }
    // Null when the frame has left, or never came.
    const Bytes* find(ShardId shard, FrameNo n) const
    {
        const auto it = frames_.find({shard, n});
        return it == frames_.end() ? nullptr : &it->second;
    }
    std::uint64_t bytes() const { return bytes_; }

private:
    std::uint64_t bytesMax_;
    std::uint64_t bytes_ = 0;
    std::map<std::pair<ShardId, FrameNo>, Bytes> frames_;
    std::deque<std::pair<ShardId, FrameNo>> order_;  // as added
};

}  // namespace foreshard
