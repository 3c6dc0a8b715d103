#include "engine/source/json_scan.h"

#include "engine/source/field_values.h"

#include <utility>

namespace foreshard {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::size_t digits(BytesView text)
{
    std::size_t count = 0;
    while (count < text.size() && isDigit(text[count]))
        ++count;
    return count;
}

bool isNumber(BytesView text)
{
    if (text.starts_with('-')) text.remove_prefix(1);
    std::size_t count = digits(text);
    if (count == 0 || (count > 1 && text.front() == '0')) return false;
    text.remove_prefix(count);
    if (text.starts_with('.')) {
        count = digits(text.substr(1));
        if (count == 0) return false;
        text.remove_prefix(count + 1);
    }
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && digits(text) == text.size();
}

// The four hex digits at the start of `text`; -1: there are none.
int hexNumber(BytesView text)
{
    if (text.size() < 4) return -1;
    int number = 0;
    for (const char c : text.substr(0, 4)) {
        const int low = c | 0x20;
        if (!isDigit(c) && (low < 'a' || low > 'f')) return -1;
        number = number * 16 + (isDigit(c) ? c - '0' : low - 'a' + 10);
    }
    return number;
}

// A lone surrogate gives three bytes that are no UTF-8, so whoever checks for it will find it.
void appendUtf8(std::string& out, unsigned code)
{
    const auto put = [&out](unsigned byte) { out += static_cast<char>(byte); };
    if (code < 0x80U) return put(code);
    if (code < 0x800U) {
        put(0xC0U | (code >> 6U));
        return put(0x80U | (code & 0x3FU));
    }
    if (code < 0x10000U) {
        put(0xE0U | (code >> 12U));
    } else {
        put(0xF0U | (code >> 18U));
        put(0x80U | ((code >> 12U) & 0x3FU));
    }
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
}

// Takes what stands behind a backslash off `rest`; false: JSON knows no such escape.
bool appendEscape(std::string& out, BytesView& rest)
{
    constexpr BytesView kNames = "\"\\/bfnrt";
    constexpr BytesView kBytes = "\"\\/\b\f\n\r\t";
    if (rest.empty()) return false;
    if (const std::size_t i = kNames.find(rest.front()); i != BytesView::npos) {
        out += kBytes[i];
        rest.remove_prefix(1);
        return true;
    }
    const int high = rest.front() == 'u' ? hexNumber(rest.substr(1)) : -1;
    if (high < 0) return false;
    rest.remove_prefix(5);
    auto code = static_cast<unsigned>(high);
    if (code >= 0xD800U && code < 0xDC00U && rest.starts_with("\\u")) {
        const int low = hexNumber(rest.substr(2));
        if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000U + ((code - 0xD800U) << 10U) + (static_cast<unsigned>(low) - 0xDC00U);
            rest.remove_prefix(6);
        }
    }
    appendUtf8(out, code);
    return true;
}

bool appendDecoded(std::string& out, BytesView body)
{
    while (!body.empty()) {
        const std::size_t escape = body.find('\\');
        out += body.substr(0, escape);
        if (escape == BytesView::npos) return true;
        body.remove_prefix(escape + 1);
        if (!appendEscape(out, body)) return false;
    }
    return true;
}

}  // namespace

JsonScan::JsonScan(std::array<std::string, kPaths> paths) : paths_(std::move(paths)) {}

bool JsonScan::read(BytesView line)
{
    for (Captured& one : captured_) {
        one.found = Found::kNothing;
        one.twice = false;
    }
    path_.clear();
    levels_.clear();
    arrays_ = 0;
    line = withoutByteOrderMark(line);
    text_ = line;
    at_ = 0;
    skipBlanks();
    if (!accept('{')) return false;
    open(false);
    while (!levels_.empty()) {
        skipBlanks();
        if (at_ == text_.size() || !step()) return false;
    }
    skipBlanks();
    return at_ == text_.size();
}

void JsonScan::skipBlanks()
{
    while (at_ < text_.size()
           && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r' || text_[at_] == '\n'))
        ++at_;
}

bool JsonScan::accept(char c)
{
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

void JsonScan::open(bool array)
{
    levels_.push_back({array, path_.size()});
    arrays_ += array ? 1U : 0U;
    expect_ = Expect::kFirst;
}

void JsonScan::close()
{
    path_.resize(levels_.back().pathLength);
    arrays_ -= levels_.back().array ? 1U : 0U;
    levels_.pop_back();
    expect_ = Expect::kNext;
}

bool JsonScan::step()
{
    const bool array = levels_.back().array;
    const bool mayEnd = expect_ == Expect::kFirst || expect_ == Expect::kNext;
    if (mayEnd && accept(array ? ']' : '}')) {
        close();
        return true;
    }
    if (expect_ == Expect::kNext) {
        expect_ = array ? Expect::kItem : Expect::kMember;
        return accept(',');
    }
    return array ? readValue() : readMember();
}

bool JsonScan::readMember()
{
    BytesView name;
    bool escaped = false;
    if (!readString(name, escaped)) return false;
    if (arrays_ == 0) {
        path_.resize(levels_.back().pathLength);
        if (levels_.size() > 1) path_ += '.';  // not path_.empty(): a name may be
        const std::size_t begin = path_.size();
        if (!escaped) {
            path_ += name;
        } else if (!appendDecoded(path_, name)) {
            path_.replace(begin, std::string::npos, name);
        }
    }
    skipBlanks();
    if (!accept(':')) return false;
    skipBlanks();
    return at_ < text_.size() && readValue();
}

bool JsonScan::readValue()
{
    const char c = text_[at_];
    if (c == '{' || c == '[') {
        ++at_;
        if (!capture(Found::kOther, {})) return false;
        open(c == '[');
        return true;
    }
    expect_ = Expect::kNext;
    if (c != '"') return readLiteral();
    BytesView body;
    bool escaped = false;
    return readString(body, escaped) && capture(Found::kText, body, escaped);
}

bool JsonScan::readLiteral()
{
    const std::size_t end = text_.find_first_of(",]} \t\r\n", at_);
    const BytesView word = text_.substr(at_, end == BytesView::npos ? BytesView::npos : end - at_);
    at_ += word.size();
    if (isNumber(word)) return capture(Found::kNumber, word);
    if (word == "null") return capture(Found::kNull, {});
    const bool known = word == "true" || word == "false" || word == "NaN" || word == "Infinity"
                       || word == "-Infinity";
    return known && capture(Found::kOther, {});
}

bool JsonScan::readString(BytesView& body, bool& escaped)
{
    if (!accept('"')) return false;
    const std::size_t begin = at_;
    while (true) {
        const std::size_t stop = text_.find_first_of("\"\\", at_);
        if (stop == BytesView::npos) return false;
        at_ = stop + 1;
        if (text_[stop] == '"') {
            body = text_.substr(begin, stop - begin);
            return true;
        }
        escaped = true;
        if (at_ == text_.size()) return false;
        ++at_;
    }
}

bool JsonScan::capture(Found found, BytesView text, bool escaped)
{
    if (arrays_ > 0) return true;
    for (std::size_t i = 0; i < kPaths; ++i) {
        if (paths_[i].empty() || paths_[i] != path_) continue;
        Captured& one = captured_[i];
        one.twice = one.found != Found::kNothing;
        one.found = found;
        one.text.clear();
        if (!escaped) {
            one.text = text;
        } else if (!appendDecoded(one.text, text)) {
            return false;
        }
    }
    return true;
}

}  // namespace foreshard
