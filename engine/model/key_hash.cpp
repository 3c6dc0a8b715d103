#include "engine/model/key_hash.h"

#include <xxhash.h>

namespace foreshard {

std::uint64_t keyHash(BytesView key) { return XXH3_64bits(key.data(), key.size()); }

}  // namespace foreshard
