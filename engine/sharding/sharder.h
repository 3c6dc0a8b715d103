#pragma once
// Which shard a record goes to. Pure and deterministic: the same table and the same records in the
// same order give the same shards. Lives on the edge's strand.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/assignment.h"
#include "engine/model/load.h"
#include "engine/model/record.h"

#include <array>
#include <cstdint>
#include <vector>

namespace foreshard {

// Of a key that is needed for nothing else; else slotOfHash().
std::uint32_t slotOf(BytesView key);

class Sharder {
public:
    // Replaces the table. kInvalid, and the old table stays, when there is no shard, when a range
    // leaves the 4096 slots, or (keyed) when a slot has no owner or two.
    Status assign(const std::vector<ShardAssignment>& shards, RoutingMode mode);

    // Keyed: the owner of the key's slot. By class: a shard of the pool of the record's predicted
    // class, by slot inside the pool; counts the record's key. Header and rejected records go by
    // the slot of the empty key (and are low). REQUIRES: assign() has succeeded, and `hash` is
    // keyHash() of the record's key.
    ShardId shardOf(const RecordView& record, std::uint64_t hash);

    // What shardOf() would take a record for: its cost bucket, one step up while its key makes at
    // least 2 % of the recent records.
    LoadClass classOf(const RecordView& record) const;

private:
    // Count-min sketch (Cormode, Muthukrishnan 2005) whose counts halve every kWindow records, so
    // that a share means "recently".
    static constexpr std::size_t kRows = 4;
    static constexpr std::size_t kColumns = 1024;
    static constexpr std::uint32_t kWindow = 1U << 16U;

    struct Pool {  // half open, into shards_
        std::size_t first = 0;
        std::size_t last = 0;
    };

    LoadClass classFor(const RecordView& record, std::uint64_t hash) const;
    std::uint32_t recentCount(std::uint64_t hash) const;
    void count(std::uint64_t hash);

    std::uint32_t slotOfNoKey_ = slotOf({});
    RoutingMode mode_ = RoutingMode::kKeyed;
    std::vector<ShardId> owners_;  // by slot; keyed only
    std::vector<ShardId> shards_;  // ascending; by class only
    std::array<Pool, 3> pools_;    // by LoadClass
    std::array<std::array<std::uint32_t, kColumns>, kRows> sketch_{};
    std::uint32_t counted_ = 0;
};

}  // namespace foreshard
