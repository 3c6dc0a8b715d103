#pragma once
// Where checkers say what they have seen go wrong. The first one counts: what follows is often its
// consequence.
#include "engine/base/ids.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace foreshard::sim {

struct Violation {
    // "records", "source", "ownership", "checkpoint", "rebuild", "memory", "progress", "engine"
    std::string checker;
    std::string text;
    std::optional<ShardId> shard;  // the one involved, if it is one
};

class Violations {
public:
    void report(std::string checker, std::string text, std::optional<ShardId> shard = {})
    {
        if (!first_) first_ = Violation{std::move(checker), std::move(text), shard};
    }
    const std::optional<Violation>& first() const { return first_; }
    bool any() const { return first_.has_value(); }

private:
    std::optional<Violation> first_;
};

}  // namespace foreshard::sim
