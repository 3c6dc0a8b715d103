#include "engine/env/real/helper_thread.h"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace foreshard {

void nameThisThread(const std::string& name)
{
    constexpr std::size_t kNameMax = 15;
    pthread_setname_np(pthread_self(), name.substr(0, kNameMax).c_str());
}

std::thread startHelperThread(const std::string& name, std::function<void()> body)
{
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    // Faults must still reach the handlers of debuggers, sanitizers and profilers.
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF})
        sigdelset(&blocked, fault);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);  // a new thread inherits the mask
    try {
        std::thread thread([name, body = std::move(body)] {
            nameThisThread(name);
            body();
        });
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return thread;
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
}

}  // namespace foreshard
