#pragma once
// What happens when the operator ends the process: a signal handler marks the record in its
// witness slot and, if that is wanted, starts this program again in place (execve: same process
// id, same arguments), so that an unattended run goes on. A signal that is not the operator's, or a
// kill from outside, is never touched.
//
// A signal handler can be given nothing, so what it needs is static here; everything it does is
// async-signal-safe.
#include "engine/env/operator_watch.h"

#include <string>

namespace foreshard {

class CrashHandler {
public:
    // A program that was started again so often by itself gives up.
    static constexpr int kRestartsMax = 1000;

    // For SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT. `noRestart` says why the program is not to
    // be started again; empty: it is. The last call counts.
    static void install(const std::string& noRestart);
    // From now on the calling thread runs the operator that writes `slot`; null: no more.
    static void watchThisThread(WitnessSlot* slot);
    // Somebody has asked for the end: a crash ends the program now.
    static void stopRestarting();
    // The operator of `slot` does not come back: marks it, and starts the program again or ends it.
    [[noreturn]] static void endHung(WitnessSlot& slot);
};

}  // namespace foreshard
