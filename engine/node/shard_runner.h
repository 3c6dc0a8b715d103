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

// What a runner borrows from its node; outlives it.
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

    // Loads the checkpoints of the Assign message; kCorrupt names what is damaged, and bad() then
    // says which checkpoint it is. After an error the runner is of no use.
    Status restore();
    CheckpointId bad() const { return bad_; }
    void tick(Instant now);
    void onFrame(const Frame& frame);
    void onSubscribed(const Subscribed& subscribed);
    void onCommitted(const CheckpointCommitted& committed);
    void onTaken(const OutputTaken& taken);
    void onRelease();
    // The record is in the dead-letter log; the frame that waits for it goes on.
    void onQuarantined(const Quarantined& quarantined);
    void onInterval(std::uint32_t intervalMs);
    void onCheckpointNow(const std::string& reason);

    ShardId shard() const { return assigned_.shard; }
    Epoch epoch() const { return assigned_.epoch; }
    bool released() const { return released_; }
    // The manifest refused our checkpoint: a newer epoch lives elsewhere.
    bool fenced() const { return fenced_; }
    // A drill of the simulation stands still in here. The node does nothing more, as a real one
    // would not come back from the operator.
    bool gone() const { return guard_.gone(); }
    NodeShardReport report() const;
    std::int64_t busyNanos() const { return busyNanos_ + checkpointNanos_; }

private:
    void subscribeAgain(Instant now);
    void startCheckpoint(Instant now, const ShardCore::Due& due);
    void stored(const Result<CheckpointInfo>& info);
    bool applyInTurn(const Frame& frame);
    // All of the frame, or nothing: false when it has to wait for a record's quarantine.
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
    // The checkpoint that is stored but not yet known to be listed; said again until it is.
    bool announcing_ = false;
    CheckpointInfo announced_;
    CheckpointId invalidated_;  // newest of its own that was invalidated before it was answered
    Instant lastAnnounce_;
    Instant storeStarted_;
#ifdef FORESHARD_MUTANTS
    std::optional<Frame> late_;  // kSwapFrames
#endif
};

}  // namespace foreshard
