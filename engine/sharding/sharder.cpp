#include "engine/sharding/sharder.h"

#include "engine/base/mutant.h"
#include "engine/model/key_hash.h"
#include "engine/model/work_cost.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace foreshard {
namespace {

constexpr std::uint32_t kHotPerMille = 20;
constexpr std::uint32_t kHotCountMin = 64;  // fewer sightings say nothing about a share

Error tableError(const std::string& cause)
{
    return {Errc::kInvalid, "routing table refused: " + cause + ": the former table stays"};
}

Result<std::vector<ShardId>> slotTable(const std::vector<ShardAssignment>& shards)
{
    std::vector<std::optional<ShardId>> owners(kSlotCount);
    for (const ShardAssignment& assignment : shards) {
        for (const SlotRange& range : assignment.slots) {
            if (range.first > range.last || range.last > kSlotCount)
                return tableError(nameOf(assignment.shard) + " has a range outside the slots");
            for (std::uint32_t slot = range.first; slot < range.last; ++slot) {
                if (owners[slot])
                    return tableError("slot " + std::to_string(slot) + " belongs to "
                                      + nameOf(*owners[slot]) + " and " + nameOf(assignment.shard));
                owners[slot] = assignment.shard;
            }
        }
    }
    std::vector<ShardId> table;
    table.reserve(kSlotCount);
    for (std::uint32_t slot = 0; slot < kSlotCount; ++slot) {
        if (!owners[slot]) return tableError("slot " + std::to_string(slot) + " has no shard");
        table.push_back(*owners[slot]);
    }
    return table;
}

}  // namespace

std::uint32_t slotOf(BytesView key) { return slotOfHash(keyHash(key)); }

Status Sharder::assign(const std::vector<ShardAssignment>& shards, RoutingMode mode)
{
    if (shards.empty()) return tableError("it has no shard");
    if (mode == RoutingMode::kKeyed) {
        FS_TRY(owners_, slotTable(shards));
        mode_ = mode;
        return {};
    }
    std::vector<ShardId> ids;
    for (const ShardAssignment& assignment : shards)
        ids.push_back(assignment.shard);
    std::sort(ids.begin(), ids.end());
    if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
        return tableError("a shard is listed twice");
    const std::size_t n = ids.size();
    const std::size_t low = n < 3 ? 1 : n / 3;
    const std::size_t medium = n < 3 ? n : 2 * n / 3;
    const Pool rest{n == 1 ? 0 : low, n};  // of one or two shards
    pools_ = {Pool{0, low}, n < 3 ? rest : Pool{low, medium}, n < 3 ? rest : Pool{medium, n}};
    shards_ = std::move(ids);
    mode_ = mode;
    return {};
}

ShardId Sharder::shardOf(const RecordView& record, std::uint64_t hash)
{
    const bool data = record.kind == RecordKind::kData;
    const std::uint32_t slot = data ? slotOfHash(hash) : slotOfNoKey_;
    if (mode_ == RoutingMode::kKeyed) {
        FS_CHECK(owners_.size() == kSlotCount);
        if (mutant(Mutant::kSlotOffByOne) && slot > 0) return owners_[slot - 1];
        return owners_[slot];
    }
    FS_CHECK(!shards_.empty());
    LoadClass loadClass = LoadClass::kLow;
    if (data) {
        count(hash);
        loadClass = classFor(record, hash);
    }
    const Pool pool = pools_[static_cast<std::size_t>(loadClass)];
    return shards_[pool.first + slot * (pool.last - pool.first) / kSlotCount];
}

LoadClass Sharder::classOf(const RecordView& record) const
{
    return record.kind == RecordKind::kData ? classFor(record, keyHash(record.key))
                                            : LoadClass::kLow;
}

LoadClass Sharder::classFor(const RecordView& record, std::uint64_t hash) const
{
    int step = costBucket(record.type, record.raw.size());
    const std::uint32_t seen = recentCount(hash);
    if (seen >= kHotCountMin
        && std::uint64_t{seen} * 1000 >= std::uint64_t{counted_} * kHotPerMille)
        ++step;
    return step == 0 ? LoadClass::kLow : step == 1 ? LoadClass::kMedium : LoadClass::kHigh;
}

std::uint32_t Sharder::recentCount(std::uint64_t hash) const
{
    std::uint32_t least = UINT32_MAX;
    for (std::size_t row = 0; row < kRows; ++row)
        least = std::min(least, sketch_[row][(hash >> (row * 13 + 12)) % kColumns]);
    return least;
}

void Sharder::count(std::uint64_t hash)
{
    for (std::size_t row = 0; row < kRows; ++row)
        ++sketch_[row][(hash >> (row * 13 + 12)) % kColumns];
    if (++counted_ < kWindow) return;
    for (auto& row : sketch_)
        for (std::uint32_t& cell : row)
            cell /= 2;
    counted_ /= 2;
}

}  // namespace foreshard
