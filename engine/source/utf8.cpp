#include "engine/source/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace foreshard {
namespace {

constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
constexpr std::uint64_t kHighBits = 0x8080808080808080ULL;
constexpr std::size_t kStride = 4096;  // looked through before a verdict

// Length of the valid sequence that starts at `at`; 0 when there is none.
std::size_t sequenceLength(BytesView text, std::size_t at)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80U) return 1;
    const std::size_t length = lead >= 0xC2U && lead <= 0xDFU   ? 2
                               : (lead & 0xF0U) == 0xE0U        ? 3
                               : lead >= 0xF0U && lead <= 0xF4U ? 4
                                                                : 0;
    if (length == 0 || text.size() - at < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    const unsigned second = byte(1);
    if (lead == 0xE0U && second < 0xA0U) return 0;  // overlong
    if (lead == 0xEDU && second > 0x9FU) return 0;  // surrogate
    if (lead == 0xF0U && second < 0x90U) return 0;  // overlong
    if (lead == 0xF4U && second > 0x8FU) return 0;  // above U+10FFFF
    return length;
}

}  // namespace

bool isUtf8(BytesView text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        while (text.size() - at >= sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + at, sizeof word);
            if ((word & kHighBits) != 0) break;
            at += sizeof word;
        }
        if (at == text.size()) return true;
        const std::size_t length = sequenceLength(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

bool isPlainAscii(BytesView text)
{
    while (text.size() >= sizeof(std::uint64_t)) {
        const std::size_t words = std::min(kStride, text.size()) / sizeof(std::uint64_t);
        std::uint64_t found = 0;
        for (std::size_t i = 0; i < words; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i * sizeof word, sizeof word);
            // A high bit of the first stands for a NUL, or for a byte behind one.
            found |= ((word - kOnes) & ~word) | word;
        }
        if ((found & kHighBits) != 0) return false;
        text.remove_prefix(words * sizeof(std::uint64_t));
    }
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c - 1) < 0x7F; });
}

}  // namespace foreshard
