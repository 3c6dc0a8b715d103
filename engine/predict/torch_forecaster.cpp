#include "engine/predict/torch_forecaster.h"

#include <algorithm>
#include <cmath>

namespace foreshard {
namespace {

constexpr float kLoadMax = 1e6F;  // a thousand nodes: the forecast gate takes no more

PerMille toPerMille(float load)
{
    return static_cast<PerMille>(std::lround(std::clamp(load, 0.0F, kLoadMax)));
}

}  // namespace

Result<VerifiedModel> readModel(Disk& disk, const std::string& modelPath)
{
    VerifiedModel model;
    const std::string manifestPath = manifestPathOf(modelPath);
    auto text = disk.readWhole(manifestPath);
    if (!text.ok()) return text.error().during("the model's manifest");
    auto manifest = parseManifest(manifestPath, *text);
    if (!manifest.ok()) return manifest.error();
    auto bytes = disk.readWhole(modelPath);
    if (!bytes.ok()) return bytes.error().during("the model");
    model.manifest = std::move(*manifest);
    model.bytes = std::move(*bytes);
    FS_TRY_STATUS(verifyModelBytes(model.manifest, modelPath, model.bytes));
    return model;
}

Status TorchForecaster::load()
{
    // The files first: opening the module is the dear part.
    const auto files = readModel(disk_, options_.modelPath);
    if (!files.ok()) return files.error();
    const auto module = TorchModule::open(options_.modulePaths);
    if (!module.ok()) return module.error();
    auto model = module->loadVerified(files->manifest, options_.modelPath, files->bytes);
    if (!model.ok()) return model.error();
    model_ = std::move(model).value();
    title_ = files->manifest.title();
    return {};
}

Result<std::vector<LoadForecast>> TorchForecaster::predict(const FeatureBuilder& features,
                                                           const std::vector<ShardId>& shards)
{
    if (!model_) return Error{Errc::kUnavailable, "the model is not loaded"};
    std::vector<float> rows(shards.size() * kFeatureCount);
    for (std::size_t i = 0; i < shards.size(); ++i)
        features.row(shards[i], rows.data() + i * kFeatureCount);
    FS_TRY(const auto out, model_->predict(rows));
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
