#pragma once
// Delivery serves the frames of the boxes to whoever has subscribed at a shard's current epoch, and
// gives up in the boxes what recovery does not need any more. What is sent next is DeliveryCore's.
// A subscriber that falls silent is served again, so every message may be lost. Lives on the edge's
// strand.
#include "engine/base/result.h"
#include "engine/box/box_store.h"
#include "engine/delivery/delivery_core.h"
#include "engine/edge/backlog_core.h"
#include "engine/edge/fence_gate.h"
#include "engine/env/env.h"
#include "engine/model/message.h"

#include <cstdint>
#include <functional>

namespace foreshard {

class Delivery {
public:
    using Fail = std::function<void(const Error&)>;  // the edge cannot go on

    // All of them outlive it.
    Delivery(Env& env, BoxStore& boxes, BacklogCore& backlog, Fail fail);

    void assign(const RouteTable& routes);
    void onSubscribe(const Subscribe& subscribe);
    void onApplied(const Applied& applied);
    void onTruncate(const Truncate& truncate);
    void onRetain(const Retain& retain);

    // More is durable than before.
    void deliverAll();
    void serveSilentAgain(Instant now);

    bool allConfirmed() const;
    std::uint64_t bytesInFlightMost() const { return core_.bytesInFlightMost(); }

private:
    // Whoever restores an older checkpoint than was thought needed gets frames that were truncated.
    Status retainAgain(const Subscribe& subscribe);
    void deliver(ShardId shard);

    Env& env_;
    BoxStore& boxes_;
    BacklogCore& backlog_;
    Fail fail_;
    DeliveryCore core_;
    FenceGate fences_;
};

}  // namespace foreshard
