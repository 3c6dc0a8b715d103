#include "engine/predict/training/predict_commands.h"

#include "engine/predict/features.h"
#include "engine/predict/model_manifest.h"
#include "engine/predict/predictor_module.h"
#include "engine/predict/torch_forecaster.h"
#include "engine/predict/training/eval.h"
#include "engine/predict/training/training_set.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using nlohmann::ordered_json;

// Streams of other mixes than any trained on: training seeds stay far below.
constexpr std::uint64_t kHeldOutSeed = 9'000'000'007;
constexpr std::uint32_t kHeldOutStreams = 4;
constexpr std::uint32_t kHeldOutTicks = 1500;

// Splits one CSV line; quotes may hold commas, a doubled quote stands for one.
std::vector<std::string> fieldsOf(BytesView line)
{
    std::vector<std::string> fields(1);
    bool isQuoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"') {
            if (isQuoted && i + 1 < line.size() && line[i + 1] == '"')
                fields.back() += line[++i];
            else
                isQuoted = !isQuoted;
        } else if (c == ',' && !isQuoted) {
            fields.emplace_back();
        } else if (c != '\r') {
            fields.back() += c;
        }
    }
    return fields;
}

bool parseNumber(const std::string& text, double& value)
{
    const char* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    return problem == std::errc() && stop == end && std::isfinite(value);
}

std::string isoDate(WallMillis wallMs)
{
    const std::chrono::sys_time<std::chrono::milliseconds> when{std::chrono::milliseconds{wallMs}};
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(when)};
    char text[32];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text;
}

Result<ColumnValues> readTrace(Disk& disk, const std::string& path, const std::string& column)
{
    auto text = disk.readWhole(path);
    if (!text.ok()) return text.error().during("read the trace");
    return readColumn(path, *text, column);
}

Result<TrainingSet> trainingSet(Disk& disk, const TrainOptions& options, std::string& trainedOn)
{
    TrainingSetBuilder builder;
    addSynthetic({.seed = options.seed}, builder);
    trainedOn = "synthetic keyed streams and series, seed " + std::to_string(options.seed);
    for (const TickStream& stream : options.streams)
        builder.add(stream);
    if (!options.streams.empty())
        trainedOn += "; " + std::to_string(options.streams.size()) + " streams of synth:NAME";
    for (const std::string& path : options.traces) {
        FS_TRY(const ColumnValues trace, readTrace(disk, path, options.column));
        const auto ticks = ticksOfSeries(trace.values, trace.values.size());
        builder.add(ticks, ForecastTarget::kPoint, 1);
        builder.add(ticks, ForecastTarget::kMean, 2);
        trainedOn += "; " + path.substr(path.find_last_of('/') + 1) + " (" + trace.column + ", "
                     + std::to_string(trace.values.size()) + " values)";
    }
    return builder.take();
}

// Any fixed row will do; this one touches every column.
std::vector<float> goldenInput()
{
    std::vector<float> row(kFeatureCount);
    for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = static_cast<float>(static_cast<int>(i * 37 % 41) - 20) / 8.0F;
    return row;
}

ordered_json scoreJson(const StreamScore& score)
{
    return {{"forecasts", score.forecasts},        {"error_vs_last_tick", score.versusLast},
            {"error_vs_mean5", score.versusMean5}, {"error_vs_mean20", score.versusMean20},
            {"error_vs_ewma", score.versusEwma},   {"coverage_p90", score.coverageP90}};
}

}  // namespace

Result<ColumnValues> readColumn(const std::string& path, BytesView csv, const std::string& column)
{
    ColumnValues result;
    std::size_t index = 0;
    bool isHeader = true;
    for (std::size_t start = 0; start < csv.size();) {
        const std::size_t end = std::min(csv.find('\n', start), csv.size());
        const auto fields = fieldsOf(csv.substr(start, end - start));
        start = end + 1;
        if (isHeader) {
            isHeader = false;
            const auto found =
                column.empty() ? fields.end() - 1 : std::find(fields.begin(), fields.end(), column);
            if (found == fields.end())
                return Error{Errc::kInvalid, path + " has no column \"" + column
                                                 + "\": its header names others: check --column"};
            result.column = *found;
            index = static_cast<std::size_t>(found - fields.begin());
            continue;
        }
        double value = 0;
        if (index < fields.size() && parseNumber(fields[index], value))
            result.values.push_back(value);
        else
            ++result.skipped;
    }
    if (result.values.empty())
        return Error{Errc::kInvalid, path + " has no numbers in column \"" + result.column
                                         + "\": choose another with --column"};
    return result;
}

