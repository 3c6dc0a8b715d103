#pragma once
// NodeDriver is one downstream node: it listens at "node/<id>", runs the shards that control gives
// it, and reports every 50 ms. Destroying it is what a crash of the node looks like to everybody
// else: nothing is said and nothing is saved. Lives on its own strand.
#include "engine/node/shard_runner.h"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace foreshard {

struct NodeOptions {
    NodeId node;
    std::uint32_t incarnation = 1;  // grows with every start of this node in one run of the engine
    std::string dataDirectory;
    OperatorSpec operatorSpec;
    std::uint64_t windowBytes = 1U << 20U;  // of one shard's frames, on their way to the node
    OperatorWatch watch = {};
    std::atomic<std::uint64_t>* beat = nullptr;  // grows with every tick; null: nobody looks
    OutputOptions outputs = {};
    std::function<std::uint64_t()> rssBytes;  // of this process; may be empty
};

class NodeDriver {
public:
    NodeDriver(Env& env, NodeOptions options);
    ~NodeDriver();
    NodeDriver(const NodeDriver&) = delete;
    NodeDriver& operator=(const NodeDriver&) = delete;

    Status start();

private:
    void onMessage(const std::string& from, Bytes message);
    void applyNextFrame();
    void onAssign(const Assign& assign);
    ShardRunner* runnerOf(ShardId shard, Epoch epoch);
    void forget(std::map<ShardId, std::unique_ptr<ShardRunner>>::iterator shard);
    void tick();
    void sendReport(Instant now);
    void fail(const Error& error);

    Env& env_;
    NodeOptions options_;
    std::string address_;
    Lifetime lifetime_;
    LatencyHistogram latency_;
    std::unique_ptr<CheckpointStore> store_;
    std::optional<NodeContext> context_;
    std::map<ShardId, std::unique_ptr<ShardRunner>> shards_;
    // Frames wait here and are applied one a task, so that a tick (checkpoints, heartbeat) never
    // has to wait for more than one. Bounded by the windows of the subscriptions.
    std::deque<Bytes> inbox_;
    Instant began_;
    Instant lastReport_;
    std::int64_t goneBusyNanos_ = 0;  // of shards that have left
    std::uint64_t netBytes_ = 0;
    std::string failure_;
    Errc failureCode_ = Errc::kIo;
};

}  // namespace foreshard
