#include "engine/simulation/poisoned_operator.h"

#include "engine/base/split_mix.h"
#include "engine/control/log/single_control_log.h"

#include <set>
#include <utility>

namespace foreshard::sim {
namespace {

// Every record of the key costs that many ends of the process times three, so there may be few.
std::uint64_t recordsMax(PoisonKind kind)
{
    switch (kind) {
        case PoisonKind::kThrow:
            return 200;
        case PoisonKind::kCrash:
            return 4;
        case PoisonKind::kHang:
            return 2;
        case PoisonKind::kFlaky:
            return 1000;
    }
    return 0;
}

}  // namespace

PoisonedOperator::PoisonedOperator(std::uint64_t seed, std::uint32_t nodes, RandomStream& stream,
                                   bool wanted)
    : slots_(nodes)
{
    SplitMix64 random(seed ^ 0x706F69736F6EULL);
    if (!wanted || !random.chance(300)) return;
    for (std::uint64_t left = 1 + random.below(2); left > 0; --left) {
        const auto kind = static_cast<PoisonKind>(random.below(4));
        std::vector<Bytes> keys;
        for (const auto& [key, value] : stream.expected) {
            if (value.count <= recordsMax(kind)) keys.push_back(key);
        }
        if (keys.empty()) continue;
        const Bytes key = keys[random.below(keys.size())];
        drills_.push_back({kind, key});
        if (kind == PoisonKind::kFlaky) continue;
        deadRecords_ += stream.expected.at(key).count;
        stream.expected.erase(key);
        stream.deadKeys.insert(key);
    }
}

void PoisonedOperator::beginLife(std::function<void()> end)
{
    ++life_;
    end_ = std::move(end);
    for (WitnessSlot& slot : slots_)
        slot.inside = 0;
}

OperatorWatch PoisonedOperator::watch(NodeId node, Strand& strand)
{
    OperatorWatch watch;
    watch.slot = &slots_.at(node.value);
    const auto stay = [&strand] {
        strand.spend(std::chrono::hours(1), true);
        throw OperatorGone{};
    };
    watch.hang = stay;
    watch.crash = [this, stay, slot = watch.slot] {
        mark(*slot, "the operator crashed (SIGSEGV)");
        stay();
    };
    return watch;
}

std::vector<WitnessSlot*> PoisonedOperator::slots()
{
    std::vector<WitnessSlot*> slots;
    for (WitnessSlot& slot : slots_)
        slots.push_back(&slot);
    return slots;
}

void PoisonedOperator::mark(WitnessSlot& slot, const std::string& reason)
{
    marks_.push_back({{ShardId{slot.shard}, slot.n, slot.index, slot.offset}, life_, reason});
    end_();
}

std::string PoisonedOperator::wrong(Disk& disk, const std::string& dataDirectory) const
{
    const auto letters = SingleControlLog::readLetters(disk, dataDirectory);
    if (!letters.ok()) return letters.error().message;
    std::set<Offset> offsets;
    for (const DeadLetter& letter : *letters) {
        bool drilled = false;
        for (const PoisonDrill& drill : drills_)
            drilled |= drill.kind != PoisonKind::kFlaky && drill.key == letter.key;
        if (!drilled) return describe(letter.place) + " was given up without need";
        if (!offsets.insert(letter.place.offset).second)
            return describe(letter.place) + " was given up twice";
    }
    if (offsets.size() == deadRecords_) return {};
    return std::to_string(offsets.size()) + " records were given up, wanted "
           + std::to_string(deadRecords_);
}

}  // namespace foreshard::sim
