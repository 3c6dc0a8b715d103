#include "engine/operator/operator_guard.h"

#include "engine/base/crc32c.h"

#include <stdexcept>

namespace foreshard {

OperatorGuard::OperatorGuard(const OperatorSpec& spec, const OperatorWatch& watch,
                             const Assign& assign)
    : spec_(spec),
      watch_(watch),
      slot_(watch.slot != nullptr ? *watch.slot : unwatched_),
      begun_(slot_.begun.load(std::memory_order_relaxed))
{
    for (const RecordPlace& place : assign.dead)
        dead_.insert(place.offset);
    for (const Suspect& suspect : assign.suspects)
        suspects_[suspect.place.offset] = suspect;
}

void OperatorGuard::begin(const FrameHeader& frame)
{
    if (frame_.n != frame.n) tries_.clear();
    frame_.shard = frame.shard;
    frame_.n = frame.n;
    // The node's other shards count in the same slot.
    begun_ = slot_.begun.load(std::memory_order_relaxed);
    slot_.shard.store(frame.shard.value, std::memory_order_relaxed);
    slot_.n.store(frame.n, std::memory_order_relaxed);
}

void OperatorGuard::note(const RecordView& record, std::uint32_t index)
{
    letter_ = DeadLetter{};
    letter_.place = frame_;
    letter_.place.index = index;
    letter_.place.offset = record.offset;
    letter_.key = Bytes(record.key);
    letter_.raw = Bytes(record.raw);
    letter_.crc = crc32c(letter_.raw);
}

bool OperatorGuard::condemned(const RecordView& record, std::uint32_t index)
{
    const auto suspect = suspects_.find(record.offset);
    if (suspect == suspects_.end() || suspect->second.tries < kOperatorTriesMax) return false;
    note(record, index);
    letter_.tries = suspect->second.tries;
    letter_.reason = suspect->second.reason;
    return true;
}

bool OperatorGuard::failed(const RecordView& record, std::uint32_t index, const std::string& reason)
{
    slot_.inside.store(0, std::memory_order_release);
    note(record, index);
    letter_.reason = reason;
    letter_.tries = ++tries_[record.offset];
    return false;
}

void OperatorGuard::misbehave(const RecordView& record)
{
    for (const PoisonDrill& drill : spec_.poison) {
        if (drill.key != record.key) continue;
        const auto failed = tries_.find(record.offset);
        const std::uint32_t tries = failed == tries_.end() ? 0 : failed->second;
        if (drill.kind == PoisonKind::kFlaky && tries + 1 >= kOperatorTriesMax) continue;
        if (drill.kind == PoisonKind::kCrash && watch_.crash) watch_.crash();
        if (drill.kind == PoisonKind::kHang && watch_.hang) watch_.hang();
        throw std::runtime_error("the drill on key '" + drill.key + "'");
    }
}

}  // namespace foreshard
