#pragma once
// SuspectCore knows which records are under suspicion because the operator ended the process on
// them, and how often. Pure and bounded.
#include "engine/model/dead_letter.h"

#include <cstddef>
#include <map>
#include <vector>

namespace foreshard {

class SuspectCore {
public:
    // Beyond it the least tried one is forgotten, and gets its tries anew.
    static constexpr std::size_t kSuspectsMax = 1024;

    // Counts a try; false when that life has counted it already.
    bool tried(const OperatorMark& mark);
    // Frames of `shard` up to and including `n` are in a checkpoint: nothing of them is tried
    // again. True when that cleared a suspicion.
    bool saved(ShardId shard, FrameNo n);
    // The record is given up, or gets all its tries again. True when it was suspected.
    bool forget(Offset offset) { return suspects_.erase(offset) > 0; }
    const Suspect* find(Offset offset) const;  // null: not suspected
    SuspectList all() const;
    void restore(const SuspectList& list);
    // What a node must know that restores `shard` behind frame `n`.
    std::vector<Suspect> behind(ShardId shard, FrameNo n) const;

private:
    std::map<Offset, Suspect> suspects_;
};

}  // namespace foreshard
