#include "engine/edge/delivery.h"

#include "engine/base/crash_point.h"
#include "engine/model/addresses.h"
#include "engine/wire/codec.h"

#include <optional>
#include <utility>

namespace foreshard {

Delivery::Delivery(Env& env, BoxStore& boxes, BacklogCore& backlog, Fail fail)
    : env_(env), boxes_(boxes), backlog_(backlog), fail_(std::move(fail))
{
}

void Delivery::assign(const RouteTable& routes)
{
    for (const ShardAssignment& owner : routes.shards)
        core_.assign(owner);
}

void Delivery::onSubscribe(const Subscribe& subscribe)
{
    const ShardId shard = subscribe.shard;
    const DeliveryCore::Answer answer = core_.judge(subscribe, boxes_.core().lastAppended(shard));
    if (answer == DeliveryCore::Answer::kIgnore) return;
    crashPoint("subscribe.received");
    if (answer == DeliveryCore::Answer::kBegin) {
        if (const Status status = retainAgain(subscribe); !status.ok())
            return fail_(status.error());
        // What lies before was applied, though no word of it may have come.
        backlog_.settle(boxes_.core(), shard, subscribe.fromN - 1);
        core_.begin(subscribe);
    }
    env_.network.send("edge", nodeAddress(subscribe.node),
                      encode(Subscribed{shard, subscribe.epoch, boxes_.core().lastDurable(shard)}));
    deliver(shard);
}

Status Delivery::retainAgain(const Subscribe& subscribe)
{
    const ShardId shard = subscribe.shard;
    fences_.raise(shard, subscribe.fence);
    const FrameNo begin = boxes_.core().firstRetained(shard);
    if (subscribe.fromN >= begin) return {};
    // The checkpoints behind which the box was cut are damaged. Retention may still have the
    // frames.
    FS_TRY(const BoxStore::Missing missing, boxes_.retainFrom(shard, subscribe.fromN, false));
    if (missing.first == 0) return {};
    return Error{Errc::kGap, nameOf(shard) + " needs its frames from "
                                 + std::to_string(subscribe.fromN)
                                 + " on, but the buffer box begins at " + std::to_string(begin)
                                 + ": the checkpoint behind which it was cut is gone: restore the "
                                   "data directory from a copy"};
}

void Delivery::onApplied(const Applied& applied)
{
    if (!core_.isFromSubscriber(applied)) return;
    crashPoint("applied.received");
    const ShardId shard = applied.shard;
    const FrameNo lastDurable = boxes_.core().lastDurable(shard);
    if (!core_.confirm(shard, applied.n, lastDurable, env_.strand.now())) return;
    backlog_.settle(boxes_.core(), shard, applied.n);
    deliver(shard);
}

void Delivery::onRetain(const Retain& retain)
{
    const FenceGate::Retaining judged = fences_.judgeRetain(retain.shard, retain.fence);
    if (judged == FenceGate::Retaining::kLate) return;
    Retained retained;
    retained.shard = retain.shard;
    retained.fence = retain.fence;
    retained.lastN = boxes_.core().lastDurable(retain.shard);
    if (judged == FenceGate::Retaining::kNew) {
        const Result<BoxStore::Missing> missing =
            boxes_.retainFrom(retain.shard, retain.fromN, retain.dryRun);
        if (missing.ok()) {
            retained.missingFirst = missing->first;
            retained.missingLast = missing->last;
            if (missing->first == 0 && !retain.dryRun)
                fences_.noteRetained(retain.shard, retain.fence);
        } else {
            retained.failure = missing.error().message;
            retained.failureCode = missing.error().code;
        }
    }
    env_.network.send("edge", "control", encode(retained));
}

void Delivery::onTruncate(const Truncate& truncate)
{
    const ShardId shard = truncate.shard;
    // Sent before the shard was set back: what it frees is needed again.
    if (!fences_.letsTruncate(shard, truncate.fence)) return;
    const FrameNo last = boxes_.core().lastAppended(shard);
    if (truncate.n > last || truncate.savedN > last) return;  // no such frame
    // What lies behind a checkpoint was applied, though the word of it may have been lost: it must
    // not be asked of the box any more.
    const FrameNo lastDurable = boxes_.core().lastDurable(shard);
    const bool news = core_.confirm(shard, truncate.n, lastDurable, env_.strand.now());
    crashPoint("box.truncate.before");
    backlog_.settle(boxes_.core(), shard, truncate.n);  // also while nobody has subscribed
    boxes_.truncate(shard, truncate.n);
    crashPoint("box.truncate.after");
    boxes_.saved(shard, truncate.savedN);
    if (news) deliver(shard);
}

void Delivery::deliverAll()
{
    for (const ShardId shard : core_.subscribed())
        deliver(shard);
}

void Delivery::deliver(ShardId shard)
{
    const FrameNo last = boxes_.core().lastDurable(shard);
    while (const std::optional<DeliveryCore::Next> next = core_.next(shard, last)) {
        const FrameRef* frame = boxes_.core().find(shard, next->n);
        FS_CHECK(frame != nullptr);
        Result<Bytes> sealed = boxes_.read(*frame);
        if (!sealed.ok())
            return fail_(sealed.error().during("replay shard " + std::to_string(shard.value)));
        core_.sent(shard, next->n, sealed->size(), env_.strand.now());
        crashPoint("frame.send");
        env_.network.send("edge", next->to, std::move(*sealed));
    }
}

void Delivery::serveSilentAgain(Instant now)
{
    for (const ShardId shard : core_.goBackWhereSilent(now))
        deliver(shard);
}

bool Delivery::allConfirmed() const
{
    return core_.allConfirmed([this](ShardId shard) { return boxes_.core().lastDurable(shard); });
}

}  // namespace foreshard
