// `foreshard bench NAME`: figures beside the limits they were measured against in the same run.
#include "app/bench/bench.h"
#include "app/cli/commands.h"

#include <CLI/CLI.hpp>
#include <memory>

namespace foreshard {

void addBenchCommand(CLI::App& app, int& exitCode)
{
    const auto options = std::make_shared<BenchOptions>();
    CLI::App* command = app.add_subcommand("bench", "measure against limits of the same run");
    std::string names;
    for (const std::string& name : benchNames())
        names += (names.empty() ? "" : ", ") + name;
    command->add_option("name", options->name, names)->required();
    command->add_option("--seconds", options->seconds, "length of one part (3)");
    command->add_option("--rounds", options->rounds, "rounds of all parts in turn (3)");
    command->add_option("--directory", options->directory,
                        "where the files go; removed afterwards");
    command->add_flag("--json", options->json, "one JSON document");
    command->callback([options, &exitCode] {
        const Result<std::string> report = runBench(*options);
        exitCode = report.ok() ? printOut(*report) : reportError(report.error());
    });
}

}  // namespace foreshard
