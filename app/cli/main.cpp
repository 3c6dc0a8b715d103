#include "app/cli/commands.h"
#include "app/cli/config_file.h"
#include "app/program_paths.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>

namespace foreshard {

int exitCodeOf(Errc code)
{
    switch (code) {
        case Errc::kInvalid:
        case Errc::kUnsupported:
            return 2;
        case Errc::kGap:
            return 3;
        case Errc::kCorrupt:
            return 4;
        case Errc::kBusy:
        case Errc::kReadOnly:
        case Errc::kStale:
            return 5;
        case Errc::kNotFound:
        case Errc::kIo:
        case Errc::kNoSpace:
        case Errc::kUnavailable:
        case Errc::kTimeout:
            return 1;
    }
    return 1;
}

int reportError(const Error& error)
{
    std::fprintf(stderr, "foreshard: %s\n", error.message.c_str());
    return exitCodeOf(error.code);
}

bool writeOut(const std::string& text)
{
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
}

void blockSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

int waitForSignal(int milliseconds)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    const timespec timeout{milliseconds / 1000, (milliseconds % 1000) * 1'000'000L};
    const int signal = sigtimedwait(&set, nullptr, &timeout);
    return signal > 0 ? signal : 0;
}

}  // namespace foreshard

int main(int argc, char** argv)
{
    using namespace foreshard;
    // A reader that has gone away is an error of that write, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    // So is a file that would pass the size limit of the process.
    std::signal(SIGXFSZ, SIG_IGN);
    if (const Status armed = armCrashPointFromEnvironment(); !armed.ok())
        return reportError(armed.error());
    CLI::App app{
        "Foreshard: dynamic data sharding with predictive checkpointing.\n"
        "Shards a stream by predicted load, keeps it in buffer boxes, checkpoints every "
        "shard at its own pace,\nand loses and repeats nothing.",
        "foreshard"};
    app.set_version_flag("--version", std::string("foreshard ") + programVersion());
    app.set_config("--config", "", "options from a TOML file, a [section] per command");
    const auto config = std::make_shared<ConfigFile>(app);
    app.config_formatter(config);
    app.require_subcommand(1);
    app.fallthrough();
    app.footer(
        "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 the data has a gap, "
        "4 damaged data, 5 refused.");
    int exitCode = 0;
    addRunCommand(app, exitCode);
    addDataCommands(app, exitCode);
    addDeadletterCommand(app, exitCode);
    addHistoryCommand(app, exitCode);
    addCtlCommand(app, exitCode);
    addPredictCommands(app, exitCode);
    addSimulateCommand(app, exitCode);
    addBenchCommand(app, exitCode);
    addCrashPointsCommand(app, exitCode);
    addSinkCommand(app, exitCode);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ConfigError& error) {
        std::fprintf(stderr, "foreshard: %s, %s: correct the file\n",
                     app.get_config_ptr()->as<std::string>().c_str(), error.what());
        return 2;
    } catch (const CLI::ParseError& error) {
        if (const std::string place = config->placeOf(error.what()); !place.empty()) {
            std::fprintf(stderr, "foreshard: %s, %s%s: correct the file\n",
                         app.get_config_ptr()->as<std::string>().c_str(), place.c_str(),
                         error.what());
            return 2;
        }
        if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
        std::fprintf(stderr,
                     "foreshard: %s: the command line is not understood: see `foreshard --help`\n",
                     error.what());
        return 2;
    }
    if (std::fflush(stdout) != 0 && exitCode == 0) {
        return reportError(Error{Errc::kIo,
                                 "write to standard output: it is closed or full: "
                                 "give it a reader or room"});
    }
    return exitCode;
}
