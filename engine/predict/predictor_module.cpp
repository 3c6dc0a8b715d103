#include "engine/predict/predictor_module.h"

#include "engine/predict/features.h"

#include <array>
#include <cmath>
#include <cstdlib>
#include <dlfcn.h>

namespace foreshard {
namespace {

constexpr float kGoldenTolerance = 1e-3F;
constexpr int kWarmUps = 2;  // the profiling executor of TorchScript settles after two calls

using ErrorText = std::array<char, 512>;

struct TrainContext {
    const FitOptions* options;
    Bytes model;
};

void forwardLog(void* context, const char* line)
{
    const auto* train = static_cast<TrainContext*>(context);
    if (train->options->log) train->options->log(line);
}

void takeModel(void* context, const char* model, std::size_t bytes)
{
    static_cast<TrainContext*>(context)->model.assign(model, bytes);
}

}  // namespace

Result<std::vector<float>> TorchModel::predict(const std::vector<float>& in) const
{
    FS_CHECK(in.size() % kFeatureCount == 0);
    const std::size_t rows = in.size() / kFeatureCount;
    std::vector<float> out(rows * kOutputCount);
    if (rows == 0) return out;
    ErrorText error{};
    if (api_->predict(handle_.get(), static_cast<std::int32_t>(rows), kFeatureCount, in.data(),
                      kOutputCount, out.data(), error.data(), error.size())
        != 0)
        return Error{Errc::kUnavailable, std::string("the model gave no forecast: ") + error.data()
                                             + ": the reactive estimate decides"};
    for (const float value : out)
        if (!std::isfinite(value))
            return Error{Errc::kUnavailable,
                         "the model's forecast is not a number: the model is unfit: retrain it"};
    return out;
}

Result<TorchModule> TorchModule::open(const std::vector<std::string>& paths)
{
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
    setenv("OMP_NUM_THREADS", "1", 0);
    std::string reasons;
    for (const std::string& path : paths) {
        void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library == nullptr) {
            const char* reason = dlerror();
            reasons += (reasons.empty() ? "" : "; ") + std::string(reason ? reason : path);
            continue;
        }
        void* entry = dlsym(library, FS_PREDICTOR_ENTRY);
        if (entry == nullptr) {
            reasons += (reasons.empty() ? "" : "; ") + path + " is not a predictor module";
            continue;
        }
        const FsPredictorApi* api = reinterpret_cast<FsPredictorEntry>(entry)();
        if (api->abiVersion == FS_PREDICTOR_ABI_VERSION) return TorchModule(api);
        reasons += (reasons.empty() ? "" : "; ") + path + " is of another version";
    }
    return Error{Errc::kUnavailable,
                 "no predictor module: " + (reasons.empty() ? "no path given" : reasons)
                     + ": install the predictor package, or go on with reactive estimates"};
}

Result<TorchModel> TorchModule::load(BytesView model) const
{
    ErrorText error{};
    TorchModel::Handle handle(api_->create(model.data(), model.size(), error.data(), error.size()),
                              api_->destroy);
    if (!handle)
        return Error{Errc::kCorrupt, std::string("the model cannot be loaded: ") + error.data()
                                         + ": reinstall or retrain"};
    return TorchModel(api_, std::move(handle));
}

Result<TorchModel> TorchModule::loadVerified(const ModelManifest& manifest,
                                             const std::string& modelPath, BytesView model) const
{
    FS_TRY_STATUS(verifyModelBytes(manifest, modelPath, model));
    auto loaded = load(model);
    if (!loaded.ok()) return loaded.error().during(modelPath);
    FS_TRY(const auto answer, loaded->predict(manifest.goldenInput));
    for (std::size_t i = 0; i < answer.size(); ++i)
        if (std::abs(answer[i] - manifest.goldenOutput[i]) > kGoldenTolerance)
            return Error{Errc::kCorrupt,
                         modelPath + " does not give its manifest's known answer: this machine's "
                                     "LibTorch computes differently or the manifest is of another "
                                     "model: reinstall or retrain"};
    const std::vector<float> blank(64 * kFeatureCount);
    for (int i = 0; i < kWarmUps; ++i)
        if (auto warm = loaded->predict(blank); !warm.ok()) return warm.error();
    return loaded;
}

Result<Bytes> TorchModule::train(const TrainingSet& data, const FitOptions& options) const
{
    FS_CHECK(data.inputs.size() == data.rows * kFeatureCount);
    FS_CHECK(data.targets.size() == data.rows * kHorizonCount);
    TrainContext context{&options, {}};
    FsTrainRequest request{};
    request.initialModel = options.initialModel.empty() ? nullptr : options.initialModel.data();
    request.initialModelBytes = options.initialModel.size();
    request.inputs = data.inputs.data();
    request.targets = data.targets.data();
    request.rows = data.rows;
    request.validationRows = data.validationRows;
    request.columns = kFeatureCount;
    request.horizons = kHorizonCount;
    request.epochs = options.epochs;
    request.patience = options.patience;
    request.batch = options.batch;
    request.learningRate = options.learningRate;
    request.seed = options.seed;
    request.log = forwardLog;
    request.sink = takeModel;
    request.context = &context;
    ErrorText error{};
    if (api_->train(&request, error.data(), error.size()) != 0)
        return Error{Errc::kInvalid, std::string("training failed: ") + error.data()
                                         + ": give it more or other data"};
    return std::move(context.model);
}

}  // namespace foreshard
