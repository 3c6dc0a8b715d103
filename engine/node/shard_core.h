#pragma once
// ShardCore decides what one shard on a node does next: which frame may be applied, when a
// checkpoint is due and of which kind, when the shard has caught up. No threads, clock, disk or
// socket: time arrives with each call.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/model/checkpoint.h"
#include "engine/model/snapshot.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace foreshard {

class ShardCore {
public:
    static constexpr Nanos kPauseMin = 100ms;
    static constexpr Nanos kPauseMax = 10s;
    static constexpr Nanos kHurriedPause = 1s;
    // After this long without damage the pause behind the next damage is a short one again.
    static constexpr Nanos kQuiet = 30s;
    // A full checkpoint after this many deltas bounds how much a restore reads.
    static constexpr std::uint32_t kDeltasMax = 16;

    enum class Verdict : std::uint8_t {
        kApply,      // the next frame
        kDuplicate,  // already in the state
        kAhead,      // a frame before it is missing: the edge sends both again
    };
    struct Due {
        CheckpointKind kind = CheckpointKind::kFull;
        CheckpointId base;
        std::string reason;
    };

    // `restoredN` and `newest` describe the state loaded (0 and {} for an empty one).
    ShardCore(FrameNo restoredN, CheckpointId newest, Nanos interval, Instant now);

    Verdict judge(FrameNo n) const;
    // REQUIRES: judge(n) == kApply.
    void applied(FrameNo n);

    // The edge has answered the subscription: the box ends at `lastN` for now, and a shard that has
    // applied that frame is live.
    void subscribed(FrameNo lastN);
    // True for one call after the shard has become live.
    bool takeCaughtUp();
    ShardState state() const { return state_; }
    FrameNo appliedN() const { return applied_; }
    // The newest checkpoint of this shard that the node knows to be listed.
    CheckpointId newest() const { return newest_; }

    void setInterval(Nanos interval) { interval_ = interval; }
    Nanos interval() const { return interval_; }
    // Asks for a checkpoint as soon as possible, whatever the interval.
    void request(std::string reason) { requested_ = std::move(reason); }
    // A release or the end of the stream waits for the checkpoint: a long pause behind damage ends
    // soon.
    void hurry(Instant now) { pausedUntil_ = std::min(pausedUntil_, now + kHurriedPause); }
    // From now on no frame is applied. One last checkpoint is due if the state has changed since
    // the newest.
    void release();
    bool releasing() const { return releasing_; }
    // No checkpoint is under way and every applied frame is in a listed one: the shard may move.
    bool saved() const { return !inFlight_ && !rebase_ && checkpointed_ == applied_; }

    // The checkpoint to start now, if any. At most one is under way.
    std::optional<Due> due(Instant now) const;
    void started(Instant now, CheckpointKind kind);
    void committed(CheckpointId id);
    // The checkpoint could not be stored, or was not listed; the next one must be full.
    void failed();
    // The base of the next delta is damaged: a full checkpoint is due, after a pause that doubles
    // each time damage comes again within kQuiet.
    void rebase(Instant now);

private:
    FrameNo applied_;
    FrameNo checkpointed_;
    FrameNo startedN_ = 0;
    CheckpointId newest_;
    Nanos interval_;
    Instant lastStart_;
    std::optional<FrameNo> target_;
    ShardState state_ = ShardState::kReplaying;
    std::string requested_;
    bool caughtUp_ = false;
    bool releasing_ = false;
    bool inFlight_ = false;
    bool needFull_ = false;
    bool rebase_ = false;
    std::uint32_t deltas_ = 0;
    Nanos pause_{0};
    Instant pausedUntil_;
};

}  // namespace foreshard
