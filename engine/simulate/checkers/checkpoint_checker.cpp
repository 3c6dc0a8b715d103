#include "engine/simulate/checkers/checkpoint_checker.h"

#include <algorithm>
#include <string>

namespace foreshard::sim {
namespace {

std::string name(ShardId shard) { return "shard " + std::to_string(shard.value); }

}  // namespace

void CheckpointChecker::onFrame(const FrameHeader& header, std::uint32_t crc)
{
    FrameNo& promised = promised_[header.shard];
    promised = std::max(promised, header.n);
    const auto [it, first] = content_.try_emplace({header.shard, header.n}, crc);
    if (first || it->second == crc) return;
    violations_.report("checkpoint", name(header.shard) + " frame " + std::to_string(header.n)
                                         + " was delivered with two different contents");
}

void CheckpointChecker::onCheckpoint(const CheckpointInfo& info)
{
    const FrameNo promised = promised_[info.shard];
    if (info.n <= promised) return;
    violations_.report("checkpoint", name(info.shard) + " has a checkpoint at frame "
                                         + std::to_string(info.n) + ", but the edge has delivered "
                                         + std::to_string(promised) + " only");
}

void CheckpointChecker::onSubscribed(const Subscribed& subscribed)
{
    const FrameNo promised = promised_[subscribed.shard];
    if (subscribed.lastN >= promised) return;
    violations_.report("checkpoint", name(subscribed.shard) + " ends at frame "
                                         + std::to_string(subscribed.lastN)
                                         + " in the box, but frame " + std::to_string(promised)
                                         + " was delivered before: durable frames are lost");
}

}  // namespace foreshard::sim
