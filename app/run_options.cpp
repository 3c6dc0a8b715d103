#include "app/run_options.h"

#include "app/program_paths.h"
#include "engine/env/real/posix_disk.h"
#include "engine/model/endpoint.h"
#include "engine/predict/torch_forecaster.h"
#include "engine/source/source_uri.h"

#include <charconv>

namespace foreshard {
namespace {

constexpr std::uint64_t kReserveFileBytes = 4ULL << 20U;

Error invalid(const std::string& flag, const std::string& value, const std::string& wanted)
{
    return Error{Errc::kInvalid,
                 flag + " " + value + ": this value is not understood: give " + wanted};
}

Result<double> parseRate(const std::string& text)
{
    if (text == "max") return 0.0;
    std::string_view number = text;
    if (number.ends_with("/s")) number.remove_suffix(2);
    double rate = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), rate);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    if (!whole || rate <= 0) return invalid("--rate", text, "records per second, or max");
    return rate;
}

// "7d", "12h", "30m", "45s"; nothing is no limit.
Result<std::chrono::milliseconds> parseAge(const std::string& text)
{
    static constexpr std::pair<char, std::int64_t> kUnits[] = {
        {'d', 86'400'000}, {'h', 3'600'000}, {'m', 60'000}, {'s', 1'000}};
    constexpr std::int64_t kNumberMax = 100'000;
    if (text.empty()) return std::chrono::milliseconds(0);
    std::int64_t number = 0;
    const char* const last = text.data() + text.size() - 1;
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error == std::errc{} && end == last && number > 0 && number <= kNumberMax) {
        for (const auto& [letter, millis] : kUnits) {
            if (*last == letter) return std::chrono::milliseconds(number * millis);
        }
    }
    return invalid("--retain-age", text, "a number with d, h, m or s, such as 7d or 12h");
}

// What the words ask for but this version cannot do yet is refused, never ignored.
Status checkSupported(const RunWords& words)
{
    if (words.durability != "sync") {
        return Error{Errc::kUnsupported, "--durability " + words.durability
                                             + ": this version always makes records durable "
                                               "before it acknowledges them: leave the flag out"};
    }
    return {};
}

// A model that was asked for must be there. The usual one may be missing, and either may be
// damaged: then measured load decides, and the status says so.
Status checkModel(const std::string& path)
{
    PosixDisk disk;
    const Result<VerifiedModel> model = readModel(disk, path);
    if (model.ok() || model.error().code == Errc::kCorrupt
        || model.error().code == Errc::kUnsupported)
        return {};
    return Error{Errc::kInvalid, "--model: " + model.error().message};
}

}  // namespace

Result<IntervalPolicySetting> parsePolicy(const std::string& text, const std::string& what)
{
    IntervalPolicySetting policy;
    if (text == "classes") return policy;
    if (text == "promise") {
        policy.kind = PolicyKind::kPromise;
        return policy;
    }
    const std::string_view fixed = "fixed:";
    if (text.starts_with(fixed)) {
        policy.kind = PolicyKind::kFixed;
        const char* const first = text.data() + fixed.size();
        const auto [end, error] = std::from_chars(first, text.data() + text.size(), policy.fixedMs);
        const bool whole = error == std::errc{} && end == text.data() + text.size();
        if (whole && isInterval(policy.fixedMs)) return policy;
    }
    return invalid(what, text, "classes, promise or fixed:MS with 10 to 600000 ms");
}

Result<EngineHostOptions> engineOptions(const RunWords& words)
{
    FS_TRY_STATUS(checkSupported(words));
    EngineHostOptions options;
    ControlOptions& control = options.control;
    EdgeOptions& edge = options.edge;
    FS_TRY(const SourceUri uri, parseSourceUri(words.source));
    static_cast<void>(uri);
    edge.schema = {words.source, words.pattern, words.key,      words.time,
                   words.type,   words.value,   words.recordMax};
    FS_TRY(edge.ratePerSecond, parseRate(words.rate));
    edge.finishAtEnd = words.untilEnd;
    edge.boxes.retainBytes = words.retain;
    FS_TRY(edge.boxes.retainAge, parseAge(words.retainAge));
    edge.boxes.segmentBytesMax = words.segmentBytes;
    edge.lowSpaceBytes = words.diskReserve;
    FS_TRY(options.sink, parseSinkUri(words.sink));
    FS_TRY(options.operatorSpec, parseOperator(words.operatorName));
    FS_TRY(control.policy, parsePolicy(words.policy));
    if (words.routing != "keyed" && words.routing != "class") {
        return invalid("--routing", words.routing, "keyed or class");
    }
    control.routing = words.routing == "class" ? RoutingMode::kClass : RoutingMode::kKeyed;
    if (words.onPoison != "skip" && words.onPoison != "stop") {
        return invalid("--on-poison", words.onPoison, "skip or stop");
    }
    control.onPoison = words.onPoison == "stop" ? OnPoison::kStop : OnPoison::kSkip;
    if (!(words.operatorTimeout >= 0.05 && words.operatorTimeout <= 86'400))
        return invalid("--operator-timeout", std::to_string(words.operatorTimeout),
                       "0.05 to 86400 seconds");
    options.operatorTimeout = Nanos{static_cast<std::int64_t>(words.operatorTimeout * 1e9)};
    control.dataDirectory = words.data;
    control.sourceUri = words.source;
    control.reserveBytes = words.diskReserve == 0 ? 0 : kReserveFileBytes;
    control.untilEnd = words.untilEnd;
    control.keepCheckpoints = words.keepCheckpoints;
    options.historyBytes = words.historyBytes;
    options.shapeGiven = words.nodes != 0 || words.shards != 0;
    control.nodes = words.nodes == 0 ? 4 : words.nodes;
    control.shards = words.shards == 0 ? 16 : words.shards;
    if (control.nodes > 256) return invalid("--nodes", std::to_string(control.nodes), "1 to 256");
    if (control.shards > kSlotCount) {
        return invalid("--shards", std::to_string(control.shards), "1 to 4096");
    }
    if (!words.listen.empty()) FS_TRY_STATUS(checkEndpoint("--listen: listen at", words.listen));
    if (!words.predictor.empty() && words.predictor != "off")
        FS_TRY_STATUS(checkEndpoint("--predictor", words.predictor));
    options.predictor = words.predictor != "off";
    if (options.predictor) options.predictorEndpoint = words.predictor;
    if (!words.model.empty()) FS_TRY_STATUS(checkModel(words.model));
    options.modelPath = words.model.empty() ? findModel() : words.model;
    options.modulePaths = predictorModulePaths();
    options.listenEndpoint = words.listen;
    return options;
}

}  // namespace foreshard
