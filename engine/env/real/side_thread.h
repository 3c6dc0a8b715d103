#pragma once
// A thread for work that may never come back: a model is a program of somebody else. Whoever asks
// waits with patience and can be called off; a thread that still works is never joined. What the
// work touches it must own (shared_ptr), since it may outlive everything else in the process.
#include "engine/base/result.h"
#include "engine/base/time.h"

#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace foreshard {

class SideThread {
public:
    // `what` names the work in errors: "the model".
    SideThread(std::string name, std::string what);
    ~SideThread();  // end() without patience
    SideThread(const SideThread&) = delete;
    SideThread& operator=(const SideThread&) = delete;

    // Runs `work` there and waits for its end. kUnavailable when it threw, when it took longer
    // than `patience`, when an earlier one is not over yet, or when it was called off; `work` may
    // still be running then, and whatever it left behind must not be read. One caller at a time.
    Status run(std::function<void()> work, Nanos patience);
    // Any thread: whoever waits in run() comes back, and no work begins any more.
    void callOff();
    // callOff(), then true when no work was running within `patience`. When false the process must
    // end with _exit: the destructors of libraries would go under the running work.
    bool end(Nanos patience);

private:
    struct State;
    static void serve(const std::shared_ptr<State>& state);

    std::string name_;
    std::string what_;
    std::shared_ptr<State> state_;
    std::thread thread_;
};

}  // namespace foreshard
