#include "engine/simulation/message_text.h"

#include "engine/wire/codec.h"
#include "engine/wire/describe_message.h"
#include "engine/wire/envelope.h"

#include <cstdint>
#include <iterator>
#include <type_traits>
#include <variant>

namespace foreshard::sim {
namespace {

std::string wordOf(CheckpointKind kind) { return kind == CheckpointKind::kFull ? "full" : "delta"; }
std::string wordOf(ShardState state) { return shardStateName(state); }
template <class Enum>
std::string wordOf(Enum value)
{
    return std::to_string(static_cast<unsigned>(value));
}

// "key=value key=value" of the members that a description wants in the line; texts and lists that
// are empty are left out.
class Line {
public:
    template <class T, class A>
    void field(const Part& part, const T& value, const A&)
    {
        if (!part.inLine) return;
        if constexpr (requires { value.empty(); }) {
            if (value.empty()) return;
        }
        if (!text_.empty()) text_ += ' ';
        text_.append(part.name).append("=");
        add(value);
    }
    template <class A>
    void version(std::uint32_t, const A&)
    {
    }
    template <class T, class Variant, class Inner, class Is, class A>
    void choice(const char* name, const Variant& in, Inner inner, Is, const A& access)
    {
        if (const T* const one = std::get_if<T>(&in)) field(Part{name}, inner(*one), access);
    }
    const std::string& text() const { return text_; }

private:
    template <class T>
    void add(const T& value)
    {
        if constexpr (HasDescription<T>) {
            Line inner;
            Described<T>::walk(inner, value);
            text_ += "{" + inner.text() + "}";
        } else if constexpr (std::is_same_v<T, bool>) {
            text_ += value ? "yes" : "no";
        } else if constexpr (std::is_enum_v<T>) {
            text_ += wordOf(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
            text_ += "'" + value + "'";
        } else if constexpr (requires { std::size(value); }) {
            text_ += '[';
            for (const auto& item : value) {
                if (text_.back() != '[') text_ += ' ';
                add(item);
            }
            text_ += ']';
        } else if constexpr (requires { value.value; }) {
            text_ += std::to_string(value.value);
        } else if constexpr (requires { value.nanos; }) {
            text_ += std::to_string(value.nanos);
        } else {
            text_ += std::to_string(value);
        }
    }

    std::string text_;
};

template <class T>
std::string lineOf(const char* name, const T& value)
{
    Line line;
    Described<T>::walk(line, value);
    return line.text().empty() ? name : std::string(name) + " " + line.text();
}

}  // namespace

std::string describe(const Message& message)
{
    return std::visit([]<class T>(const T& value) { return lineOf(Described<T>::kName, value); },
                      message);
}

std::string describeSealed(BytesView sealed)
{
    const Result<EnvelopeHead> head = peekEnvelope(sealed);
    if (head.ok() && head->type == static_cast<std::uint16_t>(WireType::kFrame)) {
        if (const Result<FrameHeader> frame = decodeFrameHeader(sealed); frame.ok())
            return lineOf("Frame", *frame);
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
