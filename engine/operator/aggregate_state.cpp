#include "engine/operator/aggregate_state.h"

#include "engine/wire/little_endian.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

namespace foreshard {
namespace {

constexpr std::uint32_t kHasSumLow = 1;

// One packed entry: u64 count, f64 sum, min, max, u32 key length, u32 flags, f64 low part of the
// sum when the flags say so, key.
struct PackedHead {
    std::uint64_t count;
    double sum;
    double min;
    double max;
    std::uint32_t keyLength;
    std::uint32_t flags;
};
static_assert(sizeof(PackedHead) == 40);

void pack(Bytes& out, BytesView key, const Aggregate& value)
{
    const std::uint32_t flags = value.sumLow != 0 ? kHasSumLow : 0;
    const PackedHead head{
        value.count, value.sum, value.min, value.max, static_cast<std::uint32_t>(key.size()),
        flags};
    char bytes[sizeof head];
    std::memcpy(bytes, &head, sizeof head);
    out.append(bytes, sizeof head);
    if (flags != 0) appendNumber(out, value.sumLow);
    out.append(key);
}

}  // namespace

void Aggregate::add(double value)
{
    min = count == 0 ? value : std::min(min, value);
    max = count == 0 ? value : std::max(max, value);
    addToSum(value);
    ++count;
}

void Aggregate::addToSum(double value)
{
    const double total = sum + value;
    const double part = total - sum;
    const double low = sumLow + ((sum - (total - part)) + (value - part));
    sum = total + low;
    sumLow = low - (sum - total);
    // Beyond the largest number there is nothing to keep.
    if (!std::isfinite(sum)) {
        sum = total;
        sumLow = 0;
    }
}

void Aggregate::merge(const Aggregate& other)
{
    if (other.count == 0) return;
    min = count == 0 ? other.min : std::min(min, other.min);
    max = count == 0 ? other.max : std::max(max, other.max);
    addToSum(other.sum);
    addToSum(other.sumLow);
    count += other.count;
}

AggregateState::Entry& AggregateState::entryOf(BytesView key)
{
    if (const auto it = index_.find(key); it != index_.end()) return *it->second;
    Entry& entry = entries_.emplace_back();
    entry.key = Bytes(key);
    index_.emplace(BytesView(entry.key), &entry);
    return entry;
}

const Aggregate& AggregateState::apply(BytesView key, double value)
{
    const std::size_t keysBefore = keys();
    Entry& entry = entryOf(key);
    undo_.push_back({&entry, entry.value, keys() != keysBefore, !entry.changed});
    entry.value.add(value);
    if (!entry.changed) changed_.push_back(&entry);
    entry.changed = true;
    return entry.value;
}

void AggregateState::takeBack()
{
    for (; !undo_.empty(); undo_.pop_back()) {
        const Undo& last = undo_.back();
        if (last.marked) changed_.pop_back();
        if (last.added) {
            index_.erase(last.entry->key);
            entries_.pop_back();
            continue;
        }
        last.entry->value = last.before;
        if (last.marked) last.entry->changed = false;
    }
}

Bytes AggregateState::packFull()
{
    Bytes out;
    out.reserve(entries_.size() * (sizeof(PackedHead) + 16));
    for (Entry& entry : entries_) {
        pack(out, entry.key, entry.value);
        entry.changed = false;
    }
    changed_.clear();
    return out;
}

Bytes AggregateState::packChanges()
{
    Bytes out;
    out.reserve(changed_.size() * (sizeof(PackedHead) + 16));
    for (Entry* entry : changed_) {
        pack(out, entry->key, entry->value);
        entry->changed = false;
    }
    changed_.clear();
    return out;
}

Status AggregateState::load(BytesView packed)
{
    while (!packed.empty()) {
        PackedHead head{};
        if (packed.size() < sizeof head) return Error{Errc::kCorrupt, "packed state is cut short"};
        std::memcpy(&head, packed.data(), sizeof head);
        packed.remove_prefix(sizeof head);
        double low = 0;
        if (head.flags > kHasSumLow)
            return Error{Errc::kCorrupt, "packed state has an entry of an unknown form"};
        if (head.flags == kHasSumLow) {
            if (packed.size() < sizeof low)
                return Error{Errc::kCorrupt, "packed state is cut short"};
            low = loadNumber<double>(packed.data());
            packed.remove_prefix(sizeof low);
        }
        if (head.keyLength > packed.size())
            return Error{Errc::kCorrupt, "packed state has a key longer than itself"};
        entryOf(packed.substr(0, head.keyLength)).value = {head.count, head.sum, head.min, head.max,
                                                           low};
        packed.remove_prefix(head.keyLength);
    }
    return {};
}

std::vector<AggregateRow> mergeRows(const std::vector<const AggregateState*>& shards)
{
    std::map<BytesView, Aggregate> merged;
    for (const AggregateState* shard : shards) {
        shard->forEach(
            [&merged](BytesView key, const Aggregate& value) { merged[key].merge(value); });
    }
    std::vector<AggregateRow> rows;
    rows.reserve(merged.size());
    for (const auto& [key, value] : merged)
        rows.push_back({Bytes(key), value});
    return rows;
}

}  // namespace foreshard
