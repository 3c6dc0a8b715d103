#include "engine/delivery/delivery_core.h"

#include "engine/base/mutant.h"
#include "engine/model/addresses.h"

#include <algorithm>

namespace foreshard {

void DeliveryCore::assign(const ShardAssignment& owner)
{
    owners_[owner.shard] = {owner.node, owner.epoch};
    // The epoch is the fence: from here on the old owner gets nothing more.
    const auto it = subscriptions_.find(owner.shard);
    if (it != subscriptions_.end() && it->second.epoch < owner.epoch) subscriptions_.erase(it);
}

DeliveryCore::Answer DeliveryCore::judge(const Subscribe& subscribe, FrameNo lastAppended) const
{
    const auto owner = owners_.find(subscribe.shard);
    const bool current = owner != owners_.end() && owner->second.epoch == subscribe.epoch
                         && owner->second.node == subscribe.node;
    // Too old, or the shard map known here is: the subscriber repeats.
    if (!current && !mutant(Mutant::kIgnoreEpoch)) return Answer::kIgnore;
    if (subscribe.fromN > lastAppended + 1) return Answer::kIgnore;
    const auto known = subscriptions_.find(subscribe.shard);
    if (known == subscriptions_.end() || known->second.epoch != subscribe.epoch)
        return Answer::kBegin;
    // One epoch, one incarnation: a node that came back gets a new epoch, whatever late Assign it
    // heard.
    if (known->second.incarnation != subscribe.incarnation) return Answer::kIgnore;
    // A late repeat may well ask for frames that are confirmed and cut off by now.
    return known->second.window.confirmed() + 1 >= subscribe.fromN ? Answer::kRepeat
                                                                   : Answer::kBegin;
}

void DeliveryCore::begin(const Subscribe& subscribe)
{
    subscriptions_.insert_or_assign(
        subscribe.shard,
        Subscription{nodeAddress(subscribe.node), subscribe.node, subscribe.incarnation,
                     subscribe.epoch,
                     SendWindow(subscribe.window, kPatience, subscribe.fromN - 1)});
}

std::optional<DeliveryCore::Next> DeliveryCore::next(ShardId shard, FrameNo lastDurable) const
{
    const auto it = subscriptions_.find(shard);
    if (it == subscriptions_.end()) return std::nullopt;
    const SendWindow& window = it->second.window;
    if (window.sentUpTo() >= lastDurable || !window.open()) return std::nullopt;
    return Next{window.sentUpTo() + 1, it->second.to};
}

void DeliveryCore::sent(ShardId shard, FrameNo n, std::uint64_t bytes, Instant now)
{
    subscriptions_.at(shard).window.sent(n, bytes, now);
}

bool DeliveryCore::isFromSubscriber(const Applied& applied) const
{
    const auto it = subscriptions_.find(applied.shard);
    return it != subscriptions_.end() && it->second.epoch == applied.epoch
           && it->second.node == applied.node;
}

bool DeliveryCore::confirm(ShardId shard, FrameNo upTo, FrameNo lastDurable, Instant now)
{
    const auto it = subscriptions_.find(shard);
    if (it == subscriptions_.end() || upTo > lastDurable) return false;
    return it->second.window.confirm(upTo, now);
}

std::vector<ShardId> DeliveryCore::goBackWhereSilent(Instant now)
{
    std::vector<ShardId> silent;
    for (auto& [shard, subscription] : subscriptions_) {
        if (subscription.window.goBackIfSilent(now)) silent.push_back(shard);
    }
    return silent;
}

std::vector<ShardId> DeliveryCore::subscribed() const
{
    std::vector<ShardId> shards;
    shards.reserve(subscriptions_.size());
    for (const auto& [shard, subscription] : subscriptions_)
        shards.push_back(shard);
    return shards;
}

bool DeliveryCore::allConfirmed(const LastDurable& lastDurable) const
{
    return std::all_of(owners_.begin(), owners_.end(), [&](const auto& owner) {
        const auto it = subscriptions_.find(owner.first);
        return it != subscriptions_.end()
               && it->second.window.confirmed() >= lastDurable(owner.first);
    });
}

std::uint64_t DeliveryCore::bytesInFlightMost() const
{
    std::uint64_t most = 0;
    for (const auto& [shard, subscription] : subscriptions_)
        most = std::max(most, subscription.window.bytesInFlight());
    return most;
}

}  // namespace foreshard
