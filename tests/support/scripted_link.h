#pragma once
// A fake engine for tests and screenshots: fabricates lively, deterministic snapshots (4 nodes,
// 16 shards) and answers commands as the engine would. Time passes only through advance(); single
// thread. The same calls give the same snapshots.
#include "engine/base/split_mix.h"
#include "ui/bridge/engine_link.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard::ui {

class ScriptedLink final : public EngineLink {
public:
    struct Options {
        std::uint32_t nodes = 4;
        std::uint32_t shards = 16;
        std::uint64_t seed = 7;
        WallMillis startWallMs = 1'767'258'664'000;  // a fixed moment
        std::int64_t moveMs = 300;                   // from a move's commit to the live target
    };
    explicit ScriptedLink(Options options);
    ScriptedLink() : ScriptedLink(Options{}) {}

    // Lets `ms` pass in steps of 100 ms; each step makes a snapshot and wakes the listener.
    void advance(std::int64_t ms);
    void setState(LinkState state, std::string description);
    void setReadOnly(bool readOnly) { readOnly_ = readOnly; }
    // The next send() finds the queue full.
    void fillQueue() { queueFull_ = true; }
    // The next command is refused with this.
    void refuseNext(Errc code, std::string message);
    // Wakes the listener without anything new.
    void wake();

    const std::vector<Command>& sent() const { return sent_; }

    void setListener(std::function<void()> wake) override { listener_ = std::move(wake); }
    std::shared_ptr<const ClusterSnapshot> latest() const override { return latest_; }
    std::uint64_t send(Command command) override;
    std::vector<CommandReply> takeReplies() override;
    LinkState state() const override { return state_; }
    std::string description() const override { return description_; }
    bool readOnly() const override { return readOnly_; }

private:
    struct Shard {
        ShardSnapshot now;
        double base = 0;   // mean load, per mille
        double swing = 0;  // its swing
        double periodS = 20;
        double phase = 0;
        std::uint32_t overrideMs = 0;
        std::int64_t sinceCheckpointMs = 0;
        std::uint64_t checkpoints = 0;
        std::int64_t restoredAtMs = 0;  // 0: not on its way
        NodeId target;
        std::string cause;
    };

    void step();
    void stepShard(Shard& shard);
    void stepLoad(Shard& shard);
    void checkpoint(Shard& shard, const std::string& reason);
    void finishRestore(Shard& shard);
    void startRestore(Shard& shard, NodeId to, std::int64_t inMs, const std::string& cause);
    void publish();
    void addNodes(ClusterSnapshot& snapshot) const;
    void addRaft(ClusterSnapshot& snapshot) const;
    void addEvent(EventSeverity severity, std::string kind, std::string text);
    void addEntry(AssignmentEntryKind kind, const Shard* shard, std::string actor,
                  std::string reason);
    CommandReply answer(const Command& command);
    CommandReply answerMove(const MoveCommand& move);
    CommandReply answerKill(const DrillCommand& drill);
    CommandReply answerLocate(const LocateCommand& locate) const;
    WallMillis wallMs() const { return options_.startWallMs + nowMs_; }

    Options options_;
    SplitMix64 random_;
    std::int64_t nowMs_ = 0;
    std::uint64_t seq_ = 0;
    std::vector<Shard> shards_;
    std::vector<std::int64_t> nodeUpAtMs_;  // a killed node is dead until then
    std::vector<std::uint32_t> incarnations_;
    std::deque<CheckpointInfo> checkpoints_;
    std::deque<EventSnapshot> events_;
    std::deque<RecoverySnapshot> recoveries_;
    std::deque<MoveSnapshot> moves_;
    std::deque<AssignmentEntry> entries_;
    IntervalPolicySetting policy_;
    std::uint64_t checkpointCount_ = 0;
    std::uint64_t checkpointBytes_ = 0;
    std::uint64_t eventCount_ = 0;
    std::uint64_t recoveryCount_ = 0;
    std::uint64_t planCount_ = 0;
    std::uint64_t movesDone_ = 0;
    std::uint64_t records_ = 0;
    double recordsPerSecond_ = 0;
    std::uint64_t nextCommand_ = 1;
    bool readOnly_ = false;
    bool queueFull_ = false;
    bool refuseNext_ = false;
    CommandReply refusal_;
    LinkState state_ = LinkState::kConnected;
    std::string description_ = "embedded engine";
    std::function<void()> listener_;
    std::shared_ptr<const ClusterSnapshot> latest_;
    std::vector<Command> sent_;
    std::vector<CommandReply> replies_;
};

}  // namespace foreshard::ui
