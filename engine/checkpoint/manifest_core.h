#pragma once
// ManifestCore holds the checkpoints of every shard that can be restored, and which of them are
// still wanted: per shard the newest two and everything those two are built on. Pure.
#include "engine/model/checkpoint.h"

#include <map>
#include <optional>
#include <vector>

namespace foreshard {

class ManifestCore {
public:
    // Lists a checkpoint. Its id must be newer than any before; a delta's base must be listed.
    // False (and nothing changed) when that does not hold.
    bool add(const CheckpointInfo& info);
    // Forgets what the newest two of each shard do not need. Returns what was forgotten.
    std::vector<CheckpointInfo> prune();

    CheckpointId lastId() const { return lastId_; }
    // Oldest first.
    const std::vector<CheckpointInfo>& of(ShardId shard) const;
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
};

}  // namespace foreshard
