#include "engine/node/shard_core.h"

#include "engine/base/check.h"

#include <algorithm>

namespace foreshard {

ShardCore::ShardCore(FrameNo restoredN, CheckpointId newest, Nanos interval, Instant now)
    : applied_(restoredN),
      checkpointed_(restoredN),
      newest_(newest),
      interval_(interval),
      lastStart_(now)
{
    // The restored chain may be long already. The first checkpoint of this owner is full, so that
    // chains stay bounded.
    needFull_ = true;
}

ShardCore::Verdict ShardCore::judge(FrameNo n) const
{
    if (n <= applied_) return Verdict::kDuplicate;
    if (n > applied_ + 1 || releasing_) return Verdict::kAhead;
    return Verdict::kApply;
}

void ShardCore::applied(FrameNo n)
{
    FS_CHECK(judge(n) == Verdict::kApply);
    applied_ = n;
    if (target_) subscribed(*target_);
}

void ShardCore::subscribed(FrameNo lastN)
{
    if (state_ != ShardState::kReplaying) return;
    if (!target_) target_ = lastN;
    if (applied_ < *target_) return;
    state_ = ShardState::kLive;
    caughtUp_ = true;
}

bool ShardCore::takeCaughtUp()
{
    const bool caughtUp = caughtUp_;
    caughtUp_ = false;
    return caughtUp;
}

void ShardCore::release()
{
    releasing_ = true;
    state_ = ShardState::kMoving;
    requested_ = "move";
}

std::optional<ShardCore::Due> ShardCore::due(Instant now) const
{
    if (inFlight_ || (applied_ == checkpointed_ && !rebase_)) return std::nullopt;
    if (now < pausedUntil_) return std::nullopt;
    if (requested_.empty() && now - lastStart_ < interval_) return std::nullopt;
    Due due;
    due.reason = requested_.empty() ? "interval" : requested_;
    const bool full = needFull_ || newest_.value == 0 || deltas_ >= kDeltasMax;
    due.kind = full ? CheckpointKind::kFull : CheckpointKind::kDelta;
    due.base = full ? CheckpointId{} : newest_;
    return due;
}

void ShardCore::started(Instant now, CheckpointKind kind)
{
    FS_CHECK(!inFlight_);
    inFlight_ = true;
    startedN_ = applied_;
    lastStart_ = now;
    requested_.clear();
    if (releasing_) requested_ = "move";
    deltas_ = kind == CheckpointKind::kFull ? 0 : deltas_ + 1;
    if (kind == CheckpointKind::kFull) needFull_ = rebase_ = false;
}

void ShardCore::committed(CheckpointId id)
{
    if (!inFlight_) return;
    inFlight_ = false;
    checkpointed_ = startedN_;
    newest_ = id;
}

void ShardCore::rebase(Instant now)
{
    if (applied_ == 0) return;
    // Control says the same damage several times. It is new damage only when a checkpoint was tried
    // in between.
    if (!rebase_ && !inFlight_) {
        const bool again = pause_.count() > 0 && now - pausedUntil_ < kQuiet;
        pause_ = again ? std::min(pause_ * 2, kPauseMax) : kPauseMin;
        pausedUntil_ = now + pause_;
    }
    needFull_ = rebase_ = true;
    if (requested_.empty()) requested_ = "damage";
}

void ShardCore::failed()
{
    inFlight_ = false;
    needFull_ = true;
}

}  // namespace foreshard
