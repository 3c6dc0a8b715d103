// One JSON object per line. Fields are named by dotted paths: `a.b` is {"a":{"b":...}} (or a
// member called "a.b"); nothing inside an array can be named. A key may be a string or a number,
// which then counts by its literal text; a value a number or a string that holds one. Whatever is
// wrong with a field that is not asked for costs nothing, as long as the line is an object.
#include "engine/source/field_values.h"
#include "engine/source/json_scan.h"
#include "engine/source/record_format.h"

#include <string>

namespace foreshard {
namespace {

enum Role : std::size_t {
    kKey,
    kTime,
    kType,
    kValue,
};

class JsonlFormat final : public RecordFormat {
public:
    explicit JsonlFormat(const StreamSchema& schema)
        : hasTime_(!schema.timeField.empty()),
          hasValue_(!schema.valueField.empty()),
          scan_({schema.keyField.empty() ? "key" : schema.keyField, schema.timeField,
                 schema.typeField, schema.valueField})
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
    bool hasTime_;
    bool hasValue_;
    JsonScan scan_;
};

RejectReason readKey(const JsonScan::Captured& key)
{
    if (key.isPlain()) return RejectReason::kNone;
    const bool missing =
        key.found == JsonScan::Found::kNothing || key.found == JsonScan::Found::kNull;
    return missing ? RejectReason::kKeyMissing : RejectReason::kKeyNotPlain;
}

RejectReason JsonlFormat::parse(BytesView raw, RecordView& record, ParsedBatch& out)
{
    if (trimmed(withoutLineEnd(raw)).empty()) return RejectReason::kBlankLine;
    if (!scan_.read(raw)) return RejectReason::kNotJson;
    if (scan_.at(kKey).twice || scan_.at(kType).twice || scan_.at(kValue).twice)
        return RejectReason::kFieldTwice;
    const JsonScan::Captured& key = scan_.at(kKey);
    if (const RejectReason reason = readKey(key); reason != RejectReason::kNone) return reason;
    if (hasTime_) {
        const JsonScan::Captured& field = scan_.at(kTime);
        const bool clear = field.isPlain() && !field.twice;
        const auto time = clear ? parseEventTime(field.text) : std::nullopt;
        record.eventTimeMs = time.value_or(0);
        out.timesUnreadable += time ? 0U : 1U;
    }
    if (hasValue_) {
        const JsonScan::Captured& field = scan_.at(kValue);
        if (field.found == JsonScan::Found::kNothing) return RejectReason::kValueMissing;
        if (!field.isPlain()) return RejectReason::kValueNotANumber;
        const RejectReason reason = readValue(field.text, record.value);
        if (reason != RejectReason::kNone) return reason;
    }
    record.key = out.arena.store(key.text);
    if (scan_.at(kType).isPlain()) record.type = out.arena.store(scan_.at(kType).text);
    return RejectReason::kNone;
}

}  // namespace

Result<std::unique_ptr<RecordFormat>> makeJsonlFormat(const StreamSchema& schema)
{
    return Result<std::unique_ptr<RecordFormat>>(std::make_unique<JsonlFormat>(schema));
}

}  // namespace foreshard
