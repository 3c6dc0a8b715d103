// The predictor module: the only file that sees LibTorch. It offers predictor_abi.h and nothing
// else; every exception of LibTorch ends here. C++17 only: clang 14 does not compile the headers of
// LibTorch 1.13 as C++20.
#include "engine/predict/predictor_abi.h"

#include <torch/optim/adam.h>
#include <torch/script.h>

#include <ATen/Parallel.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace {

constexpr int64_t kHidden1 = 64;
constexpr int64_t kHidden2 = 48;
constexpr int64_t kQuantiles = 3;
constexpr double kGradientClip = 1.0;
constexpr float kTargetClip = 10.0F;
constexpr int64_t kValidationBatch = 8192;

// Quantiles cannot cross: p10 and p90 are the median minus and plus something positive.
constexpr const char* kForward = R"JIT(
def forward(self, x: Tensor) -> Tensor:
    h = torch.relu(torch.addmm(self.b1, x, self.w1))
    h = torch.relu(torch.addmm(self.b2, h, self.w2))
    y = torch.addmm(self.b3, h, self.w3)
    n = self.horizons
    mid = y[:, 0:n]
    low = mid - torch.softplus(y[:, n:2 * n])
    high = mid + torch.softplus(y[:, 2 * n:3 * n])
    return torch.stack([low, mid, high], 2).reshape(x.size(0), 3 * n)
)JIT";

void setError(char* error, size_t size, const char* text)
{
    if (size == 0) return;
    // The first line says what went wrong; the rest is a trace of LibTorch's insides.
    const size_t length = std::min(std::strcspn(text, "\n"), size - 1);
    std::memcpy(error, text, length);
    error[length] = '\0';
}

// Runs `body`, turning whatever it throws into `error`; true when it went well.
template <class Body>
bool guarded(char* error, size_t errorSize, Body body)
{
    try {
        at::set_num_threads(1);
        body();
        return true;
    } catch (const c10::Error& problem) {
        setError(error, errorSize, problem.what_without_backtrace());
    } catch (const std::exception& problem) {
        setError(error, errorSize, problem.what());
    }
    return false;
}

torch::jit::Module parse(const char* model, size_t bytes)
{
    std::istringstream stream(std::string(model, bytes));
    return torch::jit::load(stream, torch::kCPU);
}

at::Tensor heWeights(int64_t in, int64_t out)
{
    return torch::randn({in, out}) * std::sqrt(2.0 / static_cast<double>(in));
}

torch::jit::Module newModel(int64_t columns, int64_t horizons)
{
    const int64_t outputs = horizons * kQuantiles;
    torch::jit::Module module("ShardPredictor");
    module.register_attribute("training", c10::BoolType::get(), true);
    module.register_attribute("horizons", c10::IntType::get(), horizons);
    module.register_parameter("w1", heWeights(columns, kHidden1), false);
    module.register_parameter("b1", torch::zeros({kHidden1}), false);
    module.register_parameter("w2", heWeights(kHidden1, kHidden2), false);
    module.register_parameter("b2", torch::zeros({kHidden2}), false);
    module.register_parameter("w3", heWeights(kHidden2, outputs) * 0.1, false);
    module.register_parameter("b3", torch::zeros({outputs}), false);
    module.define(kForward);
    return module;
}

// Sum over p10, p50 and p90 of the pinball loss, mean over rows and horizons.
at::Tensor pinball(const at::Tensor& output, const at::Tensor& target, const at::Tensor& quantiles)
{
    const at::Tensor error =
        target.unsqueeze(2) - output.reshape({target.size(0), target.size(1), kQuantiles});
    return torch::max(quantiles * error, (quantiles - 1) * error).sum(2).mean();
}

double clipGradients(const std::vector<at::Tensor>& parameters)
{
    double squares = 0;
    for (const auto& parameter : parameters)
        squares += parameter.grad().pow(2).sum().item<double>();
    const double norm = std::sqrt(squares);
    if (norm > kGradientClip)
        for (const auto& parameter : parameters)
            parameter.grad().mul_(kGradientClip / norm);
    return norm;
}

class Trainer {
public:
    explicit Trainer(const FsTrainRequest& request)
        : request_(request),
          rows_(static_cast<int64_t>(request.rows)),
          trainRows_(static_cast<int64_t>(request.rows - request.validationRows)),
          inputs_(torch::from_blob(const_cast<float*>(request.inputs), {rows_, request.columns})),
          targets_(torch::from_blob(const_cast<float*>(request.targets), {rows_, request.horizons})
                       .clamp(-kTargetClip, kTargetClip)),
          quantiles_(torch::tensor({0.1F, 0.5F, 0.9F}))
    {
        torch::manual_seed(request.seed);
        module_ = request.initialModel != nullptr
                      ? parse(request.initialModel, request.initialModelBytes)
                      : newModel(request.columns, request.horizons);
        for (auto parameter : module_.parameters()) {
            parameter.set_requires_grad(true);
            parameters_.push_back(parameter);
        }
    }

