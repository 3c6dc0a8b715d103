#pragma once
// Walks over the members of plain structs without naming them, so that a test notices a member
// that the codec has forgotten. Counting by aggregate initialisation as in Boost.PFR (A. Polukhin).
#include "engine/model/load.h"
#include "engine/model/message.h"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace foreshard::test {

struct Anything {
    template <class T>
    operator T() const;  // never defined: only for counting
};

template <class T, class... Args>
constexpr std::size_t countMembers()
{
    if constexpr (requires { T{Args{}..., Anything{}}; })
        return countMembers<T, Args..., Anything>();
    else
        return sizeof...(Args);
}
template <class T>
inline constexpr std::size_t kMembers = countMembers<T>();
// Arrays and variants cannot be counted that way.
template <>
inline constexpr std::size_t kMembers<ShardTick> = 11;
template <>
inline constexpr std::size_t kMembers<Command> = 5;

// References to all members of `value`, in order.
template <class T>
auto membersOf(T& value)
{
    constexpr std::size_t kCount = kMembers<std::remove_const_t<T>>;
    static_assert(kCount <= 34, "add a branch");
    if constexpr (kCount == 0) {
        return std::tie();
    } else if constexpr (kCount == 1) {
        auto& [a] = value;
        return std::tie(a);
    } else if constexpr (kCount == 2) {
        auto& [a, b] = value;
        return std::tie(a, b);
    } else if constexpr (kCount == 3) {
        auto& [a, b, c] = value;
        return std::tie(a, b, c);
    } else if constexpr (kCount == 4) {
        auto& [a, b, c, d] = value;
        return std::tie(a, b, c, d);
    } else if constexpr (kCount == 5) {
        auto& [a, b, c, d, e] = value;
        return std::tie(a, b, c, d, e);
    } else if constexpr (kCount == 6) {
        auto& [a, b, c, d, e, f] = value;
        return std::tie(a, b, c, d, e, f);
    } else if constexpr (kCount == 7) {
        auto& [a, b, c, d, e, f, g] = value;
        return std::tie(a, b, c, d, e, f, g);
    } else if constexpr (kCount == 8) {
        auto& [a, b, c, d, e, f, g, h] = value;
        return std::tie(a, b, c, d, e, f, g, h);
    } else if constexpr (kCount == 9) {
        auto& [a, b, c, d, e, f, g, h, i] = value;
        return std::tie(a, b, c, d, e, f, g, h, i);
    } else if constexpr (kCount == 10) {
        auto& [a, b, c, d, e, f, g, h, i, j] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j);
    } else if constexpr (kCount == 11) {
        auto& [a, b, c, d, e, f, g, h, i, j, k] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k);
    } else if constexpr (kCount == 12) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l);
    } else if constexpr (kCount == 13) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m);
    } else if constexpr (kCount == 14) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    } else if constexpr (kCount == 15) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    } else if constexpr (kCount == 16) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
    } else if constexpr (kCount == 17) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q);
    } else if constexpr (kCount == 18) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
    } else if constexpr (kCount == 19) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    } else if constexpr (kCount == 20) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
    } else if constexpr (kCount == 21) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
    } else if constexpr (kCount == 22) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
    } else if constexpr (kCount == 23) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
    } else if constexpr (kCount == 24) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x);
    } else if constexpr (kCount == 25) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y);
    } else if constexpr (kCount == 26) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z] =
            value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z);
    } else if constexpr (kCount == 27) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa] =
            value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa);
    } else if constexpr (kCount == 28) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa,
               ab] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab);
    } else if constexpr (kCount == 29) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac);
    } else if constexpr (kCount == 30) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac, ad);
    } else if constexpr (kCount == 31) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac, ad, ae);
    } else if constexpr (kCount == 32) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae, af] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac, ad, ae, af);
    } else if constexpr (kCount == 33) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae, af, ag] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac, ad, ae, af, ag);
    } else if constexpr (kCount == 34) {
        auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, aa, ab,
               ac, ad, ae, af, ag, ah] = value;
        return std::tie(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y,
                        z, aa, ab, ac, ad, ae, af, ag, ah);
    }
}

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

// Gives every member, at every depth, a value that is not its default; enums get 1, or 0 when 1 is
// the default. Lists get two items.
class Filler {
public:
    template <class T>
    void fill(T& value)
    {
        if constexpr (std::is_same_v<T, bool>) {
            value = !value;
        } else if constexpr (std::is_enum_v<T>) {
            value = static_cast<T>(value == static_cast<T>(1) ? 0 : 1);
        } else if constexpr (std::is_arithmetic_v<T>) {
            value = static_cast<T>(++count_) + static_cast<T>(0.25);
        } else if constexpr (std::is_same_v<T, std::string>) {
            value = "text\xFF" + std::to_string(++count_) + std::string(1, '\0') + "end";
        } else if constexpr (kIsVector<T>) {
            value.resize(2);
            for (auto& item : value)
                fill(item);
        } else if constexpr (std::is_array_v<T>) {
            for (auto& item : value)
                fill(item);
        } else if constexpr (std::is_same_v<T, CommandBody>) {
            fill(value.template emplace<MoveCommand>());
        } else {
            std::apply([&](auto&... members) { (fill(members), ...); }, membersOf(value));
        }
    }

private:
    std::uint32_t count_ = 100;
};

template <class T>
bool same(const T& a, const T& b)
{
    if constexpr (std::is_floating_point_v<T>) {
        return std::memcmp(&a, &b, sizeof(T)) == 0;  // NaN equals itself here
    } else if constexpr (std::is_arithmetic_v<
                             T> || std::is_enum_v<T> || std::is_same_v<T, std::string>) {
        return a == b;
    } else if constexpr (kIsVector<T>) {
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!same(a[i], b[i])) return false;
        return true;
    } else if constexpr (std::is_array_v<T>) {
        for (std::size_t i = 0; i < std::size(a); ++i)
            if (!same(a[i], b[i])) return false;
        return true;
    } else if constexpr (std::is_same_v<T, CommandBody>) {
        if (a.index() != b.index()) return false;
        return std::visit(
            [&](const auto& body) { return same(body, std::get<std::decay_t<decltype(body)>>(b)); },
            a);
    } else {
        const auto left = membersOf(a);
        const auto right = membersOf(b);
        return [&]<std::size_t... index>(std::index_sequence<index...>)
        {
            return (same(std::get<index>(left), std::get<index>(right)) && ...);
        }
        (std::make_index_sequence<std::tuple_size_v<decltype(left)>>{});
    }
}

}  // namespace foreshard::test
