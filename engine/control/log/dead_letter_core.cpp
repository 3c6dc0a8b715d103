#include "engine/control/log/dead_letter_core.h"

#include <algorithm>

namespace foreshard {

void DeadLetterCore::add(const DeadLetter& letter)
{
    suspects_.erase(letter.place.offset);
    if (dead_.emplace(letter.place.offset, letter.place).second) bytes_ += letter.raw.size();
}

bool DeadLetterCore::tried(const OperatorMark& mark)
{
    if (has(mark.place.offset)) return false;
    const auto known = suspects_.find(mark.place.offset);
    if (known != suspects_.end() && known->second.life == mark.life) return false;
    if (known == suspects_.end() && suspects_.size() >= kSuspectsMax) {
        suspects_.erase(std::min_element(
            suspects_.begin(), suspects_.end(),
            [](const auto& a, const auto& b) { return a.second.tries < b.second.tries; }));
    }
    Suspect& suspect = suspects_[mark.place.offset];
    suspect.place = mark.place;
    suspect.life = mark.life;
    suspect.reason = mark.reason;
    ++suspect.tries;
    return true;
}

bool DeadLetterCore::saved(ShardId shard, FrameNo n)
{
    return std::erase_if(suspects_,
                         [&](const auto& suspect) {
                             return suspect.second.place.shard == shard
                                    && suspect.second.place.n <= n;
                         })
           > 0;
}

SuspectList DeadLetterCore::suspects() const
{
    SuspectList list;
    for (const auto& [offset, suspect] : suspects_)
        list.suspects.push_back(suspect);
    return list;
}

void DeadLetterCore::restore(const SuspectList& list)
{
    for (const Suspect& suspect : list.suspects) {
        if (!has(suspect.place.offset)) suspects_[suspect.place.offset] = suspect;
    }
}

std::vector<RecordPlace> DeadLetterCore::deadBehind(ShardId shard, FrameNo n) const
{
    std::vector<RecordPlace> places;
    for (const auto& [offset, place] : dead_) {
        if (place.shard == shard && place.n > n) places.push_back(place);
    }
    return places;
}

std::vector<Suspect> DeadLetterCore::suspectsBehind(ShardId shard, FrameNo n) const
{
    std::vector<Suspect> found;
    for (const auto& [offset, suspect] : suspects_) {
        if (suspect.place.shard == shard && suspect.place.n > n) found.push_back(suspect);
    }
    return found;
}

}  // namespace foreshard
