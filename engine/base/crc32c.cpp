#include "engine/base/crc32c.h"

#include <array>
#include <cstring>

namespace foreshard {
namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78U;  // reflected

constexpr std::array<std::uint32_t, 256> makeTable()
{
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t crc = i;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
        table[i] = crc;
    }
    return table;
}

std::uint32_t extendPortable(BytesView data, std::uint32_t crc)
{
    static constexpr auto kTable = makeTable();
    for (const char c : data) {
        crc = (crc >> 8U) ^ kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU];
    }
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t extendSse42(BytesView data, std::uint32_t crc)
{
    std::uint64_t wide = crc;
    while (data.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, data.data(), sizeof word);
        wide = __builtin_ia32_crc32di(wide, word);
        data.remove_prefix(sizeof word);
    }
    auto narrow = static_cast<std::uint32_t>(wide);
    for (const char c : data)
        narrow = __builtin_ia32_crc32qi(narrow, static_cast<unsigned char>(c));
    return narrow;
}
#endif

}  // namespace

std::uint32_t crc32c(BytesView data, std::uint32_t seed)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return ~extendSse42(data, ~seed);
#endif
    return ~extendPortable(data, ~seed);
}

}  // namespace foreshard
