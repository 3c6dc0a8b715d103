#pragma once
// Turns a predicted load into high, medium or low, slowly enough that nothing flaps: a class is
// entered only past its threshold by a margin, and kept for at least a second. Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/load.h"

#include <map>

namespace foreshard {

class LoadClassifier {
public:
    // Per mille of a node's capacity. One shard of many rarely fills 70 % of a node, so a caller
    // with several shards per node divides the three by that number.
    struct Options {
        PerMille high = 700;
        PerMille medium = 350;
        PerMille margin = 50;
        Nanos dwell = 1s;
    };

    LoadClassifier() = default;
    explicit LoadClassifier(const Options& options) : options_(options) {}

    void setOptions(const Options& options) { options_ = options; }
    // REQUIRES: `now` never goes backwards for one shard.
    LoadClass classify(ShardId shard, PerMille p50, Instant now);
    void forget(ShardId shard) { shards_.erase(shard); }

private:
    struct State {
        LoadClass loadClass = LoadClass::kLow;
        Instant since;
    };
    LoadClass wanted(LoadClass current, PerMille p50) const;

    Options options_;
    std::map<ShardId, State> shards_;
};

}  // namespace foreshard
