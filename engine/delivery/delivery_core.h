#pragma once
// DeliveryCore decides who is served which frame of which shard next. Live dispatch, replay,
// recovery and move are the same thing here: a subscription with a cursor over the shard's frames.
// A shard's newest epoch is the fence: only its owner at that epoch is served. It has neither
// frames nor network: their numbers and sizes are values to it. Pure: time arrives with each call.
#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/delivery/send_window.h"
#include "engine/model/assignment.h"
#include "engine/model/message.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class DeliveryCore {
public:
    static constexpr SendWindow::Patience kPatience{1s, 8s};

    enum class Answer : std::uint8_t {
        kIgnore,  // not the owner as it is known here, or no such frame: it asks again
        kRepeat,  // served already: tell it once more
        kBegin,   // serve it from `fromN` on
    };
    struct Next {
        FrameNo n = 0;
        const std::string& to;  // valid until the subscription ends
    };
    // The newest durable frame of a shard.
    using LastDurable = std::function<FrameNo(ShardId)>;

    // The shard's owner from now on; a subscription of an older epoch ends.
    void assign(const ShardAssignment& owner);

    // `lastAppended`: the newest frame of the shard that there is.
    Answer judge(const Subscribe& subscribe, FrameNo lastAppended) const;
    // Replaces the shard's subscription. REQUIRES: judge() has said kBegin.
    void begin(const Subscribe& subscribe);

    // The frame to send now. Nothing: no subscriber, nothing durable left, or the window is full.
    std::optional<Next> next(ShardId shard, FrameNo lastDurable) const;
    // REQUIRES: next() has named it.
    void sent(ShardId shard, FrameNo n, std::uint64_t bytes, Instant now);
    // Does the word come from the shard's subscriber, in its epoch?
    bool isFromSubscriber(const Applied& applied) const;
    // The shard's frames up to `upTo` are applied. False: nobody subscribed, it is no news, or
    // there are no such frames.
    bool confirm(ShardId shard, FrameNo upTo, FrameNo lastDurable, Instant now);
    // The shards whose subscribers were silent for too long: they are to be served again.
    std::vector<ShardId> goBackWhereSilent(Instant now);

    std::vector<ShardId> subscribed() const;
    // Every shard has a subscriber that has confirmed all its durable frames.
    bool allConfirmed(const LastDurable& lastDurable) const;
    // Sent and not confirmed, of the shard with the most.
    std::uint64_t bytesInFlightMost() const;

private:
    struct Owner {
        NodeId node;
        Epoch epoch;
    };
    struct Subscription {
        std::string to;
        NodeId node;
        std::uint32_t incarnation = 0;
        Epoch epoch;
        SendWindow window;
    };

    std::map<ShardId, Owner> owners_;
    std::map<ShardId, Subscription> subscriptions_;
};

}  // namespace foreshard
