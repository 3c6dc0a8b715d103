#include "engine/predict/torch_forecaster.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace foreshard {
namespace {

// Opening LibTorch takes 0.7 s, a forecast milliseconds; both many times that on a busy machine.
constexpr Nanos kLoadPatience = 60s;
constexpr Nanos kForecastPatience = 2s;
constexpr float kLoadMax = 1e6F;  // a thousand nodes: the forecast gate takes no more

PerMille toPerMille(float load)
{
    return static_cast<PerMille>(std::lround(std::clamp(load, 0.0F, kLoadMax)));
}

}  // namespace

Result<VerifiedModel> readModel(Disk& disk, const std::string& modelPath)
{
    VerifiedModel model;
    // The model first: it is the one whose name was given.
    auto bytes = disk.readWhole(modelPath);
    if (!bytes.ok()) return bytes.error().during("the model");
    const std::string manifestPath = manifestPathOf(modelPath);
    auto text = disk.readWhole(manifestPath);
    if (!text.ok()) return text.error().during("the model's manifest");
    auto manifest = parseManifest(manifestPath, *text);
    if (!manifest.ok()) return manifest.error();
    model.manifest = std::move(*manifest);
    model.bytes = std::move(*bytes);
    FS_TRY_STATUS(verifyModelBytes(model.manifest, modelPath, model.bytes));
    return model;
}

Status TorchForecaster::run(std::function<void()> work, Nanos patience) const
{
    if (options_.run) return options_.run(std::move(work), patience);
    work();
    return {};
}

Status TorchForecaster::load()
{
    struct Work {
        Options options;
        VerifiedModel files;
        std::optional<Result<TorchModel>> model;
    };
    // The files first: opening the module is the dear part.
    auto files = readModel(disk_, options_.modelPath);
    if (!files.ok()) return files.error();
    const std::string title = files->manifest.title();
    const auto work = std::make_shared<Work>(
        Work{{options_.modelPath, options_.modulePaths, nullptr}, std::move(files).value(), {}});
    FS_TRY_STATUS(run(
        [work] {
            const auto module = TorchModule::open(work->options.modulePaths);
            if (module.ok())
                work->model = module->loadVerified(work->files.manifest, work->options.modelPath,
                                                   work->files.bytes);
            else
                work->model = module.error();
        },
        kLoadPatience));
    if (!work->model->ok()) return work->model->error();
    model_ = std::make_shared<TorchModel>(std::move(*work->model).value());
    title_ = title;
    return {};
}

Result<std::vector<LoadForecast>> TorchForecaster::predict(const FeatureBuilder& features,
                                                           const std::vector<ShardId>& shards)
{
    struct Work {
        std::shared_ptr<TorchModel> model;
        std::vector<float> rows;
        std::optional<Result<std::vector<float>>> out;
    };
    if (!model_) return Error{Errc::kUnavailable, "the model is not loaded"};
    const auto work = std::make_shared<Work>();
    work->model = model_;
    work->rows.resize(shards.size() * kFeatureCount);
    for (std::size_t i = 0; i < shards.size(); ++i)
        features.row(shards[i], work->rows.data() + i * kFeatureCount);
    FS_TRY_STATUS(run([work] { work->out = work->model->predict(work->rows); }, kForecastPatience));
    if (!work->out->ok()) return work->out->error();
    const std::vector<float>& out = work->out->value();
    std::vector<LoadForecast> loads;
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const float last = features.last(shards[i]);
        const float scale = features.volatility(shards[i]);
        const float* quantiles = out.data() + i * kOutputCount + kOneSecondHorizon * kQuantileCount;
        loads.push_back({.shard = shards[i],
                         .p10 = toPerMille(last + scale * quantiles[0]),
                         .p50 = toPerMille(last + scale * quantiles[1]),
                         .p90 = toPerMille(last + scale * quantiles[2])});
    }
    return loads;
}

}  // namespace foreshard
