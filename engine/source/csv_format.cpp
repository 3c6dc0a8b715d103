// RFC 4180 with a header line and commas: quoted fields, doubled quotes, line ends inside quotes,
// CRLF or LF. A quote that does not open its field is a plain character; blanks around a quoted
// field are ignored. What else stands behind a closing quote is refused, and so is a row that has
// not as many fields as the header (an empty one more may stand at its end).
//
// A quote that never closes, or that seems to close only within a later row, costs the lines up to
// its own; reading goes on with the line behind. So the bytes from the row's start decide, whatever
// the chunks.
#include "engine/source/field_values.h"
#include "engine/source/nearest_name.h"
#include "engine/source/record_format.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {
namespace {

constexpr std::size_t kNone = BytesView::npos;

struct Field {
    BytesView text;  // inside of its quotes, if any; quotes still doubled
    bool quoted = false;
};

bool isBlank(char c) { return c == ' ' || c == '\t'; }

std::size_t behindBlanks(BytesView text, std::size_t from)
{
    while (from < text.size() && isBlank(text[from]))
        ++from;
    return from;
}

// Position of the quote that closes the field whose text goes on at `from`.
std::size_t closingQuote(BytesView line, std::size_t from)
{
    for (std::size_t quote = line.find('"', from); quote != kNone;
         quote = line.find('"', quote + 2)) {
        if (quote + 1 == line.size() || line[quote + 1] != '"') return quote;
    }
    return kNone;
}

// Cuts `line` (without its end) at its commas.
RejectReason splitFields(BytesView line, std::vector<Field>& fields)
{
    line = withoutByteOrderMark(line);
    fields.clear();
    std::size_t from = 0;
    while (true) {
        const std::size_t first = behindBlanks(line, from);
        if (first == line.size() || line[first] != '"') {
            const std::size_t comma = line.find(',', from);
            // Built in its place: a copy of what was written a moment ago stalls.
            fields.emplace_back().text = line.substr(from, comma == kNone ? kNone : comma - from);
            if (comma == kNone) return RejectReason::kNone;
            from = comma + 1;
            continue;
        }
        const std::size_t quote = closingQuote(line, first + 1);
        if (quote == kNone) return RejectReason::kUnclosedQuote;
        fields.push_back({line.substr(first + 1, quote - first - 1), true});
        const std::size_t next = behindBlanks(line, quote + 1);
        if (next == line.size()) return RejectReason::kNone;
        if (line[next] != ',') return RejectReason::kTextBehindQuote;
        from = next + 1;
    }
}

// The field's text: itself, or a copy in `arena` without its doubled quotes.
BytesView fieldText(const Field& field, ByteArena& arena)
{
    if (!field.quoted || field.text.find('"') == kNone) return field.text;
    char* const text = arena.allocate(field.text.size());
    char* to = text;
    for (std::size_t i = 0; i < field.text.size(); ++i) {
        *to++ = field.text[i];
        if (field.text[i] == '"') ++i;  // the second of a doubled quote
    }
    return {text, static_cast<std::size_t>(to - text)};
}

// Does the quote at `at`, outside of a quoted field, open one?
bool opensField(BytesView row, std::size_t at)
{
    std::size_t begin = at;
    while (begin > 0 && isBlank(row[begin - 1]))
        --begin;
    return begin == 0 || row[begin - 1] == ','
           || (begin == kByteOrderMark.size() && row.starts_with(kByteOrderMark));
}

class CsvFormat final : public RecordFormat {
public:
    explicit CsvFormat(const StreamSchema& schema) : schema_(schema) {}

    RowEnd findEnd(BytesView pending, ScanState& state, Beyond beyond) const override;
    bool hasHeader() const override { return true; }
    Status readHeader(BytesView raw) override;
    RejectReason parse(BytesView raw, RecordView& record, ParsedBatch& out) override;

private:
    using Column = std::optional<std::size_t>;

