#pragma once
// TorchModule is the engine's handle on the dlopen'ed predictor module. LibTorch brings 285 shared
// objects with it, so no program links it: it is opened when a forecast is first wanted, by the one
// strand that wants it (about 0.7 s), and stays until the process ends.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/predict/model_manifest.h"
#include "engine/predict/predictor_abi.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

// One loaded model; moves, does not copy. Use it from one strand.
class TorchModel {
public:
    // `in` is rows x kFeatureCount; the answer is rows x kOutputCount, all finite.
    Result<std::vector<float>> predict(const std::vector<float>& in) const;

private:
    friend class TorchModule;
    using Handle = std::unique_ptr<void, void (*)(void*)>;
    TorchModel(const FsPredictorApi* api, Handle handle) : api_(api), handle_(std::move(handle)) {}

    const FsPredictorApi* api_;
    Handle handle_;
};

struct FitOptions {
    BytesView initialModel;  // empty: from seeded random weights
    int epochs = 30;
    int patience = 5;
    int batch = 256;
    float learningRate = 2e-3F;
    std::uint64_t seed = 1;
    std::function<void(const std::string&)> log;  // one line per epoch
};

// Rows of inputs and their answers; the last `validationRows` are later in time than the others.
struct TrainingSet {
    std::vector<float> inputs;   // rows x kFeatureCount
    std::vector<float> targets;  // rows x kHorizonCount
    std::size_t rows = 0;
    std::size_t validationRows = 0;
};

class TorchModule {
public:
    // Opens the first of `paths` that can be opened. Sets OPENBLAS_NUM_THREADS and OMP_NUM_THREADS
    // to 1 where unset: a forecast must not take cores from the nodes.
    static Result<TorchModule> open(const std::vector<std::string>& paths);

    // Runs the bytes as they are; for models this process has just made.
    Result<TorchModel> load(BytesView model) const;
    // Refuses a model that is not the manifest's, or that does not give the golden answer.
    Result<TorchModel> loadVerified(const ModelManifest& manifest, const std::string& modelPath,
                                    BytesView model) const;
    // Gives the bytes of a new model file.
    Result<Bytes> train(const TrainingSet& data, const FitOptions& options) const;

private:
    explicit TorchModule(const FsPredictorApi* api) : api_(api) {}

    const FsPredictorApi* api_;
};

}  // namespace foreshard
