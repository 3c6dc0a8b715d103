#pragma once
// Private to engine/wire: what FieldWriter and FieldReader share.
#include "engine/wire/describe_message.h"
#include "engine/wire/foreshard.capnp.h"

#include <cstdint>
#include <iterator>
#include <type_traits>

namespace foreshard {

// More than any list of the model can hold; a longer one is damage, and is not allocated.
inline constexpr std::uint32_t kListMax = 1U << 20U;

template <class T>
inline constexpr bool kIsList = requires(const T& value)
{
    std::size(value);
};

inline std::uint16_t typeNumber(WireType type) { return static_cast<std::uint16_t>(type); }

template <class Enum>
std::uint8_t enumNumber(Enum value)
{
    static_assert(std::is_same_v<std::underlying_type_t<Enum>, std::uint8_t>);
    return static_cast<std::uint8_t>(value);
}
}  // namespace foreshard
