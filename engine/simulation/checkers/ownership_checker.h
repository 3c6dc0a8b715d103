#pragma once
// Invariant I2: in one epoch of a shard only one incarnation of one node ever applies, and never
// goes back; the shard map and its epochs only grow; once a shard has its next owner, no checkpoint
// of an earlier one is listed. Sees messages as they are sent.
#include "engine/model/message.h"
#include "engine/simulation/checkers/violations.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>

namespace foreshard::sim {

class OwnershipChecker {
public:
    explicit OwnershipChecker(Violations& violations) : violations_(violations) {}

    // `life` numbers the engine's processes, `incarnation` the node's starts in that life.
    void onApplied(const Applied& applied, std::uint32_t life, std::uint32_t incarnation);
    void onRoutes(const RouteTable& routes);
    void onAssign(const Assign& assign);
    void onCommitted(const CheckpointCommitted& committed);
    // The node may take the shard up again in the same epoch, when a late Assign comes.
    void onLeft(ShardId shard, Epoch epoch) { left_.insert({shard, epoch}); }

private:
    using Ownership = std::pair<ShardId, Epoch>;
    struct Owner {
        NodeId node;
        std::uint32_t life = 0;
        std::uint32_t incarnation = 0;
        friend bool operator==(const Owner&, const Owner&) = default;
    };
    struct Route {
        Epoch epoch;
        NodeId node;
    };
    void report(ShardId shard, const std::string& text);

    Violations& violations_;
    std::map<Ownership, Owner> owners_;
    std::map<Ownership, FrameNo> applied_;
    std::set<Ownership> left_;
    LogIndex version_ = 0;
    std::map<ShardId, Route> routes_;
    std::map<ShardId, Epoch> owned_;  // the newest epoch that any node was told
    std::map<ShardId, CheckpointId> listed_;
};

}  // namespace foreshard::sim
