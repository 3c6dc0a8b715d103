#pragma once
// The subcommands of `foreshard`. Each adds itself to the command line and leaves its exit code in
// `exitCode` when it was chosen.
#include "engine/base/result.h"

#include <functional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace foreshard {

void addRunCommand(CLI::App& app, int& exitCode);
void addDataCommands(CLI::App& app, int& exitCode);  // results, rebuild, locate, verify
void addDeadletterCommand(CLI::App& app, int& exitCode);
void addPredictCommands(CLI::App& app, int& exitCode);  // predict train, predict eval, predictor
void addHistoryCommand(CLI::App& app, int& exitCode);
void addCtlCommand(CLI::App& app, int& exitCode);
void addSimulateCommand(CLI::App& app, int& exitCode);
void addBenchCommand(CLI::App& app, int& exitCode);
void addSinkCommand(CLI::App& app, int& exitCode);
void addCrashPointsCommand(CLI::App& app, int& exitCode);

// Arms the crash point that FORESHARD_CRASH_AT names, if any. REQUIRES: no other thread runs.
Status armCrashPointFromEnvironment();

// 0 done, 1 failed, 2 wrong usage or configuration, 3 gap, 4 damage, 5 refused.
int exitCodeOf(Errc code);
// Prints "foreshard: <message>" on standard error and gives the exit code.
int reportError(const Error& error);
// All of it, also when the reader is gone; false then. What comes from outside (keys, paths, names)
// may hold codes that command a terminal: there it is escaped; a file and a pipe get it exactly.
bool writeOut(const std::string& text);
// writeOut, with words on standard error when it fails; the exit code.
int printOut(const std::string& text);
// A field of a line for writeOut: on a terminal it cannot begin a line of its own either.
std::string shown(const std::string& field);
bool onTerminal();  // standard output is one
// "foreshard: <text>" on standard error, for people: one line, escaped wherever that goes.
void say(std::string_view text);

// kNotFound when there is no such folder, or no engine has taken a stream in there.
Status checkDataFolder(const std::string& data);

// Ends the process without the destructors of libraries, under which a thread still works.
[[noreturn]] void leaveAtOnce(int exitCode);

// Blocks SIGINT and SIGTERM in this and all later threads, so that waitForSignal sees them.
void blockSignals();
// A SIGINT or SIGTERM that has come, else 0 after at most `milliseconds`.
int waitForSignal(int milliseconds);

}  // namespace foreshard
