#include "engine/simulate/cluster_watch.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <utility>

namespace foreshard::sim {

ClusterWatch::ClusterWatch(World& world, Disk& disk, std::string dataDirectory,
                           const ClusterShape& shape, const RandomStream& stream, Instant deadline)
    : world_(world),
      disk_(disk),
      dataDirectory_(std::move(dataDirectory)),
      shape_(shape),
      stream_(stream),
      progress_(violations_, deadline)
{
    world_.network().setTap([this](const std::string& from, const std::string&, BytesView message) {
        onMessage(from, message);
    });
}

void ClusterWatch::engineIs(SimEngine* engine)
{
    if (engine != nullptr) ++life_;
    engine_ = engine;
}

void ClusterWatch::report(std::string checker, std::string text)
{
    violations_.report(std::move(checker), std::move(text));
}

void ClusterWatch::checkLeftBehind()
{
    rebuild_.check(disk_, dataDirectory_, stream_.input, kept(false));
}

void ClusterWatch::checkProgress(bool finished)
{
    if (!violations_.any()) progress_.check(finished, standing());
}

void ClusterWatch::checkEnd()
{
    records_.check(disk_, dataDirectory_, stream_);
    rebuild_.check(disk_, dataDirectory_, stream_.input, kept(true));
}

void ClusterWatch::fill(SimulationReport& report)
{
    if (violations_.any()) {
        const Violation& first = *violations_.first();
        report.ok = false;
        report.noProgress = first.checker == "progress";
        report.violation = first.checker + ": " + first.text;
        world_.note(report.violation);
    }
    report.traceHash = world_.traceHash();
    report.events = world_.events();
    report.virtualSeconds = toSeconds(world_.now() - World::kStart);
    report.messagesLost = world_.network().lost();
    report.records = stream_.records;
    report.lastTrace = world_.recent();
}

void ClusterWatch::onMessage(const std::string& from, BytesView message)
{
    const auto head = peekEnvelope(message);
    if (!head.ok()) return;
    switch (static_cast<WireType>(head->type)) {
        case WireType::kFrame: {
            const auto header = decodeFrameHeader(message);
            if (header.ok() && from == "edge") checkpoints_.onFrame(*header, head->crc);
            return;
        }
        case WireType::kApplied:
        case WireType::kCheckpointDone:
        case WireType::kSubscribed:
            break;
        default:
            return;
    }
    const auto decoded = decode(message);
    if (!decoded.ok()) return;
    if (const auto* applied = std::get_if<Applied>(&*decoded)) {
        if (engine_ != nullptr)
            ownership_.onApplied(*applied, life_, engine_->incarnation(applied->node));
    } else if (const auto* done = std::get_if<CheckpointDone>(&*decoded)) {
        checkpoints_.onCheckpoint(done->info);
    } else if (const auto* subscribed = std::get_if<Subscribed>(&*decoded)) {
        checkpoints_.onSubscribed(*subscribed);
    }
}

std::string ClusterWatch::standing()
{
    if (engine_ == nullptr) return "the engine is down";
    const ClusterSnapshot snapshot = engine_->snapshot();
    std::string text = std::string("engine ") + engineStateName(snapshot.state) + ", source "
                       + (snapshot.source.end ? "ended" : "goes on") + " at offset "
                       + std::to_string(snapshot.source.nextOffset);
    for (const ShardSnapshot& shard : snapshot.shards) {
        text += "; shard " + std::to_string(shard.id.value) + " node "
                + std::to_string(shard.node.value) + " epoch " + std::to_string(shard.epoch.value)
                + " " + shardStateName(shard.state) + " applied " + std::to_string(shard.applied)
                + " checkpoint " + std::to_string(shard.lastCheckpoint.n);
    }
    for (const MoveSnapshot& move : snapshot.moves) {
        if (move.phase != "done" && move.phase != "failed")
            text += "; move of shard " + std::to_string(move.shard.value) + " " + move.phase;
    }
    return text;
}

}  // namespace foreshard::sim
