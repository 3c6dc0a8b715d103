#include "engine/model/dead_letter.h"

namespace foreshard {

std::string describe(const RecordPlace& place)
{
    return "record at offset " + std::to_string(place.offset) + " (shard "
           + std::to_string(place.shard.value) + ", frame " + std::to_string(place.n) + ", index "
           + std::to_string(place.index) + ")";
}

}  // namespace foreshard
