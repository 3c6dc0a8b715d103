#include "engine/control/message_gate.h"

#include "engine/base/crc32c.h"
#include "engine/base/overloaded.h"
#include "engine/journal/segment_reader.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/senders.h"

#include <algorithm>
#include <charconv>

namespace foreshard {
namespace {

constexpr Nanos kSayAgain = 60s;
constexpr std::size_t kShardsNamedMax = 4096;
constexpr std::size_t kActorBytesMax = 256;  // and of a drill's name
constexpr Nanos kEdgeTick = 100ms;
// How far a count may be ahead of what control has heard: reports are lost, late or on their way.
constexpr std::uint64_t kTicksAhead = 600;
constexpr std::uint64_t kFirstTickMax = 1ULL << 32U;
constexpr FrameNo kFramesAhead = 1U << 20U;

// "checkpoint/3/000000000017.seg", and nothing else, is a file of node 3.
bool isFileOf(NodeId node, const std::string& file)
{
    const std::string folder = "checkpoint/" + std::to_string(node.value);
    if (!file.starts_with(folder + "/")) return false;
    std::uint64_t segment = 0;
    std::from_chars(file.data() + folder.size() + 1, file.data() + file.size(), segment);
    return segmentPath(folder, segment) == file;
}

}  // namespace

std::optional<Message> MessageGate::admit(Instant now, const std::string& from,
                                          const std::string& to, const Bytes& bytes,
                                          Effects& effects)
{
    const auto refused = [&](const std::string& what) {
        refuse(now, from, what, effects);
        return std::nullopt;
    };
    const Result<EnvelopeHead> head = peekEnvelope(bytes);
    if (!head.ok()) return refused("no message of this engine");
    if (!maySay(from, to, static_cast<WireType>(head->type)))
        return refused("a message of type " + std::to_string(head->type));
    Result<Message> decoded = decode(bytes);
    if (!decoded.ok()) return refused("a damaged message");
    if (!speaksForItself(from, *decoded)) return refused("a message in another's name");
    if (!isPossible(now, *decoded)) return refused("a message that cannot be so");
    return std::move(decoded).value();
}

void MessageGate::refuse(Instant now, const std::string& from, const std::string& what,
                         Effects& effects)
{
    ++refused_;
    if (refused_ > 1 && now - lastSaid_ < kSayAgain) return;
    lastSaid_ = now;
    effects.say(EventSeverity::kWarning, "refused",
                from + " sent " + what + ": it may not say that, and nothing of it was done ("
                    + std::to_string(refused_) + " refused so far)");
}

bool MessageGate::isPossible(Instant now, const Message& message)
{
    return std::visit(Overloaded{
                          [this](const NodeReport& m) { return mayBe(m); },
                          [this, now](const EdgeReport& m) { return mayBe(now, m); },
                          [this](const CheckpointDone& m) { return mayBe(m); },
                          [this](const Poisoned& m) { return mayBe(m); },
                          [this](const Released& m) { return mayBe(m.shard, m.n); },
                          [this](const OutputTaken& m) {
                              return !options_.sinkUri.empty() && m.node.value < options_.nodes;
                          },
                          [this](const SinkStatus&) { return !options_.sinkUri.empty(); },
                          [](const Command& m) { return mayBe(m); },
                          [](const auto&) { return true; },
                      },
                      message);
}

bool MessageGate::mayBe(ShardId shard, FrameNo n) const
{
    return shard.value < options_.shards && n <= edge_.of(shard).lastN + kFramesAhead;
}

bool MessageGate::mayBe(const Command& command)
{
    // All of it goes into the history, whatever becomes of it.
    if (command.actor.size() > kActorBytesMax) return false;
    if (const auto* drill = std::get_if<DrillCommand>(&command.body))
        return drill->name.size() <= kActorBytesMax;
    const auto* move = std::get_if<MoveCommand>(&command.body);
    return move == nullptr || move->shards.size() <= kShardsNamedMax;
}

bool MessageGate::mayBe(const NodeReport& report) const
{
    if (report.node.value >= options_.nodes) return false;
    if (report.incarnation > supervisor_.newestIncarnation(report.node)) return false;
    return std::all_of(
        report.shards.begin(), report.shards.end(),
        [this](const NodeShardReport& entry) { return entry.shard.value < options_.shards; });
}

bool MessageGate::mayBe(Instant now, const EdgeReport& report)
{
    const bool known =
        std::all_of(report.shards.begin(), report.shards.end(),
                    [this](const auto& entry) { return entry.tick.shard.value < options_.shards; });
    if (!known) return false;
    if (edgeHeard_.nanos == 0) {
        if (report.tick > kFirstTickMax) return false;
        edgeHeard_ = now;
        edgeTick_ = report.tick;
    }
    const auto since = static_cast<std::uint64_t>((now - edgeHeard_) / kEdgeTick);
    return report.tick <= edgeTick_ + since + kTicksAhead;
}

bool MessageGate::mayBe(const CheckpointDone& done) const
{
    const CheckpointInfo& info = done.info;
    return isFileOf(done.node, info.file) && info.bytes <= kPayloadMax + kEnvelopeHeadBytes
           && mayBe(info.shard, info.n);
}

bool MessageGate::mayBe(const Poisoned& poisoned) const
{
    const DeadLetter& letter = poisoned.letter;
    return letter.crc == crc32c(letter.raw) && mayBe(letter.place.shard, letter.place.n);
}

}  // namespace foreshard
