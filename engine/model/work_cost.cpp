#include "engine/model/work_cost.h"

#include "engine/base/check.h"

#include <cstdint>

namespace foreshard {
namespace {

constexpr std::int64_t kNanosPerByte = 20;

std::int64_t typeNanos(BytesView type)
{
    if (type == "view") return 15'000;
    if (type == "search") return 60'000;
    if (type == "cart") return 40'000;
    if (type == "order") return 120'000;
    if (type == "report") return 350'000;
    return 20'000;
}

std::int64_t nanosOf(BytesView type, std::size_t rawBytes)
{
    return typeNanos(type) + kNanosPerByte * static_cast<std::int64_t>(rawBytes);
}

}  // namespace

Nanos workCost(BytesView type, std::size_t rawBytes, double scale)
{
    FS_CHECK(scale >= 0);
    return Nanos{static_cast<std::int64_t>(static_cast<double>(nanosOf(type, rawBytes)) * scale)};
}

int costBucket(BytesView type, std::size_t rawBytes)
{
    const std::int64_t nanos = nanosOf(type, rawBytes);
    if (nanos < 30'000) return 0;
    if (nanos < 80'000) return 1;
    return nanos < 200'000 ? 2 : 3;
}

}  // namespace foreshard
