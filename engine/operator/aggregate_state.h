#pragma once
// AggregateState is the keyed state of one shard: count, sum, min and max per key. It remembers
// which keys changed since the last pack, so that a checkpoint can hold the changes only. Pure;
// order of packing is order of first sight, never hash order. Packed form: FORMAT.md.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <tsl/robin_map.h>
#include <utility>
#include <vector>

namespace foreshard {

struct Aggregate {
    std::uint64_t count = 0;
    double sum = 0;
    double min = 0;
    double max = 0;
    // What rounding has cut off `sum`, so that small values beside large ones are not lost: both
    // together are good for twice the digits (Knuth, TAOCP 2, 4.2.2: two-sum).
    double sumLow = 0;

    void add(double value);
    // As if the records of `other` had come after ours.
    void merge(const Aggregate& other);
    void addToSum(double value);
    friend bool operator==(const Aggregate&, const Aggregate&) = default;
};

struct AggregateRow {
    Bytes key;
    Aggregate value;
};

class AggregateState {
public:
    AggregateState() = default;
    AggregateState(const AggregateState&) = delete;
    AggregateState& operator=(const AggregateState&) = delete;

    // The key's new value; valid until the next call.
    const Aggregate& apply(BytesView key, double value);
    // From here on everything applied can be taken back, until the next beginFrame(); loads and
    // packs between the two would be lost.
    void beginFrame() { undo_.clear(); }
    void takeBack();

    std::size_t keys() const { return entries_.size(); }
    std::size_t changedKeys() const { return changed_.size(); }
    // All keys, or those changed since the last pack of either kind; both forget the changes.
    Bytes packFull();
    Bytes packChanges();
    // Loads a pack over what is there: a full one first, then its deltas in order. kCorrupt on
    // damage.
    Status load(BytesView packed);
    void reserve(std::size_t keys) { index_.reserve(keys); }

    template <class F>
    void forEach(F visit) const
    {
        for (const Entry& entry : entries_)
            visit(BytesView(entry.key), entry.value);
    }

private:
    struct Entry {
        Bytes key;
        Aggregate value;
        bool changed = false;
    };
    // Open addressing with the hashes beside the keys: a lookup waits for memory once or twice.
    using Index = tsl::robin_map<BytesView, Entry*, std::hash<BytesView>, std::equal_to<>,
                                 std::allocator<std::pair<BytesView, Entry*>>, true>;
    // What an apply() has changed.
    struct Undo {
        Entry* entry = nullptr;
        Aggregate before;
        bool added = false;
        bool marked = false;  // as changed
    };
    Entry& entryOf(BytesView key);

    std::deque<Entry> entries_;  // never moved, so views into its keys stay valid
    Index index_;
    std::vector<Entry*> changed_;
    std::vector<Undo> undo_;  // as long as the frame
};

// Rows of several shards as one result: same keys merged, sorted by key in byte order.
std::vector<AggregateRow> mergeRows(const std::vector<const AggregateState*>& shards);

}  // namespace foreshard
