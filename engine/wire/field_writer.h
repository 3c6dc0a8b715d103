#pragma once
// Private to engine/wire: model values to Cap'n Proto structs, as their descriptions say.
#include "engine/wire/fields.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>
#include <variant>

namespace foreshard {

template <class Builder, class T>
void write(Builder out, const T& in);

// A value that a Cap'n Proto field or list item can be set to.
template <class Number>
Number plain(Number value)
{
    return value;
}
template <class Tag, class Rep>
Rep plain(Id<Tag, Rep> id)
{
    return id.value;
}
inline std::int64_t plain(Instant at) { return at.nanos; }

template <class Builder, class List>
void writeItems(Builder out, const List& in)
{
    for (unsigned i = 0; i < out.size(); ++i) {
        if constexpr (HasDescription<std::decay_t<decltype(in[0])>>) {
            write(out[i], in[i]);
        } else {
            out.set(i, plain(in[i]));
        }
    }
}
template <class Builder>
class FieldWriter {
public:
    explicit FieldWriter(Builder out) : out_(out) {}

    template <class T, class A>
    void field(const Part&, const T& in, A access)
    {
        if constexpr (HasDescription<T>) {
            write(access.init(out_), in);
        } else if constexpr (std::is_enum_v<T>) {
            access.set(out_, enumNumber(in));
        } else if constexpr (std::is_same_v<T, std::string>) {
            if constexpr (std::is_same_v<decltype(access.get(out_)), capnp::Data::Builder>) {
                const auto* const bytes = reinterpret_cast<const kj::byte*>(in.data());
                access.set(out_, capnp::Data::Reader(bytes, in.size()));
            } else {
                access.set(out_, capnp::Text::Reader(in.data(), in.size()));
            }
        } else if constexpr (kIsList<T>) {
            FS_CHECK(std::size(in) <= kListMax);
            writeItems(access.init(out_, static_cast<unsigned>(std::size(in))), in);
        } else {
            access.set(out_, plain(in));
        }
    }
    template <class A>
    void version(std::uint32_t number, A access)
    {
        access.set(out_, number);
    }
    template <class T, class Variant, class Inner, class Is, class A>
    void choice(const char* name, const Variant& in, Inner inner, Is, A access)
    {
        const T* const one = std::get_if<T>(&in);
        if (one == nullptr) return;
        if constexpr (std::is_same_v<decltype(access.get(out_)), capnp::Void>) {
            access.set(out_);
        } else {
            field(Part{name}, inner(*one), access);
        }
    }

private:
    Builder out_;
};

template <class Builder, class T>
void write(Builder out, const T& in)
{
    FieldWriter writer(out);
    Described<T>::walk(writer, in);
}
}  // namespace foreshard
