#pragma once
// MoveCore is one move of one shard: the source finishes and saves, the new owner is committed with
// the next epoch, the target restores and catches up. Whatever dies on the way, the assignment log
// says who owns the shard: before the commit the source, after it the target. Pure.
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstdint>
#include <optional>

namespace foreshard {

class MoveCore {
public:
    enum class Phase : std::uint8_t {
        kDraining,
        kCommitting,
        kRestoring,
        kDone,
        kFailed
    };
    // A source that does not release within this time is overridden: the target replays more.
    static constexpr Nanos kDrainMax = 2s;

    MoveCore(PlanId plan, ShardId shard, NodeId from, NodeId to, Epoch epoch, Instant now)
        : plan_(plan), shard_(shard), from_(from), to_(to), epoch_(epoch), started_(now)
    {
    }

    PlanId plan() const { return plan_; }
    ShardId shard() const { return shard_; }
    NodeId from() const { return from_; }
    NodeId to() const { return to_; }
    Epoch fromEpoch() const { return epoch_; }
    Phase phase() const { return phase_; }
    Nanos pause(Instant now) const { return (finished_ ? *finished_ : now) - started_; }
    bool over() const { return phase_ == Phase::kDone || phase_ == Phase::kFailed; }
    LogIndex committedAt() const { return committedAt_; }

    // The source has saved and stopped, or is gone.
    void released() { drained_ = true; }
    // The source has a new epoch since the move began: a recovery was being committed then.
    void follow(Epoch epoch)
    {
        if (phase_ == Phase::kDraining) epoch_ = epoch;
    }
    // True once: the new owner is to be proposed now.
    bool takeCommit(Instant now)
    {
        if (phase_ != Phase::kDraining || (!drained_ && now - started_ < kDrainMax)) return false;
        phase_ = Phase::kCommitting;
        return true;
    }
    void committed(LogIndex index)
    {
        phase_ = Phase::kRestoring;
        committedAt_ = index;
    }
    void failed(Instant now)
    {
        phase_ = Phase::kFailed;
        finished_ = now;
    }
    // The target is live at the new epoch.
    void live(Instant now)
    {
        if (phase_ != Phase::kRestoring) return;
        phase_ = Phase::kDone;
        finished_ = now;
    }

private:
    PlanId plan_;
    ShardId shard_;
    NodeId from_;
    NodeId to_;
    Epoch epoch_;
    Instant started_;
    std::optional<Instant> finished_;
    Phase phase_ = Phase::kDraining;
    bool drained_ = false;
    LogIndex committedAt_ = 0;
};

const char* movePhaseName(MoveCore::Phase phase);

}  // namespace foreshard
