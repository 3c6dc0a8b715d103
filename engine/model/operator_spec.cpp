#include "engine/model/operator_spec.h"

#include "engine/model/work_cost.h"

#include <charconv>

namespace foreshard {
namespace {

constexpr double kScaleMax = 1e6;  // seconds for the cheapest record: more is a typing error

Status applyParameter(OperatorSpec& spec, std::string_view pair)
{
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    if (name == "scale") {
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), spec.workScale);
        if (error == std::errc{} && end == value.data() + value.size() && spec.workScale >= 0
            && spec.workScale <= kScaleMax)
            return {};
        return Error{Errc::kInvalid, "operator work: scale=" + std::string(value)
                                         + " is no number: give e.g. scale=2"};
    }
    if (name == "mode" && (value == "busy" || value == "wait")) {
        spec.workBusy = value == "busy";
        return {};
    }
    return Error{Errc::kInvalid, "operator work: unknown parameter '" + std::string(pair)
                                     + "': known are scale=NUMBER and mode=busy|wait"};
}

}  // namespace

Nanos OperatorSpec::declaredCost(const RecordView& record) const
{
    return work ? workCost(record.type, record.raw.size(), workScale) : Nanos{0};
}

Result<OperatorSpec> parseOperator(const std::string& text)
{
    OperatorSpec spec;
    std::string_view rest = text;
    const std::size_t question = rest.find('?');
    spec.name = std::string(rest.substr(0, question));
    rest = question == std::string_view::npos ? "" : rest.substr(question + 1);
    spec.work = spec.name == "work";
    if (spec.name != "aggregate" && spec.name != "work") {
        return Error{Errc::kInvalid, "operator " + spec.name
                                         + ": there is none of this name: give aggregate or work"};
    }
    if (!spec.work && !rest.empty()) {
        return Error{Errc::kInvalid,
                     "operator aggregate takes no parameters, but got '" + std::string(rest) + "'"};
    }
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        FS_TRY_STATUS(applyParameter(spec, rest.substr(0, end)));
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return spec;
}

}  // namespace foreshard
