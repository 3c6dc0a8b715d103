#pragma once
// An exact set of stream offsets: Roaring bitmaps (D. Lemire et al. 2016), one for each 2^32
// numbers. Private to engine/correlation; offset_set.cpp alone includes CRoaring.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

struct roaring_bitmap_s;

namespace foreshard {

class NumberReader;

// Movable, not copyable.
class OffsetSet {
public:
    // `offsets` in any order; each is kept as its distance from `base`. REQUIRES: none is below
    // `base`.
    static OffsetSet of(const std::vector<Offset>& offsets, Offset base);

    bool contains(std::uint64_t distance) const;
    std::uint64_t size() const;

    // u32 count, then per bitmap u32 high half, u32 length, the portable Roaring format.
    void encodeTo(Bytes& out) const;
    static Result<OffsetSet> decodeFrom(NumberReader& reader);

private:
    struct Free {
        void operator()(roaring_bitmap_s* bitmap) const;
    };
    using Bitmap = std::unique_ptr<roaring_bitmap_s, Free>;

    std::map<std::uint32_t, Bitmap> bitmaps_;  // by the high half of the distance
};

}  // namespace foreshard
