#include "engine/model/plain_text.h"

#include "engine/base/check.h"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace foreshard {
namespace {

constexpr double kPlainMin = 1e-6;
constexpr double kPlainMax = 1e21;

// A character of a text, or a byte that is none.
struct Symbol {
    std::uint32_t code = 0;
    std::size_t bytes = 1;
    bool valid = true;
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. REQUIRES: text is not empty.
Symbol firstSymbol(BytesView text)
{
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80U) return {lead, 1, true};
    const Symbol none{lead, 1, false};
    const std::size_t length = lead < 0xC2U ? 0 : lead < 0xE0U ? 2 : lead < 0xF0U ? 3 : 4;
    if (length == 0 || lead > 0xF4U || text.size() < length) return none;
    std::uint32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return none;
        code = code << 6U | (byte(i) & 0x3FU);
    }
    const std::uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (code < least || surrogate || code > 0x10FFFF) return none;
    return {code, length, true};
}

// Controls, and what Unicode lists as Cf, Zl and Zp: characters that are not seen but change how
// what is around them is seen.
bool isHidden(std::uint32_t code)
{
    if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return true;
    struct Range {
        std::uint32_t first, last;
    };
    static constexpr Range kRanges[] = {
        {0xAD, 0xAD},       {0x600, 0x605},     {0x61C, 0x61C},     {0x6DD, 0x6DD},
        {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},     {0x180E, 0x180E},
        {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
        {0xFFF9, 0xFFFB},   {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE007F},
    };
    for (const Range& range : kRanges)
        if (code >= range.first && code <= range.last) return true;
    return false;
}

// As JSON writes it: two of them above U+FFFF.
void appendEscape(std::string& out, std::uint32_t code)
{
    char text[16];
    if (code > 0xFFFF) {
        std::snprintf(text, sizeof text, "\\u%04x", 0xD800 + ((code - 0x10000) >> 10U));
        out += text;
        code = 0xDC00 + ((code - 0x10000) & 0x3FFU);
    }
    std::snprintf(text, sizeof text, "\\u%04x", code);
    out += text;
}

}  // namespace

std::string plainDecimal(double value)
{
    if (std::isnan(value)) return "nan";  // some have a sign
    const double size = std::fabs(value);
    const bool plain = size == 0 || (size >= kPlainMin && size <= kPlainMax);
    char text[64];
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, value,
                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    FS_CHECK(error == std::errc{});
    return {text, end};
}

std::string jsonNumber(double value)
{
    return std::isfinite(value) ? plainDecimal(value) : std::string("null");
}

std::string csvField(BytesView key)
{
    if (key.find_first_of(",\"\r\n") == BytesView::npos) return std::string(key);
    std::string quoted = "\"";
    for (const char c : key) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string jsonString(BytesView key)
{
    std::string out = "\"";
    while (!key.empty()) {
        const Symbol symbol = firstSymbol(key);
        if (!symbol.valid) {
            out += "\\ufffd";
        } else if (symbol.code == '"' || symbol.code == '\\') {
            out += '\\';
            out += key.front();
        } else if (isHidden(symbol.code)) {
            appendEscape(out, symbol.code);
        } else {
            out += key.substr(0, symbol.bytes);
        }
        key.remove_prefix(symbol.bytes);
    }
    return out + '"';
}

std::string printable(BytesView text, LineEnds lineEnds)
{
    const bool keep = lineEnds == LineEnds::kKeep;
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Symbol symbol = firstSymbol(text);
        if (!symbol.valid) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\x%02x", symbol.code);
            out += escape;
        } else if (isHidden(symbol.code)
                   && !(keep && (symbol.code == '\n' || symbol.code == '\t'))) {
            appendEscape(out, symbol.code);
        } else {
            out += text.substr(0, symbol.bytes);
        }
        text.remove_prefix(symbol.bytes);
    }
    return out;
}

}  // namespace foreshard
