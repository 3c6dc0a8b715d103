#pragma once
// Private to engine/wire: Cap'n Proto structs to model values, as their descriptions say. Readers
// of Cap'n Proto throw kj::Exception on damage; decoder.cpp catches it. What Cap'n Proto cannot
// know (enum ranges, list lengths) is noted in Damage instead.
#include "engine/wire/fields.h"

#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>

namespace foreshard {

// Remembers the first field whose value makes no sense.
class Damage {
public:
    void mark(const char* what)
    {
        if (what_ == nullptr) what_ = what;
    }
    const char* what() const { return what_; }  // null: none

private:
    const char* what_ = nullptr;
};

template <class Reader, class T>
void read(Reader in, T& out, Damage& damage);

template <class Number>
void readPlain(Number in, Number& out)
{
    out = in;
}
template <class Tag, class Rep>
void readPlain(Rep in, Id<Tag, Rep>& out)
{
    out.value = in;
}
inline void readPlain(std::int64_t in, Instant& out) { out.nanos = in; }

template <class Enum>
void readEnum(std::uint8_t in, Enum& out, Damage& damage)
{
    if (in > enumNumber(kLastOf<Enum>)) return damage.mark("an enum is out of range");
    out = static_cast<Enum>(in);
}

template <class Reader, class List>
void readItems(Reader in, List& out, Damage& damage)
{
    if constexpr (std::is_array_v<List>) {
        if (in.size() != std::size(out)) return damage.mark("an array has another length");
    } else {
        if (in.size() > kListMax) return damage.mark("a list is too long");
        out.resize(in.size());
    }
    for (unsigned i = 0; i < in.size(); ++i) {
        if constexpr (HasDescription<std::decay_t<decltype(out[0])>>) {
            read(in[i], out[i], damage);
        } else {
            readPlain(in[i], out[i]);
        }
    }
}

template <class Reader>
class FieldReader {
public:
    FieldReader(Reader in, Damage& damage) : in_(in), damage_(damage) {}

    template <class T, class A>
    void field(const Part&, T& out, A access)
    {
        if constexpr (HasDescription<T>) {
            read(access.get(in_), out, damage_);
        } else if constexpr (std::is_enum_v<T>) {
            readEnum(access.get(in_), out, damage_);
        } else if constexpr (std::is_same_v<T, std::string>) {
            const auto bytes = access.get(in_);
            out.assign(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
        } else if constexpr (kIsList<T>) {
            readItems(access.get(in_), out, damage_);
        } else {
            readPlain(access.get(in_), out);
        }
    }
    template <class A>
    void version(std::uint32_t number, A access)
    {
        const std::uint32_t found = access.get(in_);
        if (found == 0) damage_.mark("an older version wrote it: use that one");
        if (found > number) damage_.mark("a newer version wrote it: use that one");
    }
    template <class T, class Variant, class Inner, class Is, class A>
    void choice(const char* name, Variant& out, Inner inner, Is is, A access)
    {
        if (!is(in_)) return;
        chosen_ = true;
        T one;
        if constexpr (!std::is_same_v<decltype(access.get(in_)), capnp::Void>)
            field(Part{name}, inner(one), access);
        out = one;
    }
    bool chosen() const { return chosen_; }

private:
    Reader in_;
    Damage& damage_;
    bool chosen_ = false;  // one of the alternatives was it
};

template <class Reader, class T>
void read(Reader in, T& out, Damage& damage)
{
    FieldReader reader(in, damage);
    Described<T>::walk(reader, out);
    if constexpr (requires { out.index(); }) {
        if (!reader.chosen()) damage.mark("none of the alternatives that are known");
    }
}

}  // namespace foreshard
