#include "engine/correlation/offset_set.h"

#include "engine/wire/little_endian.h"

#include <roaring/roaring.h>
#include <utility>

namespace foreshard {

namespace {

std::uint32_t highHalf(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32U); }
std::uint32_t lowHalf(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

Error damaged(const char* what)
{
    return {Errc::kCorrupt, std::string("read offset bitmap: ") + what
                                + ": the index is damaged: rebuild it from its segment"};
}

}  // namespace

void OffsetSet::Free::operator()(roaring_bitmap_s* bitmap) const { roaring_bitmap_free(bitmap); }

OffsetSet OffsetSet::of(const std::vector<Offset>& offsets, Offset base)
{
    OffsetSet set;
    std::map<std::uint32_t, std::vector<std::uint32_t>> halves;
    for (const Offset offset : offsets) {
        FS_CHECK(offset >= base);
        halves[highHalf(offset - base)].push_back(lowHalf(offset - base));
    }
    for (const auto& [high, lows] : halves) {
        Bitmap bitmap(roaring_bitmap_of_ptr(lows.size(), lows.data()));
        FS_CHECK(bitmap != nullptr);
        roaring_bitmap_run_optimize(bitmap.get());
        set.bitmaps_.emplace(high, std::move(bitmap));
    }
    return set;
}

bool OffsetSet::contains(std::uint64_t distance) const
{
    const auto found = bitmaps_.find(highHalf(distance));
    return found != bitmaps_.end()
           && roaring_bitmap_contains(found->second.get(), lowHalf(distance));
}

std::uint64_t OffsetSet::size() const
{
    std::uint64_t total = 0;
    for (const auto& [high, bitmap] : bitmaps_)
        total += roaring_bitmap_get_cardinality(bitmap.get());
    return total;
}

void OffsetSet::encodeTo(Bytes& out) const
{
    appendNumber(out, static_cast<std::uint32_t>(bitmaps_.size()));
    for (const auto& [high, bitmap] : bitmaps_) {
        Bytes body(roaring_bitmap_portable_size_in_bytes(bitmap.get()), '\0');
        roaring_bitmap_portable_serialize(bitmap.get(), body.data());
        appendNumber(out, high);
        appendNumber(out, static_cast<std::uint32_t>(body.size()));
        out.append(body);
    }
}

Result<OffsetSet> OffsetSet::decodeFrom(NumberReader& reader)
{
    OffsetSet set;
    const auto count = reader.take<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto high = reader.take<std::uint32_t>();
        const auto length = reader.take<std::uint32_t>();
        const BytesView body = reader.takeBytes(length);
        if (!reader.ok()) return damaged("the bytes end inside it");
        // The length is checked before reading: CRoaring 0.2.66 must not be given a bitmap whose
        // own size does not fit the bytes.
        if (roaring_bitmap_portable_deserialize_size(body.data(), body.size()) != body.size())
            return damaged("its length does not hold");
        Bitmap bitmap(roaring_bitmap_portable_deserialize_safe(body.data(), body.size()));
        if (bitmap == nullptr) return damaged("it cannot be read");
        if (!set.bitmaps_.emplace(high, std::move(bitmap)).second)
            return damaged("a part of it is there twice");
    }
    if (!reader.ok()) return damaged("the bytes end before it");
    return set;
}

}  // namespace foreshard
