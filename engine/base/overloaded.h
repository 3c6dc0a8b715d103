#pragma once
// Overloaded{...} visits a variant with one lambda per alternative; a new alternative does not
// compile until it is handled.
namespace foreshard {

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

}  // namespace foreshard
