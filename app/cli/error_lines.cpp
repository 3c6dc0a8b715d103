#include "app/cli/error_lines.h"

namespace foreshard {
namespace {

std::string withoutNumbers(std::string_view text)
{
    std::string kind;
    bool inNumber = false;
    for (const char c : text) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit) kind += c;
        if (digit && !inNumber) kind += '#';
        inNumber = digit;
    }
    return kind;
}

}  // namespace

std::string ErrorLines::take(std::chrono::milliseconds now, std::string_view text)
{
    std::string name = withoutNumbers(text);
    if (kinds_.size() >= kKindsMax && !kinds_.contains(name)) name.clear();
    Kind& kind = kinds_[name];
    if (kind.said >= kFirst && now - kind.lastSaid < kThenEach) {
        ++kind.kept;
        return {};
    }
    std::string line(text);
    if (kind.kept > 0) line += " (and " + std::to_string(kind.kept) + " more of this kind before)";
    kind.kept = 0;
    kind.lastSaid = now;
    ++kind.said;
    return line;
}

std::string ErrorLines::atTheEnd() const
{
    std::uint64_t kept = 0;
    for (const auto& [name, kind] : kinds_)
        kept += kind.kept;
    if (kept == 0) return {};
    return std::to_string(kept)
           + " more errors of the kinds above were not shown: --verbose shows each, `foreshard "
             "history` keeps them";
}

}  // namespace foreshard
