// `foreshard predict train|eval` and `foreshard predictor`.
#include "engine/predict/predict_commands.h"

#include "app/cli/commands.h"
#include "app/program_paths.h"
#include "app/stream_ticks.h"
#include "engine/env/real/posix_disk.h"
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/system_random.h"
#include "engine/env/real/zmq_network.h"
#include "engine/predict/predictor_service.h"
#include "engine/predict/torch_forecaster.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <utility>

namespace foreshard {
namespace {

int print(const Result<std::string>& json)
{
    if (!json.ok()) return reportError(json.error());
    return writeOut(*json + "\n") ? 0 : 1;
}

int servePredictor(const std::string& endpoint, const std::string& modelPath)
{
    blockSignals();
    PosixDisk disk;
    // Refused here and not at the first question: whoever starts it looks at this terminal.
    if (const Result<VerifiedModel> model = readModel(disk, modelPath); !model.ok()) {
        return reportError(model.error());
    }
    TorchForecaster probe(disk, {modelPath, predictorModulePaths()});
    if (const Status status = probe.load(); !status.ok()) return reportError(status.error());
    SystemRandom random;
    StrandThread strand("fs-predictor");
    ZmqNetwork network;
    Env env{strand, disk, network, random};
    std::unique_ptr<PredictorService> service;
    Status started;
    strand.post([&] {
        auto model = std::make_unique<TorchForecaster>(
            disk, TorchForecaster::Options{modelPath, predictorModulePaths()});
        service =
            std::make_unique<PredictorService>(env, std::move(model), PredictorService::Options{});
        started = service->start();
    });
    const Status listening = network.listen(endpoint, "predictor");
    if (!listening.ok()) {
        strand.stop();
        service.reset();
        return reportError(listening.error());
    }
    say("predictor listens at " + endpoint);
    while (waitForSignal(1000) == 0) {
    }
    strand.stop();
    service.reset();
    return started.ok() ? 0 : reportError(started.error());
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
        exitCode = servePredictor(flags->listen, flags->model.empty() ? findModel() : flags->model);
    });
}

}  // namespace foreshard
