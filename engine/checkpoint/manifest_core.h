#pragma once
// ManifestCore holds the listed checkpoints of every shard, what is known of each (listed,
// verified, invalidated), and which are still wanted: per shard the newest two verified ones,
// everything newer, and everything those are built on. Pure.
#include "engine/model/checkpoint.h"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace foreshard {

class ManifestCore {
public:
    // `keepMin`: how many of each shard's newest verified checkpoints stay listed, 2 or more.
    explicit ManifestCore(std::size_t keepMin = 2) : keepMin_(keepMin) {}

    // One that forgets nothing, for tools that look back. What it lists may have no files any more,
    // and after an invalidation a shard may have gone on from an earlier frame than what was
    // forgotten.
    static ManifestCore history();

    // From the next prune() on; less than 2 counts as 2.
    void setKeepMin(std::size_t keepMin) { keepMin_ = keepMin < 2 ? 2 : keepMin; }
    std::uint32_t keepMin() const { return static_cast<std::uint32_t>(keepMin_); }

    // Lists a checkpoint. Its id must be newer than any before; a delta's base must be listed and
    // not invalidated; its frame not older than the newest's. One that sets the shard back first
    // takes what was listed with a later frame off the list. False (and nothing changed) when that
    // does not hold.
    bool add(const CheckpointInfo& info);
    // Says what a listed checkpoint has turned out to be. An invalidation spreads to everything
    // built on it; nothing takes an invalidation back. Returns what has changed, as it is now.
    std::vector<CheckpointInfo> judge(ShardId shard, CheckpointId id, CheckpointState state);
    // Sets it whatever it was: what a line of the manifest says, and an invalidated one that was
    // repaired.
    void restate(ShardId shard, CheckpointId id, CheckpointState state);
    // Forgets what the newest verified of each shard (see the constructor), and what is newer, do
    // not need. Returns what was forgotten.
    std::vector<CheckpointInfo> prune();

    CheckpointId lastId() const { return lastId_; }
    // Oldest first, invalidated ones too.
    const std::vector<CheckpointInfo>& of(ShardId shard) const;
    const CheckpointInfo* find(ShardId shard, CheckpointId id) const;  // null: not listed
    // That is not invalidated.
    const CheckpointInfo* newest(ShardId shard) const;
    // The frame up to which the box may be cut: that of the second-newest verified checkpoint; 0
    // before that.
    FrameNo truncatable(ShardId shard) const;
    // A checkpoint was invalidated and no full one has been listed since.
    bool wantsFull(ShardId shard) const;
    // What must be loaded to restore the shard's newest checkpoint, the full one first.
    std::vector<CheckpointInfo> chain(ShardId shard) const;
    // The same for a listed one; empty when `id` is not listed.
    std::vector<CheckpointInfo> chain(ShardId shard, CheckpointId id) const;
    // The oldest checkpoint, not invalidated, that contains frame n; null when none does.
    const CheckpointInfo* covering(ShardId shard, FrameNo n) const;
    std::vector<CheckpointInfo> all() const;  // by id, invalidated ones too

private:
    std::map<ShardId, std::vector<CheckpointInfo>> shards_;
    CheckpointId lastId_;
    std::size_t keepMin_;
    bool forgets_ = true;
};

}  // namespace foreshard
