#include "engine/simulation/cluster_watch.h"

#include "engine/archive/archive.h"
#include "engine/base/overloaded.h"
#include "engine/simulation/message_text.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <utility>
#include <variant>

namespace foreshard::sim {

ClusterWatch::ClusterWatch(World& world, Disk& disk, std::string dataDirectory,
                           const ClusterShape& shape, const RandomStream& stream, Instant deadline)
    : world_(world),
      disk_(disk),
      dataDirectory_(std::move(dataDirectory)),
      shape_(shape),
      stream_(stream),
      ledger_(stream.deadKeys),
      checkpoints_(violations_, ledger_, disk_, dataDirectory_),
      memory_(violations_, shape_, stream_),
      progress_(violations_, deadline)
{
    world_.network().setTap([this](const std::string& from, const std::string& to,
                                   BytesView sealed) { onSealed(from, to, sealed); });
}

void ClusterWatch::engineIs(SimEngine* engine)
{
    if (engine != nullptr) {
        ++life_.number;
        replacement_.beginLife();
    }
    life_.engine = engine;
}

void ClusterWatch::report(std::string checker, std::string text)
{
    violations_.report(std::move(checker), std::move(text));
}

void ClusterWatch::checkLeftBehind() { checkDisk(false); }

void ClusterWatch::checkDisk(bool end)
{
    const auto archive = Archive::open(disk_, dataDirectory_);
    if (!archive.ok()) {
        const bool early = !end && archive.error().code == Errc::kNotFound;
        if (!early) violations_.report("rebuild", "no archive: " + archive.error().message);
        return;
    }
    records_.checkBoxes(disk_, *archive);
    checkpoints_.checkDisk(*archive);
    rebuild_.check(disk_, dataDirectory_, *archive, stream_.input, {shape_.retainBytes == 0, end});
}

void ClusterWatch::checkProgress(bool finished)
{
    if (!violations_.any()) progress_.check(finished, standing(), laggard());
}

void ClusterWatch::checkEnd()
{
    replacement_.checkEnd();
    checkDisk(true);
    records_.checkResults(disk_, dataDirectory_, stream_);
}

void ClusterWatch::fill(SimulationReport& report)
{
    if (violations_.any()) {
        const Violation& first = *violations_.first();
        report.ok = false;
        report.noProgress = first.checker == "progress";
        report.violation = first.checker + ": " + first.text;
        report.checker = first.checker;
        if (first.shard) {
            report.shard = nameOf(*first.shard);
            report.shardEvents = events_.of(*first.shard);
        }
        world_.note(report.violation);
    }
    report.traceHash = world_.traceHash();
    report.events = world_.events();
    report.virtualSeconds = toSeconds(world_.now() - World::kStart);
    report.messagesLost = world_.network().lost();
    report.records = stream_.records;
    report.lastTrace = world_.recent();
}

void ClusterWatch::onSealed(const std::string& from, const std::string& to, BytesView sealed)
{
    if (listeners_.say)
        listeners_.say(stamp(world_.localNow()) + from + " -> " + to + " "
                       + describeSealed(sealed));
    if (away_) return;
    if (listeners_.overhear) listeners_.overhear(from, to, sealed);
    const auto head = peekEnvelope(sealed);
    if (!head.ok()) return;
    switch (static_cast<WireType>(head->type)) {
        case WireType::kFrame:
            if (from == "edge") onFrame(to, sealed, head->crc);
            return;
        case WireType::kSubscribe:
        case WireType::kSubscribed:
        case WireType::kApplied:
        case WireType::kRouteTable:
        case WireType::kTruncate:
        case WireType::kRetain:
        case WireType::kAssign:
        case WireType::kRelease:
        case WireType::kReleased:
        case WireType::kRevoke:
        case WireType::kCheckpointDone:
        case WireType::kCheckpointCommitted:
        case WireType::kNodeReport:
        case WireType::kOutputBatch:
        case WireType::kOutputTaken:
        case WireType::kScrubRequest:
            break;
        default:
            return;  // of no interest to any checker
    }
    const auto message = decode(sealed);
    if (!message.ok()) return;
    if (const auto shard = shardOf(*message))
        events_.message(*shard, world_.localNow(), from, to, sealed);
    onMessage(*message);
    // Nodes report all the time, so that is often enough.
    if (life_.engine != nullptr && std::holds_alternative<NodeReport>(*message))
        memory_.check(life_.engine->edgeMemory());
}

void ClusterWatch::onFrame(const std::string& to, BytesView sealed, std::uint32_t crc)
{
    const auto header = decodeFrameHeader(sealed);
    if (!header.ok()) return;
    events_.frame(header->shard, world_.localNow(), to, header->n);
    if (ledger_.find(header->shard, header->n) != nullptr) return records_.onRepeated(*header, crc);
    const auto frame = decodeFrame(sealed);
    if (!frame.ok() || !records_.onFrame(*frame)) return;
    source_.onFrame(frame->header);
    ledger_.add(*frame, crc);
    outputs_.onFrame(*frame);
}

void ClusterWatch::onMessage(const Message& message)
{
    std::visit(Overloaded{
                   [this](const Subscribed& m) { checkpoints_.onSubscribed(m); },
                   [this](const Applied& m) {
                       if (life_.engine != nullptr)
                           ownership_.onApplied(m, life_.number, life_.engine->incarnation(m.node));
                   },
                   [this](const Retain& m) { replacement_.onRetain(m); },
                   [this](const Subscribe& m) { replacement_.onSubscribe(m); },
                   [this](const RouteTable& m) {
                       replacement_.onRoutes(m);
                       ownership_.onRoutes(m);
                       records_.onRoutes(m);
                   },
                   [this](const Truncate& m) {
                       replacement_.onTruncate(m);
                       checkpoints_.onTruncate(m);
                       outputs_.onListed(m.shard, m.savedN);
                   },
                   [this](const Assign& m) {
                       ownership_.onAssign(m);
                       checkpoints_.onAssign(m);
                       if (!m.chain.empty()) outputs_.onListed(m.shard, m.chain.back().n);
                   },
                   [this](const Revoke& m) { ownership_.onLeft(m.shard, m.epoch); },
                   [this](const Released& m) { ownership_.onLeft(m.shard, m.epoch); },
                   [this](const CheckpointDone& m) { checkpoints_.onDone(m); },
                   [this](const CheckpointCommitted& m) {
                       ownership_.onCommitted(m);
                       checkpoints_.onCommitted(m);
                   },
                   [this](const OutputBatch& m) { outputs_.onBatch(m); },
                   [this](const OutputTaken& m) { outputs_.onTaken(m); },
                   [this](const ScrubRequest& m) { checkpoints_.onScrub(m); },
                   [this](const NodeReport& m) {
                       replacement_.onNodeReport(m);
                       records_.onNodeReport(m);
                   },
                   [](const auto&) {},  // of no interest to any checker
               },
               message);
}

std::optional<ShardId> ClusterWatch::laggard()
{
    if (life_.engine == nullptr) return std::nullopt;
    const ClusterSnapshot snapshot = life_.engine->snapshot();
    for (const ShardSnapshot& shard : snapshot.shards) {
        const bool saved = shard.lastCheckpoint.n == ledger_.newest(shard.id);
        if (shard.state != ShardState::kLive || !saved) return shard.id;
    }
    return std::nullopt;
}

std::string ClusterWatch::standing()
{
    if (life_.engine == nullptr) return "the engine is down";
    const ClusterSnapshot snapshot = life_.engine->snapshot();
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
