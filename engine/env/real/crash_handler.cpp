#include "engine/env/real/crash_handler.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>
#include <sys/syscall.h>
#include <unistd.h>
#include <vector>

namespace foreshard {
namespace {

constexpr std::array<int, 5> kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr unsigned kCloseOnExec = 4;  // CLOSE_RANGE_CLOEXEC of linux/close_range.h
constexpr std::string_view kCounter = "FORESHARD_RESTARTS=";

// Everything that execve needs, laid out before it is needed.
struct RestartPlan {
    std::string commandLine;  // arguments, each with its zero
    std::vector<char*> arguments;
    std::vector<char*> environment;
    std::string counter;
    std::string noRestart;
    int restarts = 0;
};

std::atomic<RestartPlan*> planInForce{nullptr};
std::atomic<bool> stopping{false};
thread_local WitnessSlot* watched = nullptr;

// A stack of its own for the handler: the operator may have used up the thread's.
struct AlternateStack {
    AlternateStack() : memory(std::make_unique<char[]>(kBytes))
    {
        stack_t stack = {};
        stack.ss_sp = memory.get();
        stack.ss_size = kBytes;
        sigaltstack(&stack, nullptr);
    }
    ~AlternateStack()
    {
        stack_t none = {};
        none.ss_flags = SS_DISABLE;
        sigaltstack(&none, nullptr);
    }
    AlternateStack(const AlternateStack&) = delete;
    AlternateStack& operator=(const AlternateStack&) = delete;

    static constexpr std::size_t kBytes = 64U << 10U;
    std::unique_ptr<char[]> memory;
};

void say(std::string_view text)
{
    // Nothing can be done about a standard error that is gone.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

void sayEnd(const char* what, const RestartPlan* plan, bool again)
{
    say("foreshard: the operator ");
    say(what);
    if (again) return say(" on a record: starting again by itself\n");
    say(" on a record: the record is noted: ");
    const bool reason = plan != nullptr && !plan->noRestart.empty() && !stopping;
    say(reason ? plan->noRestart.c_str() : "start again with the same arguments to go on");
    say("\n");
}

bool mayRestart(const RestartPlan* plan)
{
    return plan != nullptr && plan->noRestart.empty() && !stopping
           && plan->restarts < CrashHandler::kRestartsMax;
}

// Comes back only when the program cannot be executed.
void startAgain(const RestartPlan& plan)
{
    sigset_t crashes;
    sigemptyset(&crashes);
    for (const int signal : kSignals)
        sigaddset(&crashes, signal);
    sigprocmask(SIG_UNBLOCK, &crashes, nullptr);
    // Not closed here: other threads still use them, and would notice.
    ::syscall(SYS_close_range, 3U, ~0U, kCloseOnExec);
    ::execve("/proc/self/exe", plan.arguments.data(), plan.environment.data());
    say("foreshard: start again: the program file cannot be executed: start it by hand\n");
}

void onSignal(int signal)
{
    WitnessSlot* const slot = watched;
    if (slot != nullptr && slot->inside.load() != 0) {
        slot->mark.store(static_cast<std::uint32_t>(signal));
        const RestartPlan* const plan = planInForce.load();
        const bool again = mayRestart(plan);
        sayEnd("crashed", plan, again);
        if (again) startAgain(*plan);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

std::unique_ptr<RestartPlan> makePlan(const std::string& noRestart)
{
    auto plan = std::make_unique<RestartPlan>();
    plan->noRestart = noRestart;
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    plan->commandLine.assign(std::istreambuf_iterator<char>(file), {});
    for (std::size_t at = 0; at < plan->commandLine.size();
         at += std::strlen(&plan->commandLine[at]) + 1)
        plan->arguments.push_back(&plan->commandLine[at]);
    plan->arguments.push_back(nullptr);
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (text.substr(0, kCounter.size()) != kCounter) {
            plan->environment.push_back(*variable);
            continue;
        }
        plan->restarts = std::atoi(*variable + kCounter.size());
    }
    plan->counter = std::string(kCounter) + std::to_string(plan->restarts + 1);
    plan->environment.push_back(plan->counter.data());
    plan->environment.push_back(nullptr);
    return plan;
}

}  // namespace

void CrashHandler::install(const std::string& noRestart)
{
    // The one before may be in use by a handler at this moment: it is small and stays.
    planInForce = makePlan(noRestart).release();
    stopping = false;
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_ONSTACK | SA_NODEFER;
    for (const int signal : kSignals)
        sigaction(signal, &action, nullptr);
}

void CrashHandler::watchThisThread(WitnessSlot* slot)
{
    static thread_local AlternateStack stack;
    static_cast<void>(stack);
    watched = slot;
}

void CrashHandler::stopRestarting() { stopping = true; }

void CrashHandler::endHung(WitnessSlot& slot)
{
    slot.mark.store(WitnessSlot::kHung);
    const RestartPlan* const plan = planInForce.load();
    const bool again = mayRestart(plan);
    sayEnd("hangs", plan, again);
    if (again) startAgain(*plan);
    ::_exit(1);
}

}  // namespace foreshard
