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
    static constexpr Nanos kQuiet = 30s;  // without damage: the next pause is a short one again
    // A full checkpoint after this many deltas bounds how much a restore reads.
    static constexpr std::uint32_t kDeltasMax = 16;

    enum class Verdict : std::uint8_t {
        kApply,      // the next one
        kDuplicate,  // already in the state
        kAhead,      // one before it is missing: wait, the edge repeats
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

    // The edge has said where the box ends for now: at `lastN` the shard is live.
    void subscribed(FrameNo lastN);
    // True once, when the shard has just become live.
    bool takeCaughtUp();
    ShardState state() const { return state_; }
    FrameNo appliedN() const { return applied_; }
    // The newest listed checkpoint of this shard that is known here.
    CheckpointId newest() const { return newest_; }

    void setInterval(Nanos interval) { interval_ = interval; }
    Nanos interval() const { return interval_; }
    // Asks for a checkpoint as soon as possible, whatever the interval.
    void request(std::string reason) { requested_ = std::move(reason); }
    // Somebody waits for it: a long pause behind damage ends soon.
    void hurry(Instant now) { pausedUntil_ = std::min(pausedUntil_, now + kHurriedPause); }
    // After this nothing is applied any more; the last checkpoint is due when the state has
    // changed.
    void release();
    bool releasing() const { return releasing_; }
    // Nothing under way and nothing unsaved: the shard may go.
    bool saved() const { return !inFlight_ && !rebase_ && checkpointed_ == applied_; }

    // What checkpoint to start now, if any. At most one is under way.
    std::optional<Due> due(Instant now) const;
    void started(Instant now, CheckpointKind kind);
    void committed(CheckpointId id);
    // It could not be stored or listed; the next one must be full.
    void failed();
    // What the next delta would be built on is damaged: a full one is due, after a pause that
    // doubles as long as this comes again and again.
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
