#pragma once
// Where checkers say what they have seen go wrong. The first one counts: what follows is often its
// consequence.
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace foreshard::sim {

struct Violation {
    std::string checker;  // "records", "rebuild", "ownership", "checkpoint", "progress", "engine"
    std::string text;
};

class Violations {
public:
    void report(std::string checker, std::string text)
    {
        if (!first_) first_ = Violation{std::move(checker), std::move(text)};
    }
    const std::optional<Violation>& first() const { return first_; }
    bool any() const { return first_.has_value(); }

private:
    std::optional<Violation> first_;
};

}  // namespace foreshard::sim
