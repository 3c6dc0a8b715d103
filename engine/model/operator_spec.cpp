#include "engine/model/operator_spec.h"

#include "engine/model/work_cost.h"

#include <charconv>
#include <utility>

namespace foreshard {
namespace {

constexpr double kScaleMax = 1e6;  // seconds for the cheapest record: more is a typing error

Status addPoison(OperatorSpec& spec, std::string_view value)
{
    static constexpr std::pair<std::string_view, PoisonKind> kKinds[] = {
        {"throw", PoisonKind::kThrow},
        {"crash", PoisonKind::kCrash},
        {"hang", PoisonKind::kHang},
        {"flaky", PoisonKind::kFlaky}};
    const std::size_t colon = value.find(':');
    for (const auto& [name, kind] : kKinds) {
        if (colon == std::string_view::npos || value.substr(0, colon) != name) continue;
        spec.poison.push_back({kind, Bytes(value.substr(colon + 1))});
        return {};
    }
    return Error{Errc::kInvalid,
                 "operator " + spec.name + ": poison=" + std::string(value)
                     + " is not understood: give throw:KEY, crash:KEY, hang:KEY or flaky:KEY"};
}

Status applyParameter(OperatorSpec& spec, std::string_view pair)
{
    const std::size_t equals = pair.find('=');
    const std::string_view name = pair.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : pair.substr(equals + 1);
    if (name == "poison") return addPoison(spec, value);
    if (!spec.work) {
        return Error{Errc::kInvalid, "operator aggregate takes no parameter '" + std::string(pair)
                                         + "': known is poison=throw|crash|hang|flaky:KEY"};
    }
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
                                     + "': known are scale=NUMBER, mode=busy|wait and "
                                       "poison=throw|crash|hang|flaky:KEY"};
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
    while (!rest.empty()) {
        const std::size_t end = rest.find('&');
        FS_TRY_STATUS(applyParameter(spec, rest.substr(0, end)));
        rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    }
    return spec;
}

}  // namespace foreshard
