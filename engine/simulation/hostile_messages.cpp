#include "engine/simulation/hostile_messages.h"

#include "engine/base/crc32c.h"
#include "engine/wire/codec.h"

#include <array>
#include <string>
#include <utility>

namespace foreshard::sim {
namespace {

class Liar {
public:
    Liar(SplitMix64& random, const Prey& prey) : random_(random), prey_(prey) {}

    NodeId node()
    {
        const std::uint64_t draw = random_.below(std::uint64_t{prey_.nodes} + 1);
        return NodeId{static_cast<std::uint32_t>(draw)};
    }
    ShardId shard()
    {
        const std::uint64_t draw = random_.below(std::uint64_t{prey_.shards} + 1);
        return ShardId{static_cast<std::uint32_t>(draw)};
    }
    std::uint64_t number()
    {
        const std::uint64_t small = random_.below(64);
        const std::array<std::uint64_t, 6> choices = {
            small, small, small + 100, 1'000'000'000, ~std::uint64_t{0}, std::uint64_t{1} << 32U};
        return choices[random_.below(choices.size())];
    }
    Epoch epoch()
    {
        const std::uint64_t small = 1 + random_.below(6);
        return Epoch{random_.chance(100) ? ~std::uint64_t{0} : small};
    }
    std::uint32_t incarnation()
    {
        const auto small = static_cast<std::uint32_t>(1 + random_.below(4));
        return random_.chance(400) ? ~std::uint32_t{0} : small;
    }
    std::string file()
    {
        const std::string node = std::to_string(random_.below(prey_.nodes));
        const std::array<std::string, 5> choices = {
            "../../../tmp/forged", "checkpoint/" + node + "/../../../forged.seg",
            "checkpoint/" + node + "/000000000001.seg", "/etc/passwd", ""};
        return choices[random_.below(choices.size())];
    }
    std::string failure() { return random_.chance(400) ? "forged: it fails: end" : ""; }

    // The fields that most messages have.
    template <class T>
    void fill(T& m)
    {
        if constexpr (requires { m.node = NodeId{}; }) m.node = node();
        if constexpr (requires { m.shard = ShardId{}; }) m.shard = shard();
        if constexpr (requires { m.epoch = Epoch{}; }) m.epoch = epoch();
        if constexpr (requires { m.id = CheckpointId{}; }) {
            m.id = CheckpointId{number()};
        } else if constexpr (requires { m.id = std::uint64_t{}; }) {
            m.id = number();
        }
        if constexpr (requires { m.incarnation = 1U; }) m.incarnation = incarnation();
        if constexpr (requires { m.n = FrameNo{}; }) m.n = number();
        if constexpr (requires { m.fromN = FrameNo{}; }) m.fromN = number();
        if constexpr (requires { m.lastN = FrameNo{}; }) m.lastN = number();
        if constexpr (requires { m.savedN = FrameNo{}; }) m.savedN = number();
        if constexpr (requires { m.tick = std::uint64_t{}; }) m.tick = number();
        if constexpr (requires { m.fence = std::uint64_t{}; }) m.fence = number();
        if constexpr (requires { m.version = LogIndex{}; }) m.version = number();
        if constexpr (requires { m.offset = Offset{}; }) m.offset = number();
        if constexpr (requires { m.failure = std::string(); }) m.failure = failure();
        if constexpr (requires { m.drained = true; }) m.drained = random_.chance(500);
        if constexpr (requires { m.rebase = true; }) m.rebase = random_.chance(300);
        if constexpr (requires { m.accepted = true; }) m.accepted = random_.chance(500);
        more(m);
    }

    CheckpointInfo checkpoint()
    {
        CheckpointInfo info;
        fill(info);
        info.file = file();
        info.position = number();
        info.bytes = number();
        info.setsBack = random_.chance(300);
        info.kind = random_.chance(500) ? CheckpointKind::kFull : CheckpointKind::kDelta;
        info.base = CheckpointId{number()};
        info.state = random_.chance(500) ? CheckpointState::kListed : CheckpointState::kVerified;
        return info;
    }

private:
    template <class T>
    void more(T&)
    {
    }
    void more(CheckpointDone& m) { m.info = checkpoint(); }
    void more(Assign& m)
    {
        if (random_.chance(500)) m.chain.push_back(checkpoint());
    }
    void more(ScrubRequest& m) { m.chain.push_back(checkpoint()); }
    void more(Poisoned& m)
    {
        fill(m.letter.place);
        m.letter.raw = "a healthy record\n";
        m.letter.crc = crc32c(m.letter.raw);
        m.letter.reason = "forged";
        m.letter.tries = kOperatorTriesMax;
    }
    void more(NodeReport& m)
    {
        NodeShardReport entry;
        fill(entry);
        entry.applied = number();
        m.uptimeNanos = static_cast<std::int64_t>(random_.below(1'000'000'000));
        m.shards.push_back(entry);
    }
    void more(EdgeReport& m)
    {
        EdgeShardReport entry;
        fill(entry);
        entry.tick = {};
        entry.tick.shard = shard();
        m.source.end = random_.chance(500);
        m.shards.push_back(entry);
    }
    void more(RouteTable& m)
    {
        m.version = ~std::uint64_t{0};
        m.shards.push_back({shard(), {{0, 4096}}, node(), BoxId{0}, epoch(), 0});
    }
    void more(OutputBatch& m)
    {
        m.stream = number();
        m.floor = number();
    }
    void more(PredictReply& m)
    {
        LoadForecast load;
        load.shard = shard();
        load.p50 = static_cast<PerMille>(random_.below(1'000'000));
        m.loads.push_back(load);
    }

    SplitMix64& random_;
    const Prey& prey_;
};

template <std::size_t... I>
Message emptyMessage(std::size_t kind, std::index_sequence<I...>)
{
    Message message;
    static_cast<void>(
        ((kind == I && (message = std::variant_alternative_t<I, Message>{}, true)) || ...));
    return message;
}

}  // namespace

Bytes hostileMessage(SplitMix64& random, const Prey& prey, std::size_t kind)
{
    Liar liar(random, prey);
    if (kind == std::variant_size_v<Message>) {
        Frame frame;
        liar.fill(frame.header);
        frame.records = "no records";
        return encodeFrame(frame);
    }
    constexpr auto kAll = std::make_index_sequence<std::variant_size_v<Message>>{};
    Message message = emptyMessage(kind, kAll);
    if (std::holds_alternative<Command>(message)) message = Stop{};
    std::visit([&liar](auto& m) { liar.fill(m); }, message);
    return encode(message);
}

}  // namespace foreshard::sim
