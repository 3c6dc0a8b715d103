#include "engine/simulation/bit_rot.h"

#include "engine/base/split_mix.h"
#include "engine/control/log/single_control_log.h"
#include "engine/wire/envelope.h"

#include <algorithm>
#include <set>

namespace foreshard::sim {

std::optional<NodeId> BitRot::flip(std::uint32_t target)
{
    const auto known = SingleControlLog::read(disk_, dataDirectory_);
    if (!known.ok()) return std::nullopt;  // not there yet
    const ManifestCore& manifest = known->checkpoints;
    std::set<ShardId> shards;
    for (const CheckpointInfo& info : manifest.all())
        shards.insert(info.shard);
    if (shards.empty()) return std::nullopt;
    SplitMix64 random(target);
    const auto shard =
        std::next(shards.begin(), static_cast<std::ptrdiff_t>(random.below(shards.size())));
    const CheckpointInfo* newest = manifest.newest(*shard);
    if (newest == nullptr) return std::nullopt;  // all are invalidated
    const CheckpointInfo& info = *newest;
    Flip flip{dataDirectory_ + "/" + info.file, nullptr, 0, 0, 0};
    const std::uint64_t inside = random.below(info.bytes - kEnvelopeHeadBytes);
    flip.position = info.position + kEnvelopeHeadBytes + inside;
    flip.mask = static_cast<unsigned char>(1U << random.below(8));
    flip.file = world_.disk().find(flip.path);
    if (!flip.file || flip.file->content.size() <= flip.position) return std::nullopt;
    world_.disk().flipByte(flip.path, flip.position, flip.mask);
    flip.damaged = flip.file->content[flip.position];
    world_.note("a bit flips in " + flip.path + " at " + std::to_string(flip.position) + ": "
                + "checkpoint " + std::to_string(info.id.value) + " of shard "
                + std::to_string(info.shard.value));
    damage_.push_back(std::move(flip));
    ++flips_;
    return info.node;
}

bool BitRot::explains(const std::string& message) const
{
    return std::any_of(damage_.begin(), damage_.end(), [&message](const Flip& flip) {
        return message.find(flip.path) != std::string::npos;
    });
}

void BitRot::heal()
{
    // The newest first: two may have hit one byte.
    for (; !damage_.empty(); damage_.pop_back()) {
        const Flip& flip = damage_.back();
        Bytes& bytes = flip.file->content;
        // The file may have been cut meanwhile.
        if (bytes.size() <= flip.position || bytes[flip.position] != flip.damaged) continue;
        bytes[flip.position] =
            static_cast<char>(static_cast<unsigned char>(flip.damaged) ^ flip.mask);
        world_.note("the bit in " + flip.path + " is as it was");
    }
}

}  // namespace foreshard::sim
