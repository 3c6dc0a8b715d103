#include "engine/simulation/checkers/frame_ledger.h"

#include "engine/archive/results.h"
#include "engine/base/check.h"
#include "engine/wire/record_codec.h"

#include <algorithm>

namespace foreshard::sim {

void FrameLedger::add(const Frame& frame, std::uint32_t crc)
{
    Shard& shard = shards_[frame.header.shard];
    const FrameNo n = frame.header.n;
    FS_CHECK(n == shard.frames.size() + 1);
    Facts facts{crc, frame.header.lastOffset, 0};
    if (!shard.frames.empty()) facts.recordsThrough = shard.frames.back().recordsThrough;
    RecordUnpacker records(frame.records);
    RecordView record;
    while (records.next(record)) {
        if (record.kind != RecordKind::kData || deadKeys_.contains(Bytes(record.key))) continue;
        ++facts.recordsThrough;
        auto key = shard.keys.find(record.key);
        if (key == shard.keys.end()) key = shard.keys.try_emplace(Bytes(record.key)).first;
        std::vector<Change>& changes = key->second;
        if (changes.empty() || changes.back().n != n)
            changes.push_back({n, changes.empty() ? Aggregate{} : changes.back().value});
        changes.back().value.add(record.value);
    }
    FS_CHECK(records.status().ok());
    shard.frames.push_back(facts);
}

FrameNo FrameLedger::newest(ShardId id) const
{
    const auto shard = shards_.find(id);
    return shard == shards_.end() ? 0 : shard->second.frames.size();
}

const FrameLedger::Facts* FrameLedger::find(ShardId id, FrameNo n) const
{
    const auto shard = shards_.find(id);
    if (shard == shards_.end() || n == 0 || n > shard->second.frames.size()) return nullptr;
    return &shard->second.frames[n - 1];
}

std::optional<ShardId> FrameLedger::shardOfKey(BytesView key) const
{
    for (const auto& [id, shard] : shards_) {
        if (shard.keys.contains(key)) return id;
    }
    return std::nullopt;
}

std::string FrameLedger::differs(ShardId id, FrameNo n, FrameNo since,
                                 const AggregateState& state) const
{
    std::map<BytesView, const Aggregate*> got;
    state.forEach([&got](BytesView key, const Aggregate& value) { got[key] = &value; });
    const auto shard = shards_.find(id);
    std::size_t known = 0;
    if (shard != shards_.end()) {
        for (const auto& [key, changes] : shard->second.keys) {
            // The newest change up to n.
            const auto behind =
                std::upper_bound(changes.begin(), changes.end(), n,
                                 [](FrameNo at, const Change& change) { return at < change.n; });
            if (behind == changes.begin()) continue;
            const Change& wanted = *(behind - 1);
            const auto found = got.find(key);
            if (found == got.end()) {
                if (wanted.n > since) return "lacks key " + key;
                continue;
            }
            ++known;
            if (!(*found->second == wanted.value))
                return "has " + describe(*found->second) + " for key " + key + ", not "
                       + describe(wanted.value);
        }
    }
    return known == got.size() ? "" : "has a key that none of its records has";
}

std::string describe(const Aggregate& value)
{
    return "count " + std::to_string(value.count) + " sum " + plainDecimal(value.sum) + " min "
           + plainDecimal(value.min) + " max " + plainDecimal(value.max);
}

}  // namespace foreshard::sim
