#include "engine/source/field_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>

namespace foreshard {
namespace {

constexpr double kMillisFrom = 1e11;
constexpr double kMicrosFrom = 1e14;
constexpr double kNanosFrom = 1e17;
constexpr double kNanosMax = 1e20;        // some 3 000 years: beyond it is noise, not time
constexpr std::size_t kExactDigits = 15;  // any integer of that many is a double's

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

// "+hhmm", "+hh:mm", "+hh" as milliseconds east of UTC.
std::int64_t zoneMillis(Cursor& in)
{
    const bool west = in.at('-');
    if (!in.accept('-')) in.expect('+');
    const std::int64_t hours = in.number(2, 0, 23);
    const bool colon = in.accept(':');
    const std::int64_t minutes = colon || !in.rest.empty() ? in.number(2, 0, 59) : 0;
    const std::int64_t millis = (hours * 60 + minutes) * 60'000;
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

// "12:30", "12:30:00.123", "123000,123"; `colon`: whether they are parted.
void readClock(Cursor& in, Civil& civil, bool colon)
{
    civil.hour = in.number(2, 0, 23);
    if (colon) in.expect(':');
    civil.minute = in.number(2, 0, 59);
    if (colon && !in.accept(':')) return;
    civil.second = in.number(2, 0, 60);  // 60: a leap second reads as the next minute's first
    if (!in.accept('.') && !in.accept(',')) return;
    std::int64_t weight = 100;
    in.ok = in.ok && !in.rest.empty() && isDigit(in.rest.front());
    while (!in.rest.empty() && isDigit(in.rest.front())) {
        civil.millis += weight * in.number(1, 0, 9);
        weight /= 10;
    }
}

// Nothing, "Z", "UTC", "GMT" or a number, with or without a blank in front.
std::int64_t readZone(Cursor& in)
{
    in.accept(' ');
    if (in.rest.empty() || in.accept('Z') || in.accept('z')) return 0;
    if (in.rest == "UTC" || in.rest == "GMT") {
        in.rest = {};
        return 0;
    }
    return zoneMillis(in);
}

std::optional<std::int64_t> parseIso(BytesView text)
{
    Cursor in{text};
    Civil civil;
    const bool basic = isDigit(text[4]);
    const char between = text[4] == '/' ? '/' : '-';
    civil.year = in.number(4, 1, 9999);
    if (!basic) in.expect(between);
    civil.month = in.number(2, 1, 12);
    if (!basic) in.expect(between);
    civil.day = in.number(2, 1, 31);
    std::int64_t zone = 0;
    if (basic || !in.rest.empty()) {
        if (!in.accept('T') && !in.accept('t')) in.expect(' ');
        readClock(in, civil, !basic);
        zone = readZone(in);
    }
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

BytesView withoutByteOrderMark(BytesView text)
{
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
}

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

namespace {

// What std::from_chars takes: it knows no plus sign.
BytesView withoutPlus(BytesView text)
{
    text = trimmed(text);
    if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
    return text;
}

// Of a number that a double cannot hold: is it too small rather than too large? Its first digit
// that counts stands for 10 to the power of `place`.
bool isTiny(BytesView text)
{
    constexpr std::int64_t kFar = 1'000'000'000;
    std::int64_t exponent = 0;
    const std::size_t e = std::min(text.find_first_of("eE"), text.size());
    if (e < text.size()) {
        BytesView digits = text.substr(e + 1);
        const bool minus = digits.starts_with('-');
        if (minus || digits.starts_with('+')) digits.remove_prefix(1);
        for (const char c : digits)
            exponent = std::min(exponent * 10 + (c - '0'), kFar);
        if (minus) exponent = -exponent;
    }
    const BytesView mantissa = text.substr(0, e);
    const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
    const std::size_t first = mantissa.find_first_of("123456789");
    if (first == BytesView::npos) return true;
    const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
    return place + exponent < 0;
}

enum class Read : std::uint8_t {
    kNumber,
    kTooLarge,
    kNothing
};

// REQUIRES: `text` is withoutPlus().
Read readDouble(BytesView text, double& value)
{
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value);
    if (error == std::errc::result_out_of_range && end == last) {
        if (!isTiny(text)) return Read::kTooLarge;
        value = 0;
        return Read::kNumber;
    }
    if (error != std::errc{} || end != last || !std::isfinite(value)) return Read::kNothing;
    return Read::kNumber;
}

// The digits of `text`, a number, when it is an integer: without sign, point, exponent and leading
// zeros. Nothing when it is none, or so large that nobody means each digit.
std::optional<std::string> integerDigits(BytesView text)
{
    constexpr std::int64_t kDigitsMax = 400;
    if (text.front() == '-') text.remove_prefix(1);
    text.remove_prefix(std::min(text.find_first_not_of('0'), text.size() - 1));
    std::int64_t exponent = 0;
    const std::size_t e = std::min(text.size(), text.find_first_of("eE"));
    if (e < text.size()) {
        const BytesView power = withoutPlus(text.substr(e + 1));
        std::from_chars(power.data(), power.data() + power.size(), exponent);
    }
    const std::size_t point = std::min(e, text.find('.'));
    std::string digits(text.substr(0, point));
    if (point < e) digits += text.substr(point + 1, e - point - 1);
    if (digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    const std::int64_t size = static_cast<std::int64_t>(point) + exponent;  // before the point
    if (size <= 0 || size > kDigitsMax) return std::nullopt;
    const auto wanted = static_cast<std::size_t>(size);
    if (digits.size() > wanted && digits.find_first_not_of('0', wanted) != std::string::npos)
        return std::nullopt;
    digits.resize(wanted, '0');
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
}

// Is `text`, which reads as `value`, an integer with another value? In 6.022e23 nobody means the
// zeros: what counts is the digits that are written.
bool isRounded(BytesView text, double value)
{
    if (text.size() <= kExactDigits) return false;
    const std::optional<std::string> wanted = integerDigits(text);
    if (!wanted) return false;
    const bool scientific = text.find_first_of("eE") != BytesView::npos;
    const std::size_t written = wanted->find_last_not_of('0') + 1;
    if (scientific && (written <= kExactDigits || written < wanted->size())) return false;
    std::array<char, 400> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(),
                                            std::abs(value), std::chars_format::fixed, 0);
    return error != std::errc{}
           || *wanted != BytesView(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

std::optional<double> parseNumber(BytesView text)
{
    double value = 0;
    if (readDouble(withoutPlus(text), value) != Read::kNumber) return std::nullopt;
    return value;
}

RejectReason readValue(BytesView text, double& value)
{
    text = withoutPlus(text);
    switch (readDouble(text, value)) {
        case Read::kNumber:
            value += 0.0;  // of -0 it makes 0
            return isRounded(text, value) ? RejectReason::kValueInexact : RejectReason::kNone;
        case Read::kTooLarge:
            return RejectReason::kValueTooLarge;
        case Read::kNothing:
            break;
    }
    return RejectReason::kValueNotANumber;
}

std::optional<std::int64_t> parseEventTime(BytesView text)
{
    text = trimmed(text);
    if (text.size() > 4 && text[2] == '/') return parseApache(text);
    const bool parted = text.size() > 4 && (text[4] == '-' || text[4] == '/');
    const bool basic = text.size() > 8 && (text[8] == 'T' || text[8] == 't');
    if ((parted || basic) && isDigit(text[0])) return parseIso(text);
    const std::optional<double> number = parseNumber(text);
    if (!number) return std::nullopt;
    const double size = std::abs(*number);
    if (size >= kNanosMax) return std::nullopt;
    if (size >= kNanosFrom) return std::llround(*number / 1e6);
    if (size >= kMicrosFrom) return std::llround(*number / 1e3);
    return std::llround(size >= kMillisFrom ? *number : *number * 1e3);
}

}  // namespace foreshard
