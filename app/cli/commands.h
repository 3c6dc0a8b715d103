#pragma once
// The subcommands of `foreshard`. Each adds itself to the command line and leaves its exit code in
// `exitCode` when it was chosen.
#include "engine/base/result.h"

#include <functional>
#include <string>

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
// All of it, also when the reader is gone; false then.
bool writeOut(const std::string& text);

// Blocks SIGINT and SIGTERM in this and all later threads, so that waitForSignal sees them.
void blockSignals();
// A SIGINT or SIGTERM that has come, else 0 after at most `milliseconds`.
int waitForSignal(int milliseconds);

}  // namespace foreshard
