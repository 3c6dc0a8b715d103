#include "ui/bridge/engine_bridge.h"

#include "ui/theme/formatting.h"

#include <QDateTime>
#include <QMetaObject>

#include <algorithm>
#include <atomic>

namespace foreshard::ui {
namespace {

constexpr std::size_t kCommandTexts = 256;

QString shardList(const std::vector<ShardId>& shards)
{
    return shards.size() == 1 ? shardName(shards.front())
                              : QObject::tr("%1 shards").arg(shards.size());
}

}  // namespace

// Shared with the link's callback. `pending` is set by the first wake-up and cleared before the
// bridge looks, so a wake-up that comes during the look is not lost.
struct EngineBridge::Waker {
    std::atomic<bool> pending{false};
};

EngineBridge::EngineBridge(EngineLink& link, QObject* parent)
    : QObject(parent), link_(link), waker_(std::make_shared<Waker>())
{
    link_.setListener([this, waker = waker_] {
        if (waker->pending.exchange(true)) return;
        QMetaObject::invokeMethod(
            this, [this] { take(); }, Qt::QueuedConnection);
    });
    takeLink();
    // A link may have been busy before anybody listened.
    QMetaObject::invokeMethod(
        this, [this] { take(); }, Qt::QueuedConnection);
}

EngineBridge::~EngineBridge() { link_.setListener({}); }

void EngineBridge::take()
{
    waker_->pending = false;
    takeLink();
    takeSnapshot();
    for (const auto& reply : link_.takeReplies())
        Q_EMIT replyArrived(reply);
}

void EngineBridge::takeSnapshot()
{
    SnapshotPtr latest = link_.latest();
    if (!latest || latest == newest_) return;
    newest_ = std::move(latest);
    sinceNewest_.start();
    ++snapshotsSeen_;
    // Taken after the snapshot, as a link makes both at once; a newer snapshot's wait for it.
    for (const SnapshotPtr& past : link_.takePast())
        history_.addPast(*past);
    if (live())
        history_.add(*newest_);
    else
        history_.addWithoutSamples(*newest_);
    if (paused_) return;
    shown_ = newest_;
    Q_EMIT snapshotChanged(shown_);
}

void EngineBridge::takeLink()
{
    const LinkState state = link_.state();
    const QString description = plainText(link_.description());
    const EngineSight sight = link_.sight();
    if (state == linkState_ && description == linkDescription_ && sight == sight_) return;
    linkState_ = state;
    sight_ = sight;
    linkDescription_ = description;
    Q_EMIT linkChanged();
}

qint64 EngineBridge::dataAgeMs() const
{
    if (!sinceNewest_.isValid()) return -1;
    if (live()) return sinceNewest_.elapsed();
    return std::max<qint64>(0, QDateTime::currentMSecsSinceEpoch() - newest_->wallMs);
}

void EngineBridge::setPaused(bool paused)
{
    if (paused == paused_) return;
    paused_ = paused;
    Q_EMIT pausedChanged(paused_);
    if (paused_ || shown_ == newest_) return;
    shown_ = newest_;
    Q_EMIT snapshotChanged(shown_);
}

void EngineBridge::selectShard(ShardId shard)
{
    if (selectedShard_ == shard) return;
    selectedShard_ = shard;
    selectedNode_.reset();
    Q_EMIT selectionChanged();
}

void EngineBridge::selectNode(NodeId node)
{
    if (selectedNode_ == node) return;
    selectedNode_ = node;
    selectedShard_.reset();
    Q_EMIT selectionChanged();
}

void EngineBridge::clearSelection()
{
    if (!selectedShard_ && !selectedNode_) return;
    selectedShard_.reset();
    selectedNode_.reset();
    Q_EMIT selectionChanged();
}

std::uint64_t EngineBridge::send(CommandBody body, const QString& text)
{
    setPaused(false);
    Command command;
    command.body = std::move(body);
    const std::uint64_t id = link_.send(std::move(command));
    commandTexts_[id] = text;
    if (commandTexts_.size() > kCommandTexts) commandTexts_.erase(commandTexts_.begin());
    if (id == 0) {
        CommandReply refused;
        refused.ok = false;
        refused.code = Errc::kBusy;
        refused.message = "not sent: the command queue is full: try again in a moment";
        Q_EMIT replyArrived(refused);
    }
    return id;
}

std::uint64_t EngineBridge::moveShards(std::vector<ShardId> shards, NodeId to)
{
    const QString text = tr("Move %1 to %2").arg(shardList(shards), nodeName(to));
    return send(MoveCommand{std::move(shards), to}, text);
}

std::uint64_t EngineBridge::setInterval(ShardId shard, std::uint32_t intervalMs)
{
    const QString interval = intervalMs == 0 ? tr("automatic") : formatInterval(intervalMs);
    return send(IntervalCommand{shard, intervalMs},
                tr("Set the interval of %1 to %2").arg(shardName(shard), interval));
}

std::uint64_t EngineBridge::checkpointNow(ShardId shard)
{
    return send(CheckpointCommand{shard}, tr("Checkpoint %1 now").arg(shardName(shard)));
}

std::uint64_t EngineBridge::setPolicy(IntervalPolicySetting policy)
{
    return send(PolicyCommand{policy}, tr("Set the interval policy to %1").arg(policyText(policy)));
}

std::uint64_t EngineBridge::killNode(NodeId node)
{
    return send(DrillCommand{"kill-node", node}, tr("Kill %1 (drill)").arg(nodeName(node)));
}

std::uint64_t EngineBridge::locateOffset(Offset offset)
{
    return send(LocateCommand{false, offset, {}}, tr("Locate offset %1").arg(formatOffset(offset)));
}

std::uint64_t EngineBridge::locateKey(const QString& key)
{
    return send(LocateCommand{true, 0, key.toStdString()}, tr("Locate key %1").arg(key));
}

QString EngineBridge::commandText(std::uint64_t id) const
{
    const auto found = commandTexts_.find(id);
    return found == commandTexts_.end() ? QString() : found->second;
}

}  // namespace foreshard::ui
