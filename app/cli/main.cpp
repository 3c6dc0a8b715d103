#include "app/cli/commands.h"
#include "app/cli/config_file.h"
#include "app/cli/usage_advice.h"
#include "app/program_paths.h"
#include "app/unused_directory.h"
#include "engine/env/real/last_words.h"
#include "engine/env/real/posix_disk.h"
#include "engine/model/plain_text.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace foreshard {
namespace {

Error noOutput()
{
    return {Errc::kIo, "write to standard output: it is closed or full: give it a reader or room"};
}

}  // namespace

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
    say(error.message);
    return exitCodeOf(error.code);
}

void say(std::string_view text)
{
    std::fprintf(stderr, "foreshard: %s\n", printable(text).c_str());
}

bool onTerminal() { return isatty(STDOUT_FILENO) == 1; }

std::string shown(const std::string& field) { return onTerminal() ? printable(field) : field; }

bool writeOut(const std::string& text)
{
    const std::string out = onTerminal() ? printable(text, LineEnds::kKeep) : text;
    return std::fwrite(out.data(), 1, out.size(), stdout) == out.size();
}

int printOut(const std::string& text) { return writeOut(text) ? 0 : reportError(noOutput()); }

Status checkDataFolder(const std::string& data)
{
    constexpr const char* kNextStep = ": give the directory that `run --data` was given";
    std::error_code error;
    const bool folder = std::filesystem::is_directory(data, error);
    if (error == std::errc::permission_denied) {
        return Error{Errc::kReadOnly, "open " + data
                                          + ": permission denied: run as the owner of the folder "
                                            "or change its permissions"};
    }
    if (!folder) {
        return Error{Errc::kNotFound,
                     data + " holds no stream: it is missing or no folder" + kNextStep};
    }
    PosixDisk disk;
    if (!tookNoStream(disk, data)) return {};
    return Error{Errc::kNotFound,
                 data + " holds no stream: no engine has taken a record in there yet" + kNextStep};
}

void leaveAtOnce(int exitCode)
{
    if (std::fflush(stdout) != 0 && exitCode == 0) exitCode = reportError(noOutput());
    _exit(exitCode);
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
    installLastWords("foreshard");
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
    takePlainNumbersOnly(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ConfigError& error) {
        say(app.get_config_ptr()->as<std::string>() + ", " + error.what() + ": correct the file");
        return 2;
    } catch (const CLI::ParseError& error) {
        if (const std::string place = config->placeOf(error.what()); !place.empty()) {
            say(app.get_config_ptr()->as<std::string>() + ", " + place + error.what()
                + ": correct the file");
            return 2;
        }
        if (error.get_exit_code() != 0) {
            say(usageAdvice(app, {argv + 1, argv + argc}, error.what()));
            return 2;
        }
        exitCode = app.exit(error);  // --help, --version
    }
    const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    return written || exitCode != 0 ? exitCode : reportError(noOutput());
}