    void run()
    {
        torch::optim::Adam adam(parameters_, torch::optim::AdamOptions(request_.learningRate));
        double best = validationLoss();
        keepWeights();
        int worse = 0;
        for (int32_t epoch = 0; epoch < request_.epochs && worse < request_.patience; ++epoch) {
            setRate(adam, epoch);
            const double trained = oneEpoch(adam);
            const double loss = validationLoss();
            char line[128];
            std::snprintf(line, sizeof line, "epoch=%d train_loss=%.5f validation_loss=%.5f",
                          epoch + 1, trained, loss);
            request_.log(request_.context, line);
            worse = loss < best ? 0 : worse + 1;
            if (loss < best) {
                best = loss;
                keepWeights();
            }
        }
        restoreWeights();
        save();
    }

private:
    at::Tensor forward(const at::Tensor& x) { return module_.forward({x}).toTensor(); }

    // Down to a twentieth along half a cosine: the last epochs only polish.
    void setRate(torch::optim::Adam& adam, int32_t epoch) const
    {
        const double progress = static_cast<double>(epoch) / std::max(request_.epochs - 1, 1);
        const double factor = 0.05 + 0.95 * 0.5 * (1 + std::cos(3.14159265358979 * progress));
        static_cast<torch::optim::AdamOptions&>(adam.param_groups()[0].options())
            .lr(static_cast<double>(request_.learningRate) * factor);
    }

    double oneEpoch(torch::optim::Adam& adam)
    {
        const at::Tensor order = torch::randperm(trainRows_, torch::kLong);
        double sum = 0;
        int64_t steps = 0;
        for (int64_t start = 0; start < trainRows_; start += request_.batch, ++steps) {
            const at::Tensor pick =
                order.slice(0, start, std::min(start + request_.batch, trainRows_));
            adam.zero_grad();
            at::Tensor loss = pinball(forward(inputs_.index_select(0, pick)),
                                      targets_.index_select(0, pick), quantiles_);
            loss.backward();
            sum += std::isfinite(clipGradients(parameters_)) ? loss.item<double>() : 0;
            adam.step();
        }
        return sum / static_cast<double>(std::max<int64_t>(steps, 1));
    }

    double validationLoss()
    {
        const torch::NoGradGuard noGradients;
        const int64_t first = trainRows_ < rows_ ? trainRows_ : 0;
        double sum = 0;
        for (int64_t start = first; start < rows_; start += kValidationBatch) {
            const int64_t end = std::min(start + kValidationBatch, rows_);
            sum += pinball(forward(inputs_.slice(0, start, end)), targets_.slice(0, start, end),
                           quantiles_)
                       .item<double>()
                   * static_cast<double>(end - start);
        }
        return sum / static_cast<double>(rows_ - first);
    }

    void keepWeights()
    {
        kept_.clear();
        for (const auto& parameter : parameters_)
            kept_.push_back(parameter.detach().clone());
    }
    void restoreWeights()
    {
        const torch::NoGradGuard noGradients;
        for (size_t i = 0; i < parameters_.size(); ++i)
            parameters_[i].copy_(kept_[i]);
    }
    void save()
    {
        for (auto& parameter : parameters_)
            parameter.set_requires_grad(false);
        module_.eval();
        std::ostringstream stream;
        module_.save(stream);
        const std::string bytes = stream.str();
        request_.sink(request_.context, bytes.data(), bytes.size());
    }

    const FsTrainRequest& request_;
    int64_t rows_;
    int64_t trainRows_;
    at::Tensor inputs_;
    at::Tensor targets_;
    at::Tensor quantiles_;
    torch::jit::Module module_;
    std::vector<at::Tensor> parameters_;
    std::vector<at::Tensor> kept_;
};

void* createModel(const char* model, size_t bytes, char* error, size_t errorSize)
{
    torch::jit::Module* module = nullptr;
    guarded(error, errorSize, [&] {
        auto loaded = parse(model, bytes);
        loaded.eval();
        module = new torch::jit::Module(std::move(loaded));
    });
    return module;
}

int predictRows(void* handle, int32_t rows, int32_t columns, const float* in, int32_t outputs,
                float* out, char* error, size_t errorSize)
{
    bool isShaped = false;
    const bool isRun = guarded(error, errorSize, [&] {
        const c10::InferenceMode inference;
        auto* module = static_cast<torch::jit::Module*>(handle);
        const at::Tensor x = torch::from_blob(const_cast<float*>(in), {rows, columns});
        const at::Tensor y = module->forward({x}).toTensor().to(torch::kFloat).contiguous();
        isShaped = y.dim() == 2 && y.size(0) == rows && y.size(1) == outputs;
        if (!isShaped) return;
        const float* values = y.data_ptr<float>();
        std::copy(values, values + static_cast<int64_t>(rows) * outputs, out);
    });
    if (isRun && !isShaped) setError(error, errorSize, "it answers with another shape");
    return isRun && isShaped ? 0 : 1;
}

void destroyModel(void* handle) { delete static_cast<torch::jit::Module*>(handle); }

int trainModel(const FsTrainRequest* request, char* error, size_t errorSize)
{
    if (request->rows <= request->validationRows || request->batch <= 0) {
        setError(error, errorSize, "there are no rows to train on");
        return 1;
    }
    return guarded(error, errorSize, [&] { Trainer(*request).run(); }) ? 0 : 1;
}

constexpr FsPredictorApi kApi{FS_PREDICTOR_ABI_VERSION, createModel, predictRows, destroyModel,
                              trainModel};

}  // namespace

extern "C" __attribute__((visibility("default"))) const FsPredictorApi* foreshardPredictorApi()
{
    return &kApi;
}
