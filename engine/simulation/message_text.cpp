#include "engine/simulation/message_text.h"

#include "engine/base/overloaded.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"

#include <cstdint>
#include <variant>

namespace foreshard::sim {
namespace {

// "name key=value key=value".
class Line {
public:
    explicit Line(const char* name) : text_(name) {}
    Line& add(const char* key, std::uint64_t value) { return add(key, std::to_string(value)); }
    Line& add(const char* key, const std::string& value)
    {
        text_ += std::string(" ") + key + "=" + value;
        return *this;
    }
    // Of every message that has them.
    template <class M>
    Line& of(const M& message)
    {
        return add("shard", message.shard.value).add("epoch", message.epoch.value);
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

std::string lineOf(const FrameHeader& frame)
{
    return Line("Frame")
        .of(frame)
        .add("n", frame.n)
        .add("batch", frame.batch)
        .add("part", std::to_string(frame.part) + "/" + std::to_string(frame.parts))
        .add("offsets", std::to_string(frame.firstOffset) + ".." + std::to_string(frame.lastOffset))
        .text();
}

std::string lineOf(const CheckpointInfo& info)
{
    return Line("CheckpointDone")
        .of(info)
        .add("n", info.n)
        .add("kind", info.kind == CheckpointKind::kFull ? "full" : "delta")
        .add("base", info.base.value)
        .add("file", info.file)
        .add("position", info.position)
        .text();
}

std::string lineOf(const NodeReport& report)
{
    Line line("NodeReport");
    line.add("incarnation", report.incarnation);
    for (const NodeShardReport& shard : report.shards) {
        line.add(("shard" + std::to_string(shard.shard.value)).c_str(),
                 "e" + std::to_string(shard.epoch.value) + "," + shardStateName(shard.state) + ",n"
                     + std::to_string(shard.applied));
    }
    if (!report.failure.empty()) line.add("failure", report.failure);
    return line.text();
}

std::string lineOf(const RouteTable& routes)
{
    Line line("RouteTable");
    line.add("version", routes.version);
    for (const ShardAssignment& shard : routes.shards) {
        line.add(
            ("shard" + std::to_string(shard.shard.value)).c_str(),
            "e" + std::to_string(shard.epoch.value) + ",node" + std::to_string(shard.node.value));
    }
    return line.text();
}

std::string lineOf(const EdgeReport& report)
{
    Line line("EdgeReport");
    line.add("tick", report.tick).add("offset", report.source.nextOffset);
    if (report.source.end) line.add("source", "ended");
    if (report.drained) line.add("drained", "yes");
    if (!report.failure.empty()) line.add("failure", report.failure);
    return line.text();
}

const char* commandName(const CommandBody& body)
{
    return std::visit(Overloaded{[](const MoveCommand&) { return "move"; },
                                 [](const IntervalCommand&) { return "interval"; },
                                 [](const CheckpointCommand&) { return "checkpoint"; },
                                 [](const PolicyCommand&) { return "policy"; },
                                 [](const DrillCommand&) { return "drill"; },
                                 [](const LocateCommand&) { return "locate"; },
                                 [](const RestoreCommand&) { return "restore"; },
                                 [](const SubscribeCommand&) { return "subscribe"; },
                                 [](const auto&) { return "other"; }},
                      body);
}

std::string lineOf(const Subscribe& m)
{
    return Line("Subscribe").of(m).add("incarnation", m.incarnation).add("from", m.fromN).text();
}

std::string lineOf(const Subscribed& m)
{
    return Line("Subscribed").of(m).add("last", m.lastN).text();
}

std::string lineOf(const Applied& m) { return Line("Applied").of(m).add("n", m.n).text(); }

std::string lineOf(const Truncate& m)
{
    return Line("Truncate")
        .add("shard", m.shard.value)
        .add("n", m.n)
        .add("saved", m.savedN)
        .add("fence", m.fence)
        .text();
}

std::string lineOf(const Retain& m)
{
    return Line("Retain")
        .add("shard", m.shard.value)
        .add("fence", m.fence)
        .add("from", m.fromN)
        .text();
}

std::string lineOf(const Retained& m)
{
    return Line("Retained")
        .add("shard", m.shard.value)
        .add("fence", m.fence)
        .add("missing", m.missingFirst)
        .text();
}

std::string lineOf(const Assign& m)
{
    const FrameNo n = m.chain.empty() ? 0 : m.chain.back().n;
    return Line("Assign")
        .of(m)
        .add("chain", m.chain.size())
        .add("n", n)
        .add("cause", "'" + m.cause + "'")
        .text();
}

std::string lineOf(const Release& m) { return Line("Release").of(m).text(); }

std::string lineOf(const Revoke& m) { return Line("Revoke").of(m).text(); }

std::string lineOf(const SetInterval& m)
{
    return Line("SetInterval").of(m).add("ms", m.intervalMs).text();
}

std::string lineOf(const CheckpointNow& m) { return Line("CheckpointNow").of(m).text(); }

std::string lineOf(const CheckpointCommitted& m)
{
    return Line("CheckpointCommitted")
        .of(m)
        .add("id", m.id.value)
        .add("accepted", m.accepted ? "yes" : "no")
        .add("rebase", m.rebase ? "yes" : "no")
        .text();
}

std::string lineOf(const Released& m) { return Line("Released").of(m).add("n", m.n).text(); }

std::string lineOf(const Recovered& m)
{
    return Line("Recovered").of(m).add("replayed", m.recordsReplayed).text();
}

std::string lineOf(const PredictRequest& m)
{
    return Line("PredictRequest").add("tick", m.tick).text();
}

std::string lineOf(const PredictReply& m)
{
    return Line("PredictReply").add("tick", m.tick).text();
}

std::string lineOf(const LocateRequest& m) { return Line("LocateRequest").add("id", m.id).text(); }

std::string lineOf(const LocateReply& m) { return Line("LocateReply").add("id", m.id).text(); }

std::string lineOf(const RestoreFailed& m)
{
    return Line("RestoreFailed").of(m).add("id", m.id.value).add("why", m.text).text();
}

std::string lineOf(const ScrubRequest& m)
{
    return Line("ScrubRequest").add("id", m.id).add("checkpoints", m.chain.size()).text();
}

std::string lineOf(const ScrubReply& m)
{
    return Line("ScrubReply").add("id", m.id).add("bad", m.bad.value).text();
}

std::string lineOf(const Command& m)
{
    return Line("Command").add("id", m.id).add("what", commandName(m.body)).text();
}

std::string lineOf(const CommandReply& m) { return Line("CommandReply").add("id", m.id).text(); }

std::string lineOf(const ClusterSnapshot& m)
{
    return Line("ClusterSnapshot").add("seq", m.seq).text();
}

std::string lineOf(const Stop&) { return std::string("Stop"); }

std::string lineOf(const OutputBatch& m)
{
    return Line("OutputBatch").of(m).add("n", m.n).add("rows", m.rows).text();
}

std::string lineOf(const OutputTaken& m) { return Line("OutputTaken").of(m).add("n", m.n).text(); }

std::string lineOf(const SinkAsk&) { return std::string("SinkAsk"); }

std::string lineOf(const SinkStatus& m) { return Line("SinkStatus").add("rows", m.rows).text(); }

std::string lineOf(const Poisoned& m)
{
    const DeadLetter& letter = m.letter;
    return Line("Poisoned")
        .add("offset", letter.place.offset)
        .add("epoch", m.epoch.value)
        .add("why", letter.reason)
        .text();
}

std::string lineOf(const Quarantined& m)
{
    return Line("Quarantined").of(m).add("offset", m.offset).text();
}

std::string lineOf(const CheckpointDone& m) { return lineOf(m.info); }

}  // namespace

std::string describe(const Message& message)
{
    return std::visit([](const auto& m) { return lineOf(m); }, message);
}

std::string describeSealed(BytesView sealed)
{
    const Result<EnvelopeHead> head = peekEnvelope(sealed);
    if (head.ok() && head->type == static_cast<std::uint16_t>(WireType::kFrame)) {
        if (const Result<FrameHeader> frame = decodeFrameHeader(sealed); frame.ok())
            return lineOf(*frame);
    }
    if (const Result<Message> message = decode(sealed); message.ok()) return describe(*message);
    return std::to_string(sealed.size()) + " bytes";
}

std::optional<ShardId> shardOf(const Message& message)
{
    return std::visit(
        [](const auto& m) -> std::optional<ShardId> {
            if constexpr (requires { m.shard; }) return m.shard;
            if constexpr (requires { m.info.shard; }) return m.info.shard;
            return std::nullopt;
        },
        message);
}

}  // namespace foreshard::sim
