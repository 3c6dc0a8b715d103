#include "engine/predict/load_classifier.h"

namespace foreshard {

LoadClass LoadClassifier::wanted(LoadClass current, PerMille p50) const
{
    // A threshold moves away from whoever wants to cross it.
    const PerMille high =
        options_.high + (current == LoadClass::kHigh ? -options_.margin : options_.margin);
    const PerMille medium =
        options_.medium + (current == LoadClass::kLow ? options_.margin : -options_.margin);
    if (p50 >= high) return LoadClass::kHigh;
    return p50 >= medium ? LoadClass::kMedium : LoadClass::kLow;
}

LoadClass LoadClassifier::classify(ShardId shard, PerMille p50, Instant now)
{
    const auto [entry, isNew] = shards_.try_emplace(shard);
    State& state = entry->second;
    if (isNew) {
        state.since = now;
        if (p50 >= options_.medium) state.loadClass = LoadClass::kMedium;
        if (p50 >= options_.high) state.loadClass = LoadClass::kHigh;
        return state.loadClass;
    }
    const LoadClass next = wanted(state.loadClass, p50);
    if (next != state.loadClass && now - state.since >= options_.dwell) {
        state.loadClass = next;
        state.since = now;
    }
    return state.loadClass;
}

}  // namespace foreshard
