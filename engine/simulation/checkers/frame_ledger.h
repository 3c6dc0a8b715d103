#pragma once
// What the frames of every shard hold, noted as the edge hands each out for the first time, and the
// keyed state they lead to: the reference that nodes and checkpoints are measured against. Applies
// records by itself, so a bug in the engine's state does not hide here. Pure.
#include "engine/model/frame.h"
#include "engine/operator/aggregate_state.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace foreshard::sim {

class FrameLedger {
public:
    struct Facts {
        std::uint32_t crc = 0;  // of the whole sealed frame
        Offset lastOffset = 0;
        std::uint64_t recordsThrough = 0;  // data records of the shard up to and with this frame
    };

    // Records of `deadKeys` are never applied: they count for nothing here.
    explicit FrameLedger(const std::set<Bytes>& deadKeys) : deadKeys_(deadKeys) {}

    // REQUIRES: frame.header.n follows newest() of its shard, and its records parse.
    void add(const Frame& frame, std::uint32_t crc);

    // The newest frame handed out; 0 before the first.
    FrameNo newest(ShardId shard) const;
    // Null when that frame was never handed out.
    const Facts* find(ShardId shard, FrameNo n) const;
    // A shard that has had records of the key.
    std::optional<ShardId> shardOfKey(BytesView key) const;
    // What is wrong with `state` as that of the shard at frame `n`, or with the part of it that has
    // changed behind frame `since` (0: all of it); "" when nothing is.
    std::string differs(ShardId shard, FrameNo n, FrameNo since, const AggregateState& state) const;

private:
    struct Change {
        FrameNo n = 0;
        Aggregate value;
    };
    struct Shard {
        std::vector<Facts> frames;  // frames[n - 1]
        std::map<Bytes, std::vector<Change>, std::less<>> keys;
    };

    const std::set<Bytes>& deadKeys_;
    std::map<ShardId, Shard> shards_;
};

// For people.
std::string describe(const Aggregate& value);

}  // namespace foreshard::sim
