#pragma once
// A data directory as the console's link gives it, without one: two nodes, two shards, ten samples
// a second apart, a move and a recovery, two log entries.
#include "ui/bridge/engine_link.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::ui {

class StillLink final : public EngineLink {
public:
    static constexpr WallMillis kNewestMs = 1'767'258'664'000;

    explicit StillLink(EngineSight sight) : sight_(sight)
    {
        for (int i = 9; i >= 0; --i)
            past_.push_back(sample(kNewestMs - i * 1000));
        latest_ = picture(kNewestMs);
    }
    // One more sample, and what stands behind it.
    void readAgain(EngineSight sight)
    {
        sight_ = sight;
        past_.push_back(sample(kNewestMs + 1000));
        latest_ = picture(kNewestMs + 1000);
        if (listener_) listener_();
    }

    void setDirectory(std::string path) { directory_ = std::move(path); }

    void setListener(std::function<void()> wake) override { listener_ = std::move(wake); }
    std::shared_ptr<const ClusterSnapshot> latest() const override { return latest_; }
    std::uint64_t send(Command) override { return 0; }
    std::vector<CommandReply> takeReplies() override { return {}; }
    LinkState state() const override { return LinkState::kConnected; }
    std::string description() const override { return "data directory " + directory_; }
    bool readOnly() const override { return true; }
    EngineSight sight() const override { return sight_; }
    std::vector<std::shared_ptr<const ClusterSnapshot>> takePast() override
    {
        return std::exchange(past_, {});
    }

private:
    static ClusterSnapshot cluster(WallMillis wallMs)
    {
        ClusterSnapshot snapshot;
        snapshot.wallMs = wallMs;
        snapshot.nodes.resize(2);
        snapshot.shards.resize(2);
        for (std::uint32_t i = 0; i < 2; ++i) {
            snapshot.nodes[i].id = NodeId{i};
            snapshot.shards[i].id = ShardId{i};
            snapshot.shards[i].node = NodeId{1 - i};
            snapshot.shards[i].state = ShardState::kLive;
        }
        return snapshot;
    }
    static std::shared_ptr<const ClusterSnapshot> sample(WallMillis wallMs)
    {
        ClusterSnapshot snapshot = cluster(wallMs);
        for (ShardSnapshot& shard : snapshot.shards)
            shard.actual = shard.predicted = 120;
        snapshot.recordsPerSecond = 3000;
        return std::make_shared<const ClusterSnapshot>(std::move(snapshot));
    }
    std::shared_ptr<const ClusterSnapshot> picture(WallMillis wallMs)
    {
        ClusterSnapshot snapshot = cluster(wallMs);
        snapshot.seq = ++seq_;
        snapshot.state = EngineState::kDone;
        snapshot.recoveries.resize(2);
        for (std::size_t i = 0; i < 2; ++i) {
            snapshot.recoveries[i].seq = i + 1;
            snapshot.recoveries[i].cause = i == 0 ? "node killed" : "move";
        }
        snapshot.recoveriesDone = 1;
        snapshot.raft.term = 1;
        snapshot.raft.commit = snapshot.raft.applied = 2;
        snapshot.raft.members = {{0, "not running", 2, 0}};
        snapshot.raft.recent.resize(2);
        for (std::size_t i = 0; i < 2; ++i) {
            snapshot.raft.recent[i].index = i + 1;
            snapshot.raft.recent[i].term = 1;
            snapshot.raft.recent[i].wallMs = kNewestMs - 5000;
        }
        return std::make_shared<const ClusterSnapshot>(std::move(snapshot));
    }

    EngineSight sight_;
    std::string directory_ = "D";
    std::uint64_t seq_ = 0;
    std::function<void()> listener_;
    std::shared_ptr<const ClusterSnapshot> latest_;
    std::vector<std::shared_ptr<const ClusterSnapshot>> past_;
};

}  // namespace foreshard::ui