    // In a quoted field. Nothing: the scan goes on at state.at; else the row's end or "not yet".
    std::optional<RowEnd> leaveQuotes(BytesView pending, ScanState& state, Beyond beyond) const;
    RowEnd wholeRow(BytesView row, const ScanState& state) const;
    bool holdsRows(BytesView row) const;
    Result<Column> find(const std::string& wanted, const std::vector<std::string>& names) const;

    StreamSchema schema_;
    std::size_t columns_ = 0;
    std::size_t key_ = 0;
    Column time_, type_, value_;
    std::vector<Field> fields_;  // of the row being parsed
};

// What a quote without an end costs: the lines up to its own. Nothing: that is not there yet.
RowEnd upToQuote(BytesView pending, const ScanState& state)
{
    const std::size_t line = pending.find('\n', state.opened);
    if (line == kNone) return {};
    return {line + 1, RejectReason::kUnclosedQuote};
}

std::optional<RowEnd> CsvFormat::leaveQuotes(BytesView pending, ScanState& state,
                                             Beyond beyond) const
{
    const std::size_t quote = pending.find('"', state.at);
    if (quote == kNone) {
        state.at = pending.size();
        return beyond == Beyond::kUnknown ? RowEnd{} : upToQuote(pending, state);
    }
    if (quote + 1 < pending.size() && pending[quote + 1] == '"') {
        state.at = quote + 2;
        return std::nullopt;
    }
    // It closes, if something fit follows.
    const std::size_t next = behindBlanks(pending, quote + 1);
    const bool return_ = next < pending.size() && pending[next] == '\r';
    if (next + (return_ ? 1 : 0) >= pending.size() && beyond != Beyond::kNothing) {
        state.at = quote;
        return beyond == Beyond::kUnknown ? RowEnd{} : upToQuote(pending, state);
    }
    const bool spansLines = pending.substr(state.opened, quote - state.opened).find('\n') != kNone;
    state.lines = state.lines || spansLines;
    const std::size_t end = next + (return_ ? 1 : 0);
    if (end >= pending.size()) return wholeRow(pending, state);
    if (pending[end] == '\n') return wholeRow(pending.substr(0, end + 1), state);
    if (pending[next] != ',') {
        if (spansLines) return upToQuote(pending, state);
        state.broken = true;
    }
    state.quoted = false;
    state.at = next + (state.broken ? 0 : 1);
    return std::nullopt;
}

RowEnd CsvFormat::findEnd(BytesView pending, ScanState& state, Beyond beyond) const
{
    while (true) {
        if (state.quoted) {
            if (const auto end = leaveQuotes(pending, state, beyond)) return *end;
            continue;
        }
        const BytesView rest = pending.substr(state.at);
        const std::size_t line = rest.find('\n');
        const std::size_t quote = state.broken ? kNone : rest.substr(0, line).find('"');
        if (quote != kNone) {
            const std::size_t at = state.at + quote;
            state.at = at + 1;
            state.quoted = opensField(pending, at);
            state.opened = at;
            continue;
        }
        const std::size_t end = line == kNone ? pending.size() : state.at + line + 1;
        state.at = end;
        if (line == kNone && (beyond != Beyond::kNothing || pending.empty())) return {};
        if (state.broken) return {end, RejectReason::kTextBehindQuote};
        return wholeRow(pending.substr(0, end), state);
    }
}

RowEnd CsvFormat::wholeRow(BytesView row, const ScanState& state) const
{
    if (state.lines && holdsRows(row)) return {row.find('\n') + 1, RejectReason::kQuoteHoldsRows};
    return {row.size(), RejectReason::kNone};
}

// Would each line of the row be a row with a number in its place, taken by itself? Then the quotes
// that tie them together belong to two rows, as in 12" and 9".
bool CsvFormat::holdsRows(BytesView row) const
{
    if (!value_ || columns_ < 2) return false;
    while (!row.empty()) {
        const std::size_t end = row.find('\n');
        BytesView line = withoutLineEnd(row.substr(0, end));
        if (std::count(line.begin(), line.end(), ',') + 1 != std::ptrdiff_t(columns_)) return false;
        for (std::size_t i = 0; i < *value_; ++i)
            line.remove_prefix(line.find(',') + 1);
        if (!parseNumber(line.substr(0, line.find(',')))) return false;
        row.remove_prefix(end == kNone ? row.size() : end + 1);
    }
    return true;
}

Result<CsvFormat::Column> CsvFormat::find(const std::string& wanted,
                                          const std::vector<std::string>& names) const
{
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found == names.end())
        return Error{Errc::kInvalid, "csv column '" + wanted + "' not found: the file "
                                         + nameAdvice(wanted, names)};
    const auto again = std::find(found + 1, names.end(), wanted);
    const auto number = [&](auto at) { return std::to_string(at - names.begin() + 1); };
    if (again != names.end())
        return Error{Errc::kInvalid, "csv column '" + wanted
                                         + "' is not clear: it stands twice in the header, as "
                                           "columns "
                                         + number(found) + " and " + number(again)
                                         + ": give one of them another name"};
    return Column(static_cast<std::size_t>(found - names.begin()));
}

