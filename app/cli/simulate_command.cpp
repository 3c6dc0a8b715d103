// `foreshard simulate --seed A..B`: the whole cluster on a virtual clock, with seeded faults.
#include "engine/simulation/simulate_command.h"

#include "app/cli/commands.h"
#include "engine/env/real/strand_thread.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <memory>

namespace foreshard {
namespace {

bool parseNumber(std::string_view text, std::uint64_t& number)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// "7" or "1..200".
bool parseSeeds(std::string_view text, sim::SimulateCommand& command)
{
    const std::size_t dots = text.find("..");
    if (!parseNumber(text.substr(0, dots), command.first)) return false;
    command.last = command.first;
    if (dots == std::string_view::npos) return true;
    return parseNumber(text.substr(dots + 2), command.last) && command.last >= command.first;
}

int simulate(const std::string& seeds, sim::SimulateCommand& command)
{
    if (!parseSeeds(seeds, command)) {
        return reportError(Error{Errc::kInvalid, "--seed " + seeds
                                                     + " is not understood: give one seed, or "
                                                       "first..last"});
    }
    if (const Status status = sim::checkSimulateCommand(command); !status.ok())
        return reportError(status.error());
    const StrandThread clock("fs-clock");
    command.realNow = [&clock] { return clock.now(); };
    return sim::runSimulateCommand(command, std::cout);
}

}  // namespace

void addSimulateCommand(CLI::App& app, int& exitCode)
{
    struct Flags {
        std::string seeds;
        sim::SimulateCommand command;
    };
    const auto flags = std::make_shared<Flags>();
    CLI::App* command =
        app.add_subcommand("simulate", "the whole cluster on a virtual clock, with seeded faults");
    command->add_option("--seed", flags->seeds, "one seed, or first..last")->required();
    command->add_option("--minutes", flags->command.minutes, "virtual minutes per seed");
    command->add_option("--faults", flags->command.faults, "all, none, or names with commas");
    command->add_flag("--explain", flags->command.explain,
                      "the whole history: of the one seed, or of each that fails");
    command->add_option("--mutant", flags->command.mutant,
                        "carry a planted bug, or `all` in turn (build preset `mutants`)");
    command->add_flag("--json", flags->command.json, "JSON");
    command->callback([flags, &exitCode] { exitCode = simulate(flags->seeds, flags->command); });
}

}  // namespace foreshard
