#pragma once
// What was last said about each shard, for the report of a failure. Bounded; messages are kept as
// they are and put into words only when somebody asks.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace foreshard::sim {

class ShardEvents {
public:
    static constexpr std::size_t kPerShardMax = 24;

    void message(ShardId shard, Instant at, const std::string& from, const std::string& to,
                 BytesView sealed);
    // The same, of a frame, which is not worth keeping whole.
    void frame(ShardId shard, Instant at, const std::string& to, FrameNo n);
    // Oldest first.
    std::vector<std::string> of(ShardId shard) const;

private:
    struct Event {
        Instant at;
        std::string from;
        std::string to;
        Bytes sealed;   // empty: a frame
        FrameNo n = 0;  // of the frame
    };
    void push(ShardId shard, Event event);

    std::map<ShardId, std::deque<Event>> shards_;
};

// "   1.234567s ".
std::string stamp(Instant at);

}  // namespace foreshard::sim
