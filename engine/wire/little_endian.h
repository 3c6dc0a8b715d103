#pragma once
// Fixed-width numbers in byte strings, little endian, without alignment or aliasing concerns.
#include "engine/base/bytes.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace foreshard {

static_assert(std::endian::native == std::endian::little, "add byte swaps for this machine");

template <class Number>
void appendNumber(Bytes& out, Number value)
{
    static_assert(std::is_arithmetic_v<Number>);
    char raw[sizeof(Number)];
    std::memcpy(raw, &value, sizeof(Number));
    out.append(raw, sizeof(Number));
}

// REQUIRES: `at` has sizeof(Number) bytes behind it.
template <class Number>
Number loadNumber(const char* at)
{
    static_assert(std::is_arithmetic_v<Number>);
    Number value{};
    std::memcpy(&value, at, sizeof(Number));
    return value;
}

// Takes numbers and bytes off the front of `rest`; after the first shortage every answer is empty
// and ok() is false.
class NumberReader {
public:
    explicit NumberReader(BytesView data) : rest_(data) {}

    template <class Number>
    Number take()
    {
        const BytesView piece = takeBytes(sizeof(Number));
        return ok_ ? loadNumber<Number>(piece.data()) : Number{};
    }
    BytesView takeBytes(std::uint64_t length)
    {
        if (!ok_ || length > rest_.size()) {
            ok_ = false;
            return {};
        }
        const BytesView piece = rest_.substr(0, static_cast<std::size_t>(length));
        rest_.remove_prefix(piece.size());
        return piece;
    }
    bool ok() const { return ok_; }
    BytesView rest() const { return rest_; }

private:
    BytesView rest_;
    bool ok_ = true;
};

}  // namespace foreshard
