#include "engine/control/quarantine_core.h"

#include "engine/model/addresses.h"

namespace foreshard {

void QuarantineCore::poisoned(const Poisoned& poisoned, Effects& effects)
{
    const DeadLetter& letter = poisoned.letter;
    const ShardId id = letter.place.shard;
    // Too old: the next owner tries the record itself.
    if (!view_.isOwner(id, poisoned.node, poisoned.epoch)) return;
    if (view_.letters.has(letter.place.offset)) {
        return effects.send(nodeAddress(poisoned.node),
                            Quarantined{id, poisoned.epoch, letter.place.offset});
    }
    if (onPoison_ == OnPoison::kStop) {
        return stopAt(letter,
                      "--on-poison stop asks for it: correct the operator and start again, or use "
                      "--on-poison skip to leave the record out",
                      effects);
    }
    if (view_.letters.full()) return stopFull(letter, effects);
    if (view_.pending.any(id)) return;  // said again
    const std::uint64_t number = nextTicket_++;
    writing_[number] = poisoned;
    effects.add(WriteLetter{letter, {ControlPart::kLetters, number}});
}

void QuarantineCore::written(std::uint64_t number, const Status& status, Effects& effects)
{
    const Poisoned poisoned = std::move(writing_.extract(number).mapped());
    const DeadLetter& letter = poisoned.letter;
    // Letters of other shards have taken the last places.
    if (!status.ok() && status.error().code == Errc::kUnavailable) return stopFull(letter, effects);
    if (!status.ok()) return effects.fail(status.error().during("write a dead letter"));
    effects.say(EventSeverity::kError, "poison",
                describe(letter.place) + " goes to the dead-letter log after "
                    + std::to_string(letter.tries) + " tries: " + letter.reason);
    effects.send(nodeAddress(poisoned.node),
                 Quarantined{letter.place.shard, poisoned.epoch, letter.place.offset});
}

void QuarantineCore::stopFull(const DeadLetter& letter, Effects& effects)
{
    stopAt(
        letter,
        "the dead-letter log holds as many records as it may: correct the operator and start again",
        effects);
}

void QuarantineCore::stopAt(const DeadLetter& letter, const std::string& why, Effects& effects)
{
    // A corrected operator gets all tries.
    effects.add(AcquitSuspect{letter.place.offset});
    effects.fail(Error{Errc::kUnavailable,
                       describe(letter.place) + " failed " + std::to_string(letter.tries)
                           + " times and stops the engine: " + letter.reason + ": " + why});
}

}  // namespace foreshard
