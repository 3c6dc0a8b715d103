#include "engine/control/log/suspect_core.h"

#include <algorithm>

namespace foreshard {

bool SuspectCore::tried(const OperatorMark& mark)
{
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

bool SuspectCore::saved(ShardId shard, FrameNo n)
{
    return std::erase_if(suspects_,
                         [&](const auto& suspect) {
                             return suspect.second.place.shard == shard
                                    && suspect.second.place.n <= n;
                         })
           > 0;
}

const Suspect* SuspectCore::find(Offset offset) const
{
    const auto found = suspects_.find(offset);
    return found == suspects_.end() ? nullptr : &found->second;
}

SuspectList SuspectCore::all() const
{
    SuspectList list;
    for (const auto& [offset, suspect] : suspects_)
        list.suspects.push_back(suspect);
    return list;
}

void SuspectCore::restore(const SuspectList& list)
{
    for (const Suspect& suspect : list.suspects)
        suspects_[suspect.place.offset] = suspect;
}

std::vector<Suspect> SuspectCore::behind(ShardId shard, FrameNo n) const
{
    std::vector<Suspect> found;
    for (const auto& [offset, suspect] : suspects_) {
        if (suspect.place.shard == shard && suspect.place.n > n) found.push_back(suspect);
    }
    return found;
}

}  // namespace foreshard
