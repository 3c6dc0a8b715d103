// RFC 4180 with a header line and commas: quoted fields, doubled quotes, line ends inside quotes,
// CRLF or LF. A quote that does not open its field is a plain character; so is what follows a
// closing quote up to the next comma. The one thing that is not taken: a row with fewer fields
// than the header.
#include "engine/edge/field_values.h"
#include "engine/edge/nearest_name.h"
#include "engine/edge/record_format.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {
namespace {

constexpr std::size_t kNone = BytesView::npos;
constexpr BytesView kByteOrderMark = "\xEF\xBB\xBF";

// Position of the quote that closes the field whose text goes on at `from`.
std::size_t closingQuote(BytesView line, std::size_t from)
{
    for (std::size_t quote = line.find('"', from); quote != kNone;
         quote = line.find('"', quote + 2)) {
        if (quote + 1 == line.size() || line[quote + 1] != '"') return quote;
    }
    return kNone;
}

// Cuts `line` (without its end) at its commas, quotes still on; false: a quote is never closed.
bool splitFields(BytesView line, std::vector<BytesView>& fields)
{
    fields.clear();
    std::size_t from = 0;
    while (true) {
        std::size_t search = from;
        if (from < line.size() && line[from] == '"') {
            const std::size_t quote = closingQuote(line, from + 1);
            if (quote == kNone) return false;
            search = quote + 1;
        }
        const std::size_t comma = line.find(',', search);
        fields.push_back(line.substr(from, comma == kNone ? kNone : comma - from));
        if (comma == kNone) return true;
        from = comma + 1;
    }
}

// The field's text: itself, the inside of its quotes, or a copy in `arena`.
BytesView fieldText(BytesView field, ByteArena& arena)
{
    if (field.empty() || field.front() != '"') return field;
    const std::size_t closing = closingQuote(field, 1);
    const BytesView inside = field.substr(1, closing - 1);
    const BytesView behind = field.substr(closing + 1);
    if (behind.empty() && inside.find('"') == kNone) return inside;
    char* const text = arena.allocate(inside.size() + behind.size());
    char* to = text;
    for (std::size_t i = 0; i < inside.size(); ++i) {
        *to++ = inside[i];
        if (inside[i] == '"') ++i;  // the second of a doubled quote
    }
    if (!behind.empty()) std::memcpy(to, behind.data(), behind.size());
    return {text, static_cast<std::size_t>(to - text) + behind.size()};
}

class CsvFormat final : public RecordFormat {
public:
    explicit CsvFormat(const StreamSchema& schema) : schema_(schema) {}

    std::size_t findEnd(BytesView pending, ScanState& state) const override;
    bool hasHeader() const override { return true; }
    Status readHeader(BytesView raw) override;
    RejectReason parse(BytesView raw, RecordView& record, ByteArena& arena) override;

private:
    using Column = std::optional<std::size_t>;

    StreamSchema schema_;
    std::size_t columns_ = 0;
    std::size_t key_ = 0;
    Column time_, type_, value_;
    std::vector<BytesView> fields_;  // of the row being parsed
};

std::size_t CsvFormat::findEnd(BytesView pending, ScanState& state) const
{
    while (true) {
        if (state.quoted) {
            const std::size_t quote = pending.find('"', state.at);
            // A quote at the very end is undecided: the next byte may double it.
            if (quote == kNone || quote + 1 == pending.size()) {
                state.at = std::min(quote, pending.size());
                return kNone;
            }
            const bool doubled = pending[quote + 1] == '"';
            state = {quote + (doubled ? 2 : 1), doubled};
            continue;
        }
        const BytesView rest = pending.substr(state.at);
        const std::size_t line = rest.find('\n');
        const std::size_t quote = rest.substr(0, line).find('"');
        if (quote == kNone) {
            if (line != kNone) return state.at + line + 1;
            state.at = pending.size();
            return kNone;
        }
        const std::size_t at = state.at + quote;
        state = {at + 1, at == 0 || pending[at - 1] == ','};
    }
}

Status CsvFormat::readHeader(BytesView raw)
{
    if (raw.starts_with(kByteOrderMark)) raw.remove_prefix(kByteOrderMark.size());
    if (!splitFields(withoutLineEnd(raw), fields_))
        return Error{Errc::kInvalid,
                     "csv header cannot be read: a quoted column name is never closed: check the "
                     "first line of the source"};
    ByteArena arena;
    std::vector<std::string> names;
    for (const BytesView field : fields_)
        names.emplace_back(trimmed(fieldText(field, arena)));
    columns_ = names.size();

    const auto find = [&](const std::string& wanted) -> Result<Column> {
        const auto found = std::find(names.begin(), names.end(), wanted);
        if (found != names.end()) return Column(static_cast<std::size_t>(found - names.begin()));
        return Error{Errc::kInvalid, "csv column '" + wanted + "' not found: the file "
                                         + nameAdvice(wanted, names)};
    };
    const auto findOptional = [&](const std::string& wanted) -> Result<Column> {
        return wanted.empty() ? Result<Column>(Column()) : find(wanted);
    };
    FS_TRY(const Column key, find(schema_.keyField.empty() ? "key" : schema_.keyField));
    FS_TRY(time_, findOptional(schema_.timeField));
    FS_TRY(type_, findOptional(schema_.typeField));
    FS_TRY(value_, findOptional(schema_.valueField));
    key_ = *key;
    return {};
}

RejectReason CsvFormat::parse(BytesView raw, RecordView& record, ByteArena& arena)
{
    const BytesView line = withoutLineEnd(raw);
    if (!splitFields(line, fields_)) return RejectReason::kUnclosedQuote;
    if (line.empty() || fields_.size() < columns_) return RejectReason::kTooFewFields;
    record.key = fieldText(fields_[key_], arena);
    if (type_) record.type = fieldText(fields_[*type_], arena);
    if (time_) {
        const auto time = parseEventTime(fieldText(fields_[*time_], arena));
        if (!time) return RejectReason::kTimeNotATime;
        record.eventTimeMs = *time;
    }
    if (value_) {
        const auto value = parseNumber(fieldText(fields_[*value_], arena));
        if (!value) return RejectReason::kValueNotANumber;
        record.value = *value;
    }
    return RejectReason::kNone;
}

}  // namespace

Result<std::unique_ptr<RecordFormat>> makeCsvFormat(const StreamSchema& schema)
{
    return Result<std::unique_ptr<RecordFormat>>(std::make_unique<CsvFormat>(schema));
}

}  // namespace foreshard
