#include "engine/box/box_core.h"

#include "engine/base/check.h"

#include <algorithm>

namespace foreshard {

void BoxCore::add(const FrameRef& frame)
{
    Shard& shard = shardOf(frame.shard);
    FS_CHECK(frame.n == shard.firstN + shard.frames.size());
    shard.frames.push_back(frame);
    if (frame.n > shard.saved) {
        shard.buffered.bytes += frame.bytes;
        shard.buffered.records += frame.records;
    }
    ++retained_[{frame.box, frame.segment}];
    undurable_.emplace_back(frame.batch, frame.shard);
}

void BoxCore::batchesDurable(std::uint64_t batch)
{
    while (!undurable_.empty() && undurable_.front().first <= batch) {
        Shard& shard = shardOf(undurable_.front().second);
        undurable_.pop_front();
        ++shard.durable;
        const FrameRef& frame = shard.frames[shard.durable - shard.firstN];
        shard.nextOffset = frame.lastOffset + 1;
    }
}

void BoxCore::truncate(ShardId id, FrameNo n)
{
    Shard& shard = shardOf(id);
    saved(id, n);
    while (!shard.frames.empty() && shard.firstN <= n && shard.firstN <= shard.durable) {
        const FrameRef& frame = shard.frames.front();
        const auto count = retained_.find({frame.box, frame.segment});
        FS_CHECK(count != retained_.end());
        if (--count->second == 0) retained_.erase(count);
        shard.frames.pop_front();
        ++shard.firstN;
    }
}

void BoxCore::saved(ShardId id, FrameNo n)
{
    Shard& shard = shardOf(id);
    for (FrameNo next = std::max(shard.saved + 1, shard.firstN); next <= n; ++next) {
        const FrameRef* frame = find(id, next);
        if (frame == nullptr) break;
        shard.buffered.bytes -= frame->bytes;
        shard.buffered.records -= frame->records;
    }
    shard.saved = std::max(shard.saved, n);
}

void BoxCore::retainAgain(ShardId id, const std::vector<FrameRef>& frames)
{
    Shard& shard = shardOf(id);
    for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
        FS_CHECK(frame->shard == id && frame->n + 1 == shard.firstN);
        shard.frames.push_front(*frame);
        --shard.firstN;
        ++retained_[{frame->box, frame->segment}];
    }
}

void BoxCore::savedOnly(ShardId id, FrameNo n)
{
    Shard& shard = shardOf(id);
    shard.saved = n;
    shard.buffered = {};
    for (const FrameRef& frame : shard.frames) {
        if (frame.n <= n) continue;
        shard.buffered.bytes += frame.bytes;
        shard.buffered.records += frame.records;
    }
}

void BoxCore::startBehind(ShardId id, FrameNo n)
{
    truncate(id, n);
    Shard& shard = shardOf(id);
    FS_CHECK(shard.frames.empty());
    shard.firstN = n + 1;
    shard.durable = n;
}

const FrameRef* BoxCore::find(ShardId id, FrameNo n) const
{
    const auto it = shards_.find(id);
    if (it == shards_.end() || n < it->second.firstN) return nullptr;
    const std::uint64_t index = n - it->second.firstN;
    return index < it->second.frames.size() ? &it->second.frames[index] : nullptr;
}

FrameNo BoxCore::firstRetained(ShardId id) const
{
    const auto it = shards_.find(id);
    return it == shards_.end() ? 1 : it->second.firstN;
}

FrameNo BoxCore::lastAppended(ShardId id) const
{
    const auto it = shards_.find(id);
    return it == shards_.end() ? 0 : it->second.firstN + it->second.frames.size() - 1;
}

FrameNo BoxCore::lastDurable(ShardId id) const
{
    const auto it = shards_.find(id);
    return it == shards_.end() ? 0 : it->second.durable;
}

Offset BoxCore::nextOffset(ShardId id) const
{
    const auto it = shards_.find(id);
    return it == shards_.end() ? 0 : it->second.nextOffset;
}

BoxCore::Buffered BoxCore::buffered(ShardId id) const
{
    const auto it = shards_.find(id);
    return it == shards_.end() ? Buffered{} : it->second.buffered;
}

std::uint64_t BoxCore::bufferedBytes() const
{
    std::uint64_t bytes = 0;
    for (const auto& [id, shard] : shards_)
        bytes += shard.buffered.bytes;
    return bytes;
}

std::uint64_t BoxCore::retainedFrames(BoxId box, std::uint64_t segment) const
{
    const auto it = retained_.find({box, segment});
    return it == retained_.end() ? 0 : it->second;
}

}  // namespace foreshard
