#include "engine/model/plain_text.h"

#include "engine/base/check.h"

#include <charconv>
#include <cstdio>

namespace foreshard {

std::string plainDecimal(double value)
{
    char text[400];
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
    FS_CHECK(error == std::errc{});
    return {text, end};
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
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace foreshard
