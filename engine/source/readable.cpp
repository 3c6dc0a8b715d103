#include "engine/source/readable.h"

#include "engine/source/utf8.h"

#include <algorithm>

namespace foreshard {
namespace {

void appendEscaped(std::string& out, unsigned char byte)
{
    constexpr char kDigits[] = "0123456789abcdef";
    out += "\\x";
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
}

// A C1 control, a direction mark and the like steer a terminal, too: U+0080...U+009F,
// U+200E...U+200F, U+2028...U+202E, U+2066...U+2069.
bool steers(BytesView sequence)
{
    if (sequence.size() == 2)
        return sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0U;
    if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
    const auto third = static_cast<unsigned char>(sequence[2]);
    if (sequence[1] == '\x80')
        return third >= 0x8EU && third <= 0xAEU && (third < 0x90U || third > 0xA7U);
    return sequence[1] == '\x81' && third >= 0xA6U && third <= 0xA9U;
}

}  // namespace

std::string readable(BytesView text, std::size_t bytesMax)
{
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        if (at >= bytesMax) return out + "...";
        const auto byte = static_cast<unsigned char>(text[at]);
        std::size_t length = 1;
        while (byte >= 0xC0U && length < 4 && at + length < text.size()
               && (static_cast<unsigned char>(text[at + length]) & 0xC0U) == 0x80U)
            ++length;
        const BytesView sequence = text.substr(at, length);
        const bool plain =
            byte < 0x80U ? byte >= 0x20U && byte != 0x7FU : isUtf8(sequence) && !steers(sequence);
        if (plain) {
            out += sequence;
        } else {
            for (const char c : sequence)
                appendEscaped(out, static_cast<unsigned char>(c));
        }
        at += length;
    }
    return out;
}

}  // namespace foreshard
