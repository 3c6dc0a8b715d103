#pragma once
// When control is replaced while edge and nodes live on, truncation and ownership must go on. The
// new one may not speak of an older truncation fence than the edge has heard, or the edge would
// ignore its every Truncate and the boxes would grow for ever; and every shard must get an owner of
// a later epoch than any before.
#include "engine/model/message.h"
#include "engine/simulation/checkers/violations.h"

#include <cstdint>
#include <map>

namespace foreshard::sim {

class ReplacementChecker {
public:
    explicit ReplacementChecker(Violations& violations) : violations_(violations) {}

    // A new life of the engine: its edge has heard nothing.
    void beginLife();
    // Control has ended; what is said from here on is its successor's.
    void replaced();
    void onRetain(const Retain& retain) { heard(retain.shard, retain.fence); }
    void onSubscribe(const Subscribe& subscribe) { heard(subscribe.shard, subscribe.fence); }
    void onTruncate(const Truncate& truncate);
    void onRoutes(const RouteTable& routes);
    void onNodeReport(const NodeReport& report);
    // The engine was done: nothing may be owed any more.
    void checkEnd();

private:
    void heard(ShardId shard, std::uint64_t fence);

    Violations& violations_;
    std::map<ShardId, std::uint64_t> heard_;  // what the edge may know
    std::map<ShardId, std::uint64_t> floor_;  // what the control before had said
    std::map<ShardId, Epoch> epochs_;
    std::map<ShardId, Epoch> owed_;  // no owner yet of an epoch above this
};

}  // namespace foreshard::sim
