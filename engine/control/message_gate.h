#pragma once
// MessageGate decides whether a message is listened to: who said it (the network knows), whether he
// may, and whether it can be so at all, by what control knows. What is refused is counted and said
// to people now and then. Pure: time arrives with each call.
#include "engine/base/bytes.h"
#include "engine/base/time.h"
#include "engine/control/control_options.h"
#include "engine/control/edge_table.h"
#include "engine/control/effects.h"
#include "engine/model/message.h"

#include <cstdint>
#include <optional>
#include <string>

namespace foreshard {

class MessageGate {
public:
    MessageGate(const ControlOptions& options, const NodeSupervisor& supervisor,
                const EdgeTable& edge)
        : options_(options), supervisor_(supervisor), edge_(edge)
    {
    }

    // The message, when it is one to be listened to. `to`: the name under which it came in.
    std::optional<Message> admit(Instant now, const std::string& from, const std::string& to,
                                 const Bytes& bytes, Effects& effects);
    std::uint64_t refused() const { return refused_; }

private:
    void refuse(Instant now, const std::string& from, const std::string& what, Effects& effects);
    bool isPossible(Instant now, const Message& message);
    static bool mayBe(const Command& command);
    bool mayBe(const NodeReport& report) const;
    bool mayBe(Instant now, const EdgeReport& report);
    bool mayBe(const CheckpointDone& done) const;
    bool mayBe(const Poisoned& poisoned) const;
    bool mayBe(ShardId shard, FrameNo n) const;

    const ControlOptions& options_;
    const NodeSupervisor& supervisor_;
    const EdgeTable& edge_;
    Instant edgeHeard_;           // first
    std::uint64_t edgeTick_ = 0;  // then
    std::uint64_t refused_ = 0;
    Instant lastSaid_;
};

}  // namespace foreshard
