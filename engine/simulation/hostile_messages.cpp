#include "engine/simulation/hostile_messages.h"

#include "engine/base/crc32c.h"
#include "engine/wire/codec.h"
#include "engine/wire/describe_message.h"

#include <array>
#include <string>
#include <string_view>
#include <type_traits>
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

    // As the description of T says, and sometimes believable where all else is not.
    template <class T>
    void fill(T& value)
    {
        Described<T>::walk(*this, value);
        more(value);
    }

    template <class T, class A>
    void field(const Part& part, T& value, const A&)
    {
        const std::string_view name = part.name;
        if constexpr (std::is_same_v<T, std::string>) {
            value = name == "file" ? file() : failure();
        } else if (name == "incarnation") {
            set(value, incarnation());
        } else {
            invent(value);
        }
    }
    template <class A>
    void version(std::uint32_t, const A&)
    {
    }
    template <class T, class Variant, class Inner, class Is, class A>
    void choice(const char* name, Variant& value, Inner inner, Is, const A& access)
    {
        if (!random_.chance(200)) return;
        T one;
        field(Part{name}, inner(one), access);
        value = one;
    }

private:
    template <class T, class Number>
    static void set(T& value, Number number)
    {
        if constexpr (std::is_arithmetic_v<T>) value = static_cast<T>(number);
    }
    template <class T>
    void invent(T& value)
    {
        if constexpr (HasDescription<T>) {
            fill(value);
        } else if constexpr (std::is_same_v<T, bool>) {
            value = random_.chance(500);
        } else if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>(random_.below(static_cast<std::uint64_t>(kLastOf<T>) + 1));
        } else if constexpr (std::is_same_v<T, NodeId>) {
            value = node();
        } else if constexpr (std::is_same_v<T, ShardId>) {
            value = shard();
        } else if constexpr (std::is_same_v<T, Epoch>) {
            value = epoch();
        } else if constexpr (requires { value.value; }) {
            invent(value.value);
        } else if constexpr (std::is_same_v<T, Instant>) {
            invent(value.nanos);
        } else if constexpr (requires { value.resize(1); }) {
            value.resize(random_.below(3));
            for (auto& item : value)
                invent(item);
        } else if constexpr (std::is_array_v<T>) {
            for (auto& item : value)
                invent(item);
        } else {
            set(value, number());
        }
    }

    template <class T>
    void more(T&)
    {
    }
    void more(Poisoned& m)  // nothing about this one is wrong
    {
        m.letter.raw = "a healthy record\n";
        m.letter.crc = crc32c(m.letter.raw);
        m.letter.reason = "forged";
        m.letter.tries = kOperatorTriesMax;
    }
    void more(RouteTable& m)  // newer than every other
    {
        m.version = ~std::uint64_t{0};
        m.shards.push_back({shard(), {{0, kSlotCount}}, node(), BoxId{0}, epoch(), 0});
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