Result<std::string> trainCommand(Disk& disk, const TrainOptions& options)
{
    if (options.out.empty())
        return Error{Errc::kInvalid, "nowhere to write the model: give --out MODEL.pt"};
    FS_TRY(const TorchModule module, TorchModule::open(options.modulePaths));
    ModelManifest manifest;
    FS_TRY(const TrainingSet set, trainingSet(disk, options, manifest.trainedOn));
    FitOptions fit;
    fit.epochs = options.epochs;
    fit.seed = options.seed;
    fit.log = options.log;
    FS_TRY(const Bytes bytes, module.train(set, fit));
    FS_TRY(const TorchModel model, module.load(bytes));

    manifest.name = options.name;
    manifest.version = options.version;
    manifest.sha256 = sha256Hex(bytes);
    manifest.columns = FeatureBuilder::columns();
    manifest.horizons.assign(kHorizonTicks.begin(), kHorizonTicks.end());
    manifest.goldenInput = goldenInput();
    FS_TRY(manifest.goldenOutput, model.predict(manifest.goldenInput));
    manifest.created = isoDate(options.wallMs);
    FS_TRY(const StreamScore score,
           evaluateStreams(model, kHeldOutSeed, kHeldOutStreams, kHeldOutTicks));

    const std::string manifestPath = manifestPathOf(options.out);
    FS_TRY_STATUS(disk.writeWhole(options.out, bytes));
    FS_TRY_STATUS(disk.writeWhole(manifestPath, manifestJson(manifest)));
    ordered_json json;
    json["model"] = options.out;
    json["manifest"] = manifestPath;
    json["sha256"] = manifest.sha256;
    json["rows"] = set.rows;
    json["validation_rows"] = set.validationRows;
    json["horizon_ticks"] = kHorizonTicks[kOneSecondHorizon];
    json["held_out"] = scoreJson(score);
    json["held_out"]["streams"] = kHeldOutStreams;
    json["held_out_streams"] = ordered_json::array();
    for (const TickStream& stream : options.heldOut) {
        FS_TRY(const StreamScore one, evaluateStream(model, stream));
        json["held_out_streams"].push_back(scoreJson(one));
        json["held_out_streams"].back()["stream"] = stream.name;
    }
    return json.dump(2);
}

Result<std::string> evalCommand(Disk& disk, const EvalOptions& options)
{
    FS_TRY(const ColumnValues trace, readTrace(disk, options.trace, options.column));
    FS_TRY(const VerifiedModel files, readModel(disk, options.modelPath));
    FS_TRY(const TorchModule module, TorchModule::open(options.modulePaths));
    const auto model = module.loadVerified(files.manifest, options.modelPath, files.bytes);
    if (!model.ok()) return model.error();
    EvalSetup setup;
    setup.values = trace.values;
    setup.horizons = options.horizons;
    setup.trainFraction = options.trainFraction;
    setup.isOnline = options.isOnline;
    FS_TRY(const EvalReport report, evaluateSeries(module, files.bytes, setup));

    ordered_json json;
    json["trace"] = options.trace;
    json["column"] = trace.column;
    json["model"] = files.manifest.title();
    json["rows"] = report.rows;
    json["rows_skipped"] = trace.skipped;
    json["train_fraction"] = options.trainFraction;
    json["scored_rows"] = report.scoredRows;
    json["target"] = "the value `steps` ahead";
    json["seasonal_period"] = report.seasonalPeriod;
    json["horizons"] = ordered_json::array();
    for (const HorizonScore& score : report.horizons)
        json["horizons"].push_back({{"steps", score.horizon},
                                    {"mae_last", score.maeLast},
                                    {"relative_mae", score.relativeMae},
                                    {"coverage_p90", score.coverageP90}});
    return json.dump(2);
}

}  // namespace foreshard