Status CsvFormat::readHeader(BytesView raw)
{
    const BytesView line = withoutLineEnd(raw);
    if (splitFields(line, fields_) != RejectReason::kNone)
        return Error{Errc::kInvalid,
                     "csv header cannot be read: a quoted column name is never closed, or text "
                     "stands behind its quote: check the first line of the source"};
    if (trimmed(line).empty())
        return Error{Errc::kInvalid,
                     "csv header cannot be read: the first line is blank: begin the source with "
                     "the names of its columns"};
    if (line.find('\r') != kNone)
        return Error{Errc::kInvalid,
                     "csv header cannot be read: it holds carriage returns, as where lines end "
                     "with them alone: tr '\\r' '\\n' makes line feeds of them"};
    ByteArena arena;
    std::vector<std::string> names;
    for (const Field& field : fields_)
        names.emplace_back(trimmed(fieldText(field, arena)));
    columns_ = names.size();
    const auto findOptional = [&](const std::string& wanted) -> Result<Column> {
        return wanted.empty() ? Result<Column>(Column()) : find(wanted, names);
    };
    FS_TRY(const Column key, find(schema_.keyField.empty() ? "key" : schema_.keyField, names));
    FS_TRY(time_, findOptional(schema_.timeField));
    FS_TRY(type_, findOptional(schema_.typeField));
    FS_TRY(value_, findOptional(schema_.valueField));
    key_ = *key;
    return {};
}

RejectReason CsvFormat::parse(BytesView raw, RecordView& record, ParsedBatch& out)
{
    const BytesView line = withoutLineEnd(raw);
    if (trimmed(line).empty()) return RejectReason::kBlankLine;
    if (const RejectReason reason = splitFields(line, fields_); reason != RejectReason::kNone)
        return reason;
    if (fields_.size() < columns_) return RejectReason::kTooFewFields;
    const bool emptyOne = fields_.size() == columns_ + 1 && !fields_.back().quoted
                          && trimmed(fields_.back().text).empty();
    if (fields_.size() > columns_ && !emptyOne) return RejectReason::kTooManyFields;
    record.key = fieldText(fields_[key_], out.arena);
    if (type_) record.type = fieldText(fields_[*type_], out.arena);
    if (time_) {
        const auto time = parseEventTime(fieldText(fields_[*time_], out.arena));
        record.eventTimeMs = time.value_or(0);
        out.timesUnreadable += time ? 0U : 1U;
    }
    return value_ ? readValue(fieldText(fields_[*value_], out.arena), record.value)
                  : RejectReason::kNone;
}

}  // namespace

Result<std::unique_ptr<RecordFormat>> makeCsvFormat(const StreamSchema& schema)
{
    return Result<std::unique_ptr<RecordFormat>>(std::make_unique<CsvFormat>(schema));
}

}  // namespace foreshard
