#pragma once
// ManifestCore holds the checkpoints of every shard that can be restored, and which of them are
// still wanted: per shard the newest two and everything those two are built on. Pure.
#include "engine/model/checkpoint.h"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace foreshard {

class ManifestCore {
public:
    // `keepMin`: how many of each shard's newest checkpoints stay listed, 2 or more.
    explicit ManifestCore(std::size_t keepMin = 2) : keepMin_(keepMin) {}

    // Lists a checkpoint. Its id must be newer than any before, its frame not older than the
    // newest's; a delta's base must be listed. One that sets the shard back first takes what was
    // listed with a later frame off the list. False (and nothing changed) when that does not hold.
    bool add(const CheckpointInfo& info);
    // Forgets what the newest of each shard (see the constructor) do not need. Returns it.
    std::vector<CheckpointInfo> prune();

    CheckpointId lastId() const { return lastId_; }
    // Oldest first.
    const std::vector<CheckpointInfo>& of(ShardId shard) const;
    const CheckpointInfo* find(ShardId shard, CheckpointId id) const;  // null: not listed
    const CheckpointInfo* newest(ShardId shard) const;
    // The frame up to which the box may be cut: that of the second-newest checkpoint; 0 before
    // that.
    FrameNo truncatable(ShardId shard) const;
    // What must be loaded to restore the shard's newest checkpoint, the full one first.
    std::vector<CheckpointInfo> chain(ShardId shard) const;
    // The same for a listed one; empty when `id` is not listed.
    std::vector<CheckpointInfo> chain(ShardId shard, CheckpointId id) const;
    // The oldest listed checkpoint that contains frame n; null when none does.
    const CheckpointInfo* covering(ShardId shard, FrameNo n) const;
    std::vector<CheckpointInfo> all() const;  // by id

private:
    std::map<ShardId, std::vector<CheckpointInfo>> shards_;
    CheckpointId lastId_;
    std::size_t keepMin_;
};

}  // namespace foreshard
