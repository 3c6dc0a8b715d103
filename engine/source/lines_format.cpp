// Free text lines. With a pattern (RE2, found anywhere in the line, bytes taken as Latin-1 so that
// any byte may come) the named groups are the fields; without one the whole line, its end left
// off, is the key and the value is 1. A value "-" counts as 0: Apache's logs write no bytes so.
#include "engine/source/field_values.h"
#include "engine/source/nearest_name.h"
#include "engine/source/record_format.h"

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <string>
#include <utility>
#include <vector>

namespace foreshard {
namespace {

constexpr std::int64_t kPatternMemory = std::int64_t{64} << 20U;

// Number of each field's group in the pattern; 0: the schema has no such field.
struct Groups {
    int key = 0;
    int time = 0;
    int type = 0;
    int value = 0;

    int highest() const { return std::max({key, time, type, value}); }
};

class LinesFormat final : public RecordFormat {
public:
    // `pattern` may be null.
    LinesFormat(std::unique_ptr<re2::RE2> pattern, Groups groups)
        : pattern_(std::move(pattern)),
          groups_(groups),
          found_(static_cast<std::size_t>(groups.highest()) + 1)
    {
    }

    RowEnd findEnd(BytesView pending, ScanState& state, Beyond) const override
    {
        return findLineEnd(pending, state);
    }
    bool hasHeader() const override { return false; }
    Status readHeader(BytesView) override
    {
        FS_CHECK(false);
        return {};
    }
    RejectReason parse(BytesView raw, RecordView& record, ParsedBatch& out) override;

private:
    // The group's text; a group that took no part has no data either.
    BytesView group(int number) const
    {
        const re2::StringPiece& piece = found_[static_cast<std::size_t>(number)];
        return {piece.data(), piece.size()};
    }

    std::unique_ptr<re2::RE2> pattern_;
    Groups groups_;
    std::vector<re2::StringPiece> found_;
};

RejectReason LinesFormat::parse(BytesView raw, RecordView& record, ParsedBatch& out)
{
    const BytesView line = withoutLineEnd(raw);
    if (!pattern_) {
        record.key = line;
        record.value = 1;
        return RejectReason::kNone;
    }
    const re2::StringPiece text(line.data(), line.size());
    if (!pattern_->Match(text, 0, line.size(), re2::RE2::UNANCHORED, found_.data(),
                         static_cast<int>(found_.size()))) {
        if (trimmed(line).empty()) return RejectReason::kBlankLine;
        const bool indented = line.front() == ' ' || line.front() == '\t';
        return indented ? RejectReason::kContinuation : RejectReason::kPatternMismatch;
    }
    record.key = group(groups_.key);
    if (record.key.data() == nullptr) return RejectReason::kKeyMissing;
    if (groups_.type != 0) record.type = group(groups_.type);
    if (groups_.time != 0) {
        const auto time = parseEventTime(group(groups_.time));
        record.eventTimeMs = time.value_or(0);
        out.timesUnreadable += time ? 0U : 1U;
    }
    if (groups_.value != 0) {
        const BytesView field = trimmed(group(groups_.value));
        if (field != "-") return readValue(field, record.value);
    }
    return RejectReason::kNone;
}

// RE2 knows a named group as (?P<name>...) only; most others write (?<name>...). What stands in a
// class, behind a backslash or between \Q and \E is text; (?<= and (?<! name nothing.
std::string withNamedGroups(BytesView pattern)
{
    std::string out;
    bool inClass = false;
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        const BytesView rest = pattern.substr(at);
        std::size_t length = 1;
        if (rest.starts_with("\\Q") && !inClass) {
            const std::size_t end = rest.find("\\E");
            length = end == BytesView::npos ? rest.size() : end + 2;
        } else if (rest.front() == '\\') {
            length = std::min<std::size_t>(2, rest.size());
        } else if (inClass) {
            if (rest.starts_with("[:")) {
                const std::size_t end = rest.find(":]");
                length = end == BytesView::npos ? 1 : end + 2;
            } else {
                inClass = rest.front() != ']';
            }
        } else if (rest.front() == '[') {
            inClass = true;
            // A bracket that comes first closes nothing.
            length = rest.starts_with("[^]") ? 3 : rest.starts_with("[]") ? 2 : 1;
        } else if (rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!') {
            out += "(?P<";
            at += 2;
            continue;
        }
        out += rest.substr(0, length);
        at += length - 1;
    }
    return out;
}

Result<int> findGroup(const re2::RE2& pattern, const std::string& wanted)
{
    const auto& groups = pattern.NamedCapturingGroups();
    if (const auto found = groups.find(wanted); found != groups.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [name, number] : groups)
        names.push_back(name);
    return Error{Errc::kInvalid,
                 "group '" + wanted + "' not found: the pattern " + nameAdvice(wanted, names)
                     + (names.empty() ? ": write it as (?P<" + wanted + ">...)" : "")};
}

}  // namespace

RowEnd findLineEnd(BytesView pending, ScanState& state)
{
    const std::size_t line = pending.find('\n', state.at);
    state.at = pending.size();
    return {line == BytesView::npos ? line : line + 1, RejectReason::kNone};
}

Result<std::unique_ptr<RecordFormat>> makeLinesFormat(const StreamSchema& schema)
{
    using Made = Result<std::unique_ptr<RecordFormat>>;
    Groups groups;
    const std::array<std::pair<const std::string*, int*>, 4> fields{{
        {&schema.keyField, &groups.key},
        {&schema.timeField, &groups.time},
        {&schema.typeField, &groups.type},
        {&schema.valueField, &groups.value},
    }};
    if (schema.pattern.empty()) {
        for (const auto& [name, number] : fields)
            if (!name->empty())
                return Error{Errc::kInvalid, "field '" + *name
                                                 + "' not found: lines have no fields without a "
                                                   "pattern: give --pattern with a group (?P<"
                                                 + *name + ">...)"};
        return Made(std::make_unique<LinesFormat>(nullptr, groups));
    }
    re2::RE2::Options options;
    options.set_encoding(re2::RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_max_mem(kPatternMemory);
    auto pattern = std::make_unique<re2::RE2>(withNamedGroups(schema.pattern), options);
    if (!pattern->ok())
        return Error{Errc::kInvalid, "pattern '" + schema.pattern + "' cannot be used: "
                                         + pattern->error() + ": see RE2's syntax"};
    for (const auto& [name, number] : fields) {
        const bool isKey = number == &groups.key;
        if (name->empty() && !isKey) continue;
        FS_TRY(*number, findGroup(*pattern, name->empty() ? "key" : *name));
    }
    return Made(std::make_unique<LinesFormat>(std::move(pattern), groups));
}

}  // namespace foreshard
