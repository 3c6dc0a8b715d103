#pragma once
// DeadLetterCore knows which records are left out for good and which are under suspicion because
// the operator ended the process on them. Pure. Bounded: when it is full nothing more may be left
// out, because an operator that fails on so much is broken itself.
#include "engine/model/dead_letter.h"

#include <cstdint>
#include <map>
#include <vector>

namespace foreshard {

class DeadLetterCore {
public:
    static constexpr std::size_t kLettersMax = 4096;
    static constexpr std::uint64_t kBytesMax = 256ULL << 20U;  // of the records in the log
    // Beyond it the least tried one is forgotten, and gets its tries anew.
    static constexpr std::size_t kSuspectsMax = 1024;

    void add(const DeadLetter& letter);
    bool has(Offset offset) const { return dead_.contains(offset); }
    bool full() const { return dead_.size() >= kLettersMax || bytes_ >= kBytesMax; }
    std::size_t count() const { return dead_.size(); }

    // Counts a try; false when that life has counted it already, or the record is dead.
    bool tried(const OperatorMark& mark);
    // Frames of `shard` up to and including `n` are in a checkpoint: nothing of them is tried
    // again. True when that cleared a suspicion.
    bool saved(ShardId shard, FrameNo n);
    bool acquit(Offset offset) { return suspects_.erase(offset) > 0; }
    SuspectList suspects() const;
    void restore(const SuspectList& list);

    // What a node must know that restores `shard` behind frame `n`.
    std::vector<RecordPlace> deadBehind(ShardId shard, FrameNo n) const;
    std::vector<Suspect> suspectsBehind(ShardId shard, FrameNo n) const;

private:
    std::map<Offset, RecordPlace> dead_;
    std::map<Offset, Suspect> suspects_;
    std::uint64_t bytes_ = 0;
};

}  // namespace foreshard
