// `foreshard predict train|eval` and `foreshard predictor`.
#include "engine/predict/training/predict_commands.h"

#include "app/cli/commands.h"
#include "app/program_paths.h"
#include "app/stream_ticks.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/side_thread.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/system_random.h"
#include "engine/env/real/zmq_network.h"
#include "engine/model/endpoint.h"
#include "engine/predict/predictor_service.h"
#include "engine/predict/torch_forecaster.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <utility>

namespace foreshard {
namespace {

int print(const Result<std::string>& json)
{
    if (!json.ok()) return reportError(json.error());
    return printOut(*json + "\n");
}

// Loads the model once and throws it away. 0, an exit code, or -1: a signal came first.
int probeModel(TorchForecaster& probe, StrandThread& strand, SideThread& side)
{
    std::promise<Status> promise;
    std::future<Status> loaded = promise.get_future();
    strand.post([&] { promise.set_value(probe.load()); });
    while (loaded.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        if (waitForSignal(20) == 0) continue;
        side.callOff();
        loaded.wait();
        return -1;
    }
    const Status status = loaded.get();
    return status.ok() ? 0 : reportError(status.error());
}

int servePredictor(const std::string& endpoint, const std::string& modelPath, SideThread& side)
{
    PosixDisk disk;
    const TorchForecaster::Options model{modelPath, predictorModulePaths(),
                                         [&side](std::function<void()> work, Nanos patience) {
                                             return side.run(std::move(work), patience);
                                         }};
    SystemRandom random;
    StrandThread strand("fs-predictor");
    // Refused here and not at the first question: whoever starts it looks at this terminal.
    {
        TorchForecaster probe(disk, model);
        if (const int code = probeModel(probe, strand, side); code != 0) {
            strand.stop();
            return std::max(0, code);
        }
    }
    ZmqNetwork network;
    Env env{strand, disk, network, random};
    std::unique_ptr<PredictorService> service;
    Status started;
    strand.post([&] {
        service = std::make_unique<PredictorService>(
            env, std::make_unique<TorchForecaster>(disk, model), PredictorService::Options{});
        started = service->start();
    });
    const Status listening = network.listen(endpoint, "predictor");
    if (listening.ok()) {
        say("predictor listens at " + endpoint);
        while (waitForSignal(1000) == 0) {
        }
    }
    side.callOff();
    strand.stop();
    service.reset();
    if (!listening.ok()) return reportError(listening.error());
    return started.ok() ? 0 : reportError(started.error());
}

// The model may be a program that never ends: it is not waited for.
int runPredictor(const std::string& endpoint, const std::string& modelPath)
{
    constexpr Nanos kModelPatience = 1s;
    const Status written = checkEndpoint("--listen: listen at", endpoint);
    if (!written.ok()) return reportError(written.error());
    blockSignals();
    SideThread side("fs-model", "the model");
    const int code = servePredictor(endpoint, modelPath, side);
    if (!side.end(kModelPatience)) leaveAtOnce(code);
    return code;
}

void addTrain(CLI::App& predict, int& exitCode)
{
    const auto options = std::make_shared<TrainOptions>();
    CLI::App* command =
        predict.add_subcommand("train", "train a TorchScript model and write its manifest");
    command->add_option("--trace", options->traces,
                        "CSV files of load series, beside generated streams");
    command->add_option("--column", options->column, "column of the traces (the last one)");
    command->add_option("--out", options->out, "model file to write")->required();
    command->add_option("--seed", options->seed, "of the generated streams and the weights");
    command->add_option("--epochs", options->epochs, "passes over the data");
    command->callback([options, &exitCode] {
        auto streams = trainingStreams(options->seed);
        auto heldOut = heldOutStreams();
        if (!streams.ok() || !heldOut.ok()) {
            exitCode = reportError(streams.ok() ? heldOut.error() : streams.error());
            return;
        }
        options->streams = std::move(streams).value();
        options->heldOut = std::move(heldOut).value();
        PosixDisk disk;
        const StrandThread clock("fs-clock");
        options->modulePaths = predictorModulePaths();
        options->wallMs = clock.wallNow();
        options->log = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
        exitCode = print(trainCommand(disk, *options));
    });
}

}  // namespace

void addPredictCommands(CLI::App& app, int& exitCode)
{
    CLI::App* predict = app.add_subcommand("predict", "train or score a load model");
    predict->require_subcommand(1);
    addTrain(*predict, exitCode);
    const auto eval = std::make_shared<EvalOptions>();
    CLI::App* command = predict->add_subcommand("eval", "score the model on a trace");
    command->add_option("--trace", eval->trace, "CSV file with a header")->required();
    command->add_option("--column", eval->column, "column with the values (the last one)");
    command->add_option("--horizons", eval->horizons, "steps ahead, e.g. 1,5,10")->delimiter(',');
    command->add_option("--train-fraction", eval->trainFraction, "part used for fitting");
    command->add_option("--model", eval->modelPath, "model file (the shipped one)");
    command->add_flag_function(
        "--json", [](std::int64_t) {}, "answers are always JSON");
    command->callback([eval, &exitCode] {
        PosixDisk disk;
        if (eval->modelPath.empty()) eval->modelPath = findModel();
        eval->modulePaths = predictorModulePaths();
        exitCode = print(evalCommand(disk, *eval));
    });
    struct Flags {
        std::string listen;
        std::string model;
    };
    const auto flags = std::make_shared<Flags>();
    command = app.add_subcommand("predictor", "the Shard Predictor as a microservice");
    command->add_option("--listen", flags->listen, "endpoint, e.g. ipc:///run/predictor.sock")
        ->required();
    command->add_option("--model", flags->model, "model file (the shipped one)");
    command->callback([flags, &exitCode] {
        exitCode = runPredictor(flags->listen, flags->model.empty() ? findModel() : flags->model);
    });
}

}  // namespace foreshard
