#include "engine/simulation/shard_events.h"

#include "engine/simulation/message_text.h"

#include <cstdio>
#include <utility>

namespace foreshard::sim {

void ShardEvents::message(ShardId shard, Instant at, const std::string& from, const std::string& to,
                          BytesView sealed)
{
    push(shard, {at, from, to, Bytes(sealed), 0});
}

void ShardEvents::frame(ShardId shard, Instant at, const std::string& to, FrameNo n)
{
    push(shard, {at, "edge", to, {}, n});
}

void ShardEvents::push(ShardId shard, Event event)
{
    std::deque<Event>& events = shards_[shard];
    if (events.size() == kPerShardMax) events.pop_front();
    events.push_back(std::move(event));
}

std::vector<std::string> ShardEvents::of(ShardId shard) const
{
    std::vector<std::string> lines;
    const auto events = shards_.find(shard);
    if (events == shards_.end()) return lines;
    for (const Event& event : events->second) {
        const std::string what = event.sealed.empty() ? "Frame n=" + std::to_string(event.n)
                                                      : describeSealed(event.sealed);
        lines.push_back(stamp(event.at) + event.from + " -> " + event.to + " " + what);
    }
    return lines;
}

std::string stamp(Instant at)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.6fs ", toSeconds(at - Instant{}));
    return text;
}

}  // namespace foreshard::sim
