#include "engine/edge/field_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace foreshard {
namespace {

constexpr double kMillisFrom = 1e11;
constexpr double kMillisMax = 1e15;  // some 30 000 years: beyond it is noise, not time

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Reads a text from left to right; once something did not fit, `ok` stays false.
struct Cursor {
    BytesView rest;
    bool ok = true;

    bool at(char c) const { return !rest.empty() && rest.front() == c; }
    bool accept(char c)
    {
        if (!at(c)) return false;
        rest.remove_prefix(1);
        return true;
    }
    void expect(char c) { ok = accept(c) && ok; }
    // Exactly `digits` digits with a value in [low, high].
    std::int64_t number(std::size_t digits, std::int64_t low, std::int64_t high)
    {
        std::int64_t value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (rest.empty() || !isDigit(rest.front())) {
                ok = false;
                return low;
            }
            value = value * 10 + (rest.front() - '0');
            rest.remove_prefix(1);
        }
        if (value < low || value > high) ok = false;
        return value;
    }
};

bool isLeap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

std::int64_t daysInMonth(std::int64_t year, std::int64_t month)
{
    constexpr std::array<std::int64_t, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && isLeap(year) ? 29 : kDays[static_cast<std::size_t>(month - 1)];
}

// Days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
std::int64_t daysFromCivil(std::int64_t year, std::int64_t month, std::int64_t day)
{
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = year / 400;  // years here are 0...9999
    const std::int64_t yearOfEra = year - era * 400;
    const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
}

// "+hhmm", "+hh:mm" as milliseconds east of UTC.
std::int64_t zoneMillis(Cursor& in)
{
    const bool west = in.at('-');
    if (!in.accept('-')) in.expect('+');
    const std::int64_t hours = in.number(2, 0, 23);
    in.accept(':');
    const std::int64_t millis = (hours * 60 + in.number(2, 0, 59)) * 60'000;
    return west ? -millis : millis;
}

struct Civil {
    std::int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millis = 0;

    std::optional<std::int64_t> toMillis(std::int64_t zone) const
    {
        if (day > daysInMonth(year, month)) return std::nullopt;
        const std::int64_t minutes = (daysFromCivil(year, month, day) * 24 + hour) * 60 + minute;
        return (minutes * 60 + second) * 1000 + millis - zone;
    }
};

std::optional<std::int64_t> parseIso(BytesView text)
{
    Cursor in{text};
    Civil civil;
    civil.year = in.number(4, 1, 9999);
    in.expect('-');
    civil.month = in.number(2, 1, 12);
    in.expect('-');
    civil.day = in.number(2, 1, 31);
    if (!in.accept('T')) in.expect(' ');
    civil.hour = in.number(2, 0, 23);
    in.expect(':');
    civil.minute = in.number(2, 0, 59);
    if (in.accept(':')) {
        civil.second = in.number(2, 0, 60);  // 60: a leap second reads as the next minute's first
        if (in.accept('.')) {
            std::int64_t weight = 100;
            if (in.rest.empty() || !isDigit(in.rest.front())) return std::nullopt;
            while (!in.rest.empty() && isDigit(in.rest.front())) {
                civil.millis += weight * in.number(1, 0, 9);
                weight /= 10;
            }
        }
    }
    std::int64_t zone = 0;
    if (!in.accept('Z') && !in.rest.empty()) zone = zoneMillis(in);
    if (!in.ok || !in.rest.empty()) return std::nullopt;
    return civil.toMillis(zone);
}

std::optional<std::int64_t> parseApache(BytesView text)
{
    constexpr BytesView kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    Cursor in{text};
    Civil civil;
    civil.day = in.number(2, 1, 31);
    in.expect('/');
    const std::size_t month = kMonths.find(in.rest.substr(0, 3));
    if (in.rest.size() < 3 || month == BytesView::npos || month % 3 != 0) return std::nullopt;
    civil.month = static_cast<std::int64_t>(month / 3) + 1;
    in.rest.remove_prefix(3);
    in.expect('/');
    civil.year = in.number(4, 1, 9999);
    in.expect(':');
    civil.hour = in.number(2, 0, 23);
    in.expect(':');
    civil.minute = in.number(2, 0, 59);
    in.expect(':');
    civil.second = in.number(2, 0, 60);
    in.expect(' ');
    const std::int64_t zone = zoneMillis(in);
    if (!in.ok || !in.rest.empty()) return std::nullopt;
    return civil.toMillis(zone);
}

}  // namespace

BytesView trimmed(BytesView text)
{
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == BytesView::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

BytesView withoutLineEnd(BytesView raw)
{
    if (!raw.empty() && raw.back() == '\n') raw.remove_suffix(1);
    if (!raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
    return raw;
}

std::optional<double> parseNumber(BytesView text)
{
    text = trimmed(text);
    // std::from_chars knows no plus sign.
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    double value = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error != std::errc{} || end != last || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<std::int64_t> parseEventTime(BytesView text)
{
    text = trimmed(text);
    if (text.size() > 4 && text[2] == '/') return parseApache(text);
    if (text.size() > 4 && text[4] == '-' && isDigit(text[0])) return parseIso(text);
    const std::optional<double> number = parseNumber(text);
    if (!number) return std::nullopt;
    const double millis = std::abs(*number) >= kMillisFrom ? *number : *number * 1000;
    if (std::abs(millis) > kMillisMax) return std::nullopt;
    return std::llround(millis);
}

}  // namespace foreshard
