#pragma once
// Invariant I2: in one epoch of a shard only one incarnation of one node ever applies. Sees every
// Applied message as it is sent.
#include "engine/model/message.h"
#include "engine/simulate/checkers/violations.h"

#include <cstdint>
#include <map>
#include <utility>

namespace foreshard::sim {

class OwnershipChecker {
public:
    explicit OwnershipChecker(Violations& violations) : violations_(violations) {}

    // `life` numbers the engine's processes, `incarnation` the node's starts in that life.
    void onApplied(const Applied& applied, std::uint32_t life, std::uint32_t incarnation);

private:
    struct Owner {
        NodeId node;
        std::uint32_t life = 0;
        std::uint32_t incarnation = 0;
        friend bool operator==(const Owner&, const Owner&) = default;
    };

    Violations& violations_;
    std::map<std::pair<ShardId, Epoch>, Owner> owners_;
};

}  // namespace foreshard::sim
