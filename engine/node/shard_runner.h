#pragma once
// ShardRunner carries out one shard on a node: it restores the state, applies frames, stores
// checkpoints and says what happened. The decisions are ShardCore's. Lives on the node's strand.
#include "engine/base/latency_histogram.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/env/env.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/model/operator_spec.h"
#include "engine/node/shard_core.h"
#include "engine/node/shard_outputs.h"
#include "engine/operator/aggregate_state.h"
#include "engine/operator/operator_guard.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace foreshard {

// What a runner borrows from its node. The context outlives the runner.
struct NodeContext {
    Env& env;
    NodeId node;
    std::uint32_t incarnation = 0;
    std::string dataDirectory;
    OperatorSpec operatorSpec;
    std::uint64_t windowBytes = 0;
    OperatorWatch watch;
    CheckpointStore& store;
    LatencyHistogram& latency;
    std::function<void(const char* to, const Message&)> send;
    std::function<void(const Error&)> fail;  // the node cannot go on
    OutputOptions outputs = {};
};

class ShardRunner {
public:
    ShardRunner(NodeContext& context, Assign assign);

    // Loads the checkpoints of the Assign message; kCorrupt names the damaged file, and bad() then
    // is the id of the damaged checkpoint. After an error the runner is of no use.
    Status restore();
    CheckpointId bad() const { return bad_; }
    void tick(Instant now);
    void onFrame(const Frame& frame);
    void onSubscribed(const Subscribed& subscribed);
    void onCommitted(const CheckpointCommitted& committed);
    void onTaken(const OutputTaken& taken);
    void onRelease();
    // The poisoned record is in the dead-letter log; the frame that waited for that is applied
    // without it.
    void onQuarantined(const Quarantined& quarantined);
    void onInterval(std::uint32_t intervalMs);
    void onCheckpointNow(const std::string& reason);

    ShardId shard() const { return assigned_.shard; }
    Epoch epoch() const { return assigned_.epoch; }
    bool released() const { return released_; }
    // The manifest refused our checkpoint: another node owns the shard at a newer epoch.
    bool fenced() const { return fenced_; }
    // A drill of the simulation hangs inside the operator. The node does nothing more, as a real
    // node would not return from a call that hangs.
    bool gone() const { return guard_.gone(); }
    NodeShardReport report() const;
    std::int64_t busyNanos() const { return busyNanos_ + checkpointNanos_; }

private:
    void subscribeAgain(Instant now);
    void startCheckpoint(Instant now, const ShardCore::Due& due);
    void stored(const Result<CheckpointInfo>& info);
    bool applyInTurn(const Frame& frame);
    // Applies the whole frame or nothing of it: false when the frame has to wait until one of its
    // records is quarantined.
    bool applyRecords(const Frame& frame);
    bool tryRecords(const Frame& frame);
    void sayPoisoned(Instant now);
    void applyFrame(const Frame& frame);
    void keepWaiting(const Frame& frame);
    void applyWaiting();
    void reportRecovery(Instant now);
    void finishRelease();

    NodeContext& context_;
    Assign assigned_;
    Lifetime lifetime_;
    CheckpointId bad_;
    ShardCore core_;
    AggregateState state_;
    OperatorGuard guard_;
    std::optional<Frame> poisoned_;  // the frame that cannot be applied for now
    Instant lastPoisoned_;
    ShardOutputs outputs_;
    // Frames that came while the outputs were full or a record was poisoned; bounded by the window
    // of the subscription.
    std::deque<Frame> waiting_;
    Offset appliedOffset_ = 0;
    std::uint64_t recordsApplied_ = 0;
    std::int64_t busyNanos_ = 0;
    std::int64_t checkpointNanos_ = 0;
    Instant began_;
    Instant loaded_;
    Instant lastSubscribe_;
    bool subscribed_ = false;
    bool released_ = false;
    bool fenced_ = false;
    std::uint64_t replayed_ = 0;
    // A checkpoint is stored, and control has not said yet that it is listed: it is announced again
    // and again.
    bool announcing_ = false;
    CheckpointInfo announced_;
    // The newest checkpoint of this runner that was invalidated before its answer came.
    CheckpointId invalidated_;
    Instant lastAnnounce_;
    Instant storeStarted_;
#ifdef FORESHARD_MUTANTS
    std::optional<Frame> late_;  // kSwapFrames
#endif
};

}  // namespace foreshard
