#pragma once
// The widgets' door to the engine: turns the link's wake-ups into signals on the Qt thread, keeps
// the history and the selection all views share, and sends commands. Wake-ups are coalesced: any
// number of them between two turns of the event loop gives one snapshotChanged().
// Qt thread only, but for the link's wake-up. The link must outlive the bridge.
#include "engine/model/command.h"
#include "engine/model/snapshot.h"
#include "ui/bridge/engine_link.h"
#include "ui/bridge/snapshot_history.h"

#include <QElapsedTimer>
#include <QObject>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace foreshard::ui {

using SnapshotPtr = std::shared_ptr<const ClusterSnapshot>;

class EngineBridge final : public QObject {
    Q_OBJECT

public:
    explicit EngineBridge(EngineLink& link, QObject* parent = nullptr);
    ~EngineBridge() override;

    // What the views show; null before the first one. While paused, the one paused at.
    const SnapshotPtr& snapshot() const { return shown_; }
    // Grows while paused too.
    const SnapshotHistory& history() const { return history_; }

    LinkState linkState() const { return linkState_; }
    QString linkDescription() const { return linkDescription_; }
    bool readOnly() const { return readOnly_ || link_.readOnly(); }
    void setReadOnly(bool readOnly) { readOnly_ = readOnly; }

    // What the snapshots are pictures of. Not live: loads, rates and times of now are not known.
    EngineSight sight() const { return sight_; }
    bool live() const { return sight_ == EngineSight::kLive; }

    // Milliseconds since the newest snapshot arrived, when not live since the moment it shows;
    // -1 before the first.
    qint64 dataAgeMs() const;
    // When the newest snapshot was made, by the engine's wall clock; 0 before the first.
    WallMillis dataWallMs() const { return newest_ ? newest_->wallMs : 0; }
    std::uint64_t snapshotsSeen() const { return snapshotsSeen_; }

    bool paused() const { return paused_; }

    std::optional<ShardId> selectedShard() const { return selectedShard_; }
    std::optional<NodeId> selectedNode() const { return selectedNode_; }
    void selectShard(ShardId shard);
    void selectNode(NodeId node);
    void clearSelection();

    // Each returns the command's id; its answer comes as replyArrived() with that id. When the
    // link's queue is full the id is 0 and the answer, kBusy, comes at once. Sending ends a pause:
    // nobody should act on an old picture.
    std::uint64_t moveShards(std::vector<ShardId> shards, NodeId to);
    std::uint64_t setInterval(ShardId shard, std::uint32_t intervalMs);  // 0: automatic
    std::uint64_t checkpointNow(ShardId shard);
    std::uint64_t setPolicy(IntervalPolicySetting policy);
    std::uint64_t killNode(NodeId node);
    std::uint64_t locateOffset(Offset offset);
    std::uint64_t locateKey(const QString& key);
    // What a command asked for, in words ("Move shard 17 to node 2"); empty for an unknown id.
    QString commandText(std::uint64_t id) const;

public Q_SLOTS:
    void setPaused(bool paused);

Q_SIGNALS:
    void snapshotChanged(std::shared_ptr<const foreshard::ClusterSnapshot> snapshot);
    void replyArrived(const foreshard::CommandReply& reply);
    void linkChanged();
    void selectionChanged();
    void pausedChanged(bool paused);

private:
    struct Waker;

    void take();
    void takeSnapshot();
    void takeLink();
    std::uint64_t send(CommandBody body, const QString& text);

    EngineLink& link_;
    std::shared_ptr<Waker> waker_;
    SnapshotPtr newest_;
    SnapshotPtr shown_;
    SnapshotHistory history_;
    LinkState linkState_ = LinkState::kConnecting;
    QString linkDescription_;
    EngineSight sight_ = EngineSight::kLive;
    QElapsedTimer sinceNewest_;
    std::uint64_t snapshotsSeen_ = 0;
    bool paused_ = false;
    bool readOnly_ = false;
    std::optional<ShardId> selectedShard_;
    std::optional<NodeId> selectedNode_;
    std::map<std::uint64_t, QString> commandTexts_;  // the newest ones
};

}  // namespace foreshard::ui
