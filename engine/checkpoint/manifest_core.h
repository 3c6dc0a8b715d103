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

    // A core that forgets no checkpoint, for tools that look back. The files of a listed checkpoint
    // may be gone, and after an invalidation the shard may have gone on from an earlier frame than
    // that of a checkpoint the running engine had forgotten.
    static ManifestCore history();

    // Takes effect with the next prune(); less than 2 counts as 2.
    void setKeepMin(std::size_t keepMin) { keepMin_ = keepMin < 2 ? 2 : keepMin; }
    std::uint32_t keepMin() const { return static_cast<std::uint32_t>(keepMin_); }

    // May it be listed? Its id must be newer than any before; a delta's base must be listed and
    // not invalidated; its frame must not be older than that of the newest checkpoint.
    bool follows(const CheckpointInfo& info) const;
    // Lists a checkpoint. One that sets the shard back takes those with a later frame off the list
    // first. False, and nothing changed, when it does not follow.
    bool add(const CheckpointInfo& info);
    // Takes over, as it is, what another core listed: its all() and lastId(). False (and nothing
    // changed) when no core can list that. REQUIRES: nothing is listed here.
    bool restore(const std::vector<CheckpointInfo>& listed, CheckpointId lastId);
    // Says what a listed checkpoint has turned out to be. An invalidation spreads to everything
    // built on it; nothing takes an invalidation back. Returns what has changed, as it is now.
    std::vector<CheckpointInfo> judge(ShardId shard, CheckpointId id, CheckpointState state);
    // Sets the state of a checkpoint whatever it was: for an invalidated checkpoint
    // whose files were repaired.
    void restate(ShardId shard, CheckpointId id, CheckpointState state);
    // Forgets each checkpoint that neither the newest verified ones of its shard (`keepMin` of
    // them) nor any newer one is built on. Returns the forgotten ones.
    std::vector<CheckpointInfo> prune();
    // The same for one shard.
    std::vector<CheckpointInfo> prune(ShardId shard);

    CheckpointId lastId() const { return lastId_; }
    // Oldest first, invalidated ones too.
    const std::vector<CheckpointInfo>& of(ShardId shard) const;
    const CheckpointInfo* find(ShardId shard, CheckpointId id) const;  // null: not listed
    // The newest checkpoint that is not invalidated; null when there is none.
    const CheckpointInfo* newest(ShardId shard) const;
    // The frame up to which the box may be truncated: that of the second-newest verified
    // checkpoint; 0 while there are fewer than two.
    FrameNo truncatable(ShardId shard) const;
    // A checkpoint was invalidated and no full one has been listed since.
    bool wantsFull(ShardId shard) const;
    // The checkpoints that must be loaded to restore the shard's newest one, the full one first.
    std::vector<CheckpointInfo> chain(ShardId shard) const;
    // The same for checkpoint `id`; empty when it is not listed.
    std::vector<CheckpointInfo> chain(ShardId shard, CheckpointId id) const;
    // The oldest checkpoint, not invalidated, that contains frame n; null when none does.
    const CheckpointInfo* covering(ShardId shard, FrameNo n) const;
    std::vector<CheckpointInfo> all() const;  // by id, invalidated ones too

private:
    void prune(std::vector<CheckpointInfo>& list, std::vector<CheckpointInfo>& forgotten) const;

    std::map<ShardId, std::vector<CheckpointInfo>> shards_;
    CheckpointId lastId_;
    std::size_t keepMin_;
    bool forgets_ = true;
};

}  // namespace foreshard
