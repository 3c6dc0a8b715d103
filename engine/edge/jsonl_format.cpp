// One JSON object per line. Fields are named by dotted paths: `a.b` is {"a":{"b":...}} (or a
// member called "a.b"); nothing inside an array can be named, and of two equal names the last
// counts. A key may be a string or a number, which then counts by its literal text; a value a
// number or a string that holds one.
#include "engine/edge/field_values.h"
#include "engine/edge/record_format.h"

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace foreshard {
namespace {

using Json = nlohmann::json;

enum Role : std::size_t {
    kKey,
    kTime,
    kType,
    kValue,
    kRoles
};

enum class Found : std::uint8_t {
    kNothing,
    kText,
    kNumber,
    kOther  // null, true, false, an object or an array
};

struct Captured {
    Found found = Found::kNothing;
    std::string text;  // of a number: its literal
};

// Listens to the parser and keeps what stands at the wanted paths; builds no tree.
class FieldCatcher final : public nlohmann::json_sax<Json> {
public:
    explicit FieldCatcher(std::array<std::string, kRoles> paths) : paths_(std::move(paths)) {}

    void reset()
    {
        for (Captured& one : captured_)
            one.found = Found::kNothing;
        path_.clear();
        parents_.clear();
        arrays_ = 0;
        depth_ = 0;
    }
    const Captured& at(Role role) const { return captured_[role]; }

    bool null() override { return caught(Found::kOther, {}); }
    bool boolean(bool) override { return caught(Found::kOther, {}); }
    bool number_integer(number_integer_t number) override
    {
        // The only literal of an integer that does not survive is minus zero.
        return caught(Found::kNumber, number == 0 ? "-0" : std::to_string(number));
    }
    bool number_unsigned(number_unsigned_t number) override
    {
        return caught(Found::kNumber, std::to_string(number));
    }
    bool number_float(number_float_t, const string_t& literal) override
    {
        return caught(Found::kNumber, literal);
    }
    bool string(string_t& text) override { return caught(Found::kText, text); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override
    {
        if (depth_ > 0) caught(Found::kOther, {});
        ++depth_;
        parents_.push_back(path_.size());
        return true;
    }
    bool key(string_t& name) override
    {
        path_.resize(parents_.back());
        if (!path_.empty()) path_ += '.';
        path_ += name;
        return true;
    }
    bool end_object() override
    {
        --depth_;
        path_.resize(parents_.back());
        parents_.pop_back();
        return true;
    }
    bool start_array(std::size_t) override
    {
        if (!caught(Found::kOther, {})) return false;
        ++depth_;
        ++arrays_;
        return true;
    }
    bool end_array() override
    {
        --depth_;
        --arrays_;
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const Json::exception&) override
    {
        return false;
    }

private:
    // False when the line is no object at all.
    bool caught(Found found, BytesView text)
    {
        if (depth_ == 0) return false;
        if (arrays_ > 0) return true;
        for (std::size_t role = 0; role < kRoles; ++role) {
            if (paths_[role].empty() || paths_[role] != path_) continue;
            captured_[role].found = found;
            captured_[role].text = text;
        }
        return true;
    }

    std::array<std::string, kRoles> paths_;
    std::array<Captured, kRoles> captured_;
    std::string path_;                  // of the member being read
    std::vector<std::size_t> parents_;  // per open object: length of its own path
    std::size_t arrays_ = 0;            // open ones
    std::size_t depth_ = 0;             // open objects and arrays
};

class JsonlFormat final : public RecordFormat {
public:
    explicit JsonlFormat(const StreamSchema& schema)
        : hasTime_(!schema.timeField.empty()),
          hasValue_(!schema.valueField.empty()),
          catcher_({schema.keyField.empty() ? "key" : schema.keyField, schema.timeField,
                    schema.typeField, schema.valueField})
    {
    }

    std::size_t findEnd(BytesView pending, ScanState& state) const override
    {
        return findLineEnd(pending, state);
    }
    bool hasHeader() const override { return false; }
    Status readHeader(BytesView) override
    {
        FS_CHECK(false);
        return {};
    }
    RejectReason parse(BytesView raw, RecordView& record, ByteArena& arena) override;

private:
    bool hasTime_;
    bool hasValue_;
    FieldCatcher catcher_;
};

RejectReason JsonlFormat::parse(BytesView raw, RecordView& record, ByteArena& arena)
{
    catcher_.reset();
    if (!Json::sax_parse(raw.begin(), raw.end(), &catcher_)) return RejectReason::kNotJson;
    const auto isPlain = [](const Captured& one) {
        return one.found == Found::kText || one.found == Found::kNumber;
    };
    const Captured& key = catcher_.at(kKey);
    if (!isPlain(key)) return RejectReason::kKeyMissing;
    if (hasTime_) {
        const Captured& field = catcher_.at(kTime);
        const auto time = isPlain(field) ? parseEventTime(field.text) : std::nullopt;
        if (!time) return RejectReason::kTimeNotATime;
        record.eventTimeMs = *time;
    }
    if (hasValue_) {
        const Captured& field = catcher_.at(kValue);
        if (field.found == Found::kNothing) return RejectReason::kTooFewFields;
        const auto value = isPlain(field) ? parseNumber(field.text) : std::nullopt;
        if (!value) return RejectReason::kValueNotANumber;
        record.value = *value;
    }
    record.key = arena.store(key.text);
    if (isPlain(catcher_.at(kType))) record.type = arena.store(catcher_.at(kType).text);
    return RejectReason::kNone;
}

}  // namespace

Result<std::unique_ptr<RecordFormat>> makeJsonlFormat(const StreamSchema& schema)
{
    return Result<std::unique_ptr<RecordFormat>>(std::make_unique<JsonlFormat>(schema));
}

}  // namespace foreshard
