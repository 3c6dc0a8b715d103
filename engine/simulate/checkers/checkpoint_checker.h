#pragma once
// Invariant I3, from outside: what the edge has handed out as durable stays, with the same content,
// over every crash; and no checkpoint contains more than that. Sees frames, checkpoints and the
// edge's answers as they are sent.
#include "engine/model/checkpoint.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/simulate/checkers/violations.h"

#include <cstdint>
#include <map>
#include <utility>

namespace foreshard::sim {

class CheckpointChecker {
public:
    explicit CheckpointChecker(Violations& violations) : violations_(violations) {}

    // `crc` is that of the whole sealed frame.
    void onFrame(const FrameHeader& header, std::uint32_t crc);
    void onCheckpoint(const CheckpointInfo& info);
    void onSubscribed(const Subscribed& subscribed);

private:
    Violations& violations_;
    std::map<ShardId, FrameNo> promised_;  // the newest frame handed out
    std::map<std::pair<ShardId, FrameNo>, std::uint32_t> content_;
};

}  // namespace foreshard::sim
