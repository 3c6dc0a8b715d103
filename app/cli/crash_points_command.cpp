// `foreshard crash-points`: the places at which FORESHARD_CRASH_AT can end this program.
#include "app/cli/commands.h"
#include "engine/base/crash_point.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

namespace foreshard {
namespace {

int printCrashPoints()
{
    std::size_t width = 0;
    for (const CrashPointName& point : kCrashPoints)
        width = std::max(width, point.name.size());
    std::string text;
    for (const CrashPointName& point : kCrashPoints) {
        text += std::string(point.name) + std::string(width + 2 - point.name.size(), ' ')
                + std::string(point.where) + "\n";
    }
    if (writeOut(text)) return 0;
    return reportError(Error{Errc::kIo,
                             "write to standard output: it is closed or full: "
                             "give it a reader or room"});
}

}  // namespace

Status armCrashPointFromEnvironment()
{
    const char* words = std::getenv("FORESHARD_CRASH_AT");
    return words == nullptr ? Status{} : armCrashPoint(words);
}

void addCrashPointsCommand(CLI::App& app, int& exitCode)
{
    CLI::App* command = app.add_subcommand(
        "crash-points",
        "for tests: the points at which FORESHARD_CRASH_AT=POINT:N[:stop] kills or stops");
    command->callback([&exitCode] { exitCode = printCrashPoints(); });
}

}  // namespace foreshard
