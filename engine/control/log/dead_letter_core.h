#pragma once
// DeadLetterCore knows which records are left out for good, because the operator failed on them.
// Pure. Bounded: when it is full nothing more may be left out, because an operator that fails on so
// much is broken itself.
#include "engine/model/dead_letter.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace foreshard {

class DeadLetterCore {
public:
    static constexpr std::size_t kLettersMax = 4096;
    static constexpr std::uint64_t kBytesMax = 256ULL << 20U;  // of the records in the log

    void add(const DeadLetter& letter);
    bool has(Offset offset) const { return dead_.contains(offset); }
    bool full() const { return dead_.size() >= kLettersMax || bytes_ >= kBytesMax; }
    std::size_t count() const { return dead_.size(); }
    // What a node must know that restores `shard` behind frame `n`.
    std::vector<RecordPlace> deadBehind(ShardId shard, FrameNo n) const;

private:
    std::map<Offset, RecordPlace> dead_;
    std::uint64_t bytes_ = 0;
};

}  // namespace foreshard
