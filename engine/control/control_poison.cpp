// The part of ControlDriver that gives up records on which the operator fails. A record is left out
// only once its letter is durable, and only while the node that asks owns the shard: whoever owns
// it next hears of the letter with Assign, so every replay leaves out the same records.
#include "engine/control/control_driver.h"

namespace foreshard {

Status ControlDriver::openLetters()
{
    FS_TRY(letters_, DeadLetterStore::open(env_, options_.dataDirectory));
    FS_TRY(const std::vector<Suspect> tried, letters_->note(options_.marks));
    // What a checkpoint contains was applied in the end.
    for (const CheckpointInfo& info : manifest_->core().all())
        FS_TRY_STATUS(letters_->saved(info.shard, info.n));
    for (const Suspect& suspect : tried) {
        event(EventSeverity::kWarning, "poison",
              describe(suspect.place) + ": " + suspect.reason + ", try "
                  + std::to_string(suspect.tries) + " of " + std::to_string(kOperatorTriesMax));
    }
    if (options_.marksTaken) options_.marksTaken();
    return {};
}

void ControlDriver::onPoisoned(const Poisoned& poisoned)
{
    const DeadLetter& letter = poisoned.letter;
    const ShardId id = letter.place.shard;
    const auto owner = assignment().shards.find(id);
    if (!ready_ || owner == assignment().shards.end()) return;
    // Too old: the next owner tries the record itself.
    if (poisoned.epoch != owner->second.epoch || poisoned.node != owner->second.node) return;
    const Quarantined answer{id, poisoned.epoch, letter.place.offset};
    const std::string to = addressOf(poisoned.node);
    if (letters_->core().has(letter.place.offset)) return send(to, answer);
    if (options_.onPoison == OnPoison::kStop) {
        return stopAt(letter,
                      "--on-poison stop asks for it: correct the operator and start again, "
                      "or use --on-poison skip to leave the record out");
    }
    if (letters_->core().full()) {
        return stopAt(letter,
                      "the dead-letter log holds as many records as it may: correct the "
                      "operator and start again");
    }
    if (shards_[id].quarantining > 0) return;  // said again
    ++shards_[id].quarantining;
    letters_->commit(letter, lifetime_.guard([this, letter, answer, to](const Status& status) {
        --shards_[answer.shard].quarantining;
        if (!status.ok()) return fail(status.error().during("write a dead letter"));
        event(EventSeverity::kError, "poison",
              describe(letter.place) + " goes to the dead-letter log after "
                  + std::to_string(letter.tries) + " tries: " + letter.reason);
        send(to, answer);
    }));
}

void ControlDriver::stopAt(const DeadLetter& letter, const std::string& why)
{
    // A corrected operator gets all tries.
    if (const Status status = letters_->acquit(letter.place.offset); !status.ok())
        event(EventSeverity::kWarning, "disk", status.error().message);
    fail(Error{Errc::kUnavailable,
               describe(letter.place) + " failed " + std::to_string(letter.tries)
                   + " times and stops the engine: " + letter.reason + ": " + why});
}

}  // namespace foreshard
