#include "engine/control/log/dead_letter_core.h"

namespace foreshard {

void DeadLetterCore::add(const DeadLetter& letter)
{
    if (dead_.emplace(letter.place.offset, letter.place).second) bytes_ += letter.raw.size();
}

std::vector<RecordPlace> DeadLetterCore::deadBehind(ShardId shard, FrameNo n) const
{
    std::vector<RecordPlace> places;
    for (const auto& [offset, place] : dead_) {
        if (place.shard == shard && place.n > n) places.push_back(place);
    }
    return places;
}

}  // namespace foreshard
