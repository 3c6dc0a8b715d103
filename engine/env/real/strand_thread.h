#pragma once
// A Strand on a thread of its own: a queue of tasks and a list of timers, run one at a time.
// Tasks run without the lock held; the queue is taken over whole, so that a busy poster and the
// strand meet once per batch, not once per task.
#include "engine/env/env.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace foreshard {

class StrandThread final : public Strand {
public:
    // `name` is shown by ps and debuggers; the system keeps its first 15 bytes.
    explicit StrandThread(const std::string& name);
    ~StrandThread() override;
    StrandThread(const StrandThread&) = delete;
    StrandThread& operator=(const StrandThread&) = delete;

    // Nanoseconds since the process started, the same for every strand.
    Instant now() const override;
    WallMillis wallNow() const override;
    // Both drop the task in silence once stop() was called.
    void post(Task task) override;
    // Timers run in order of (time, call). A delay below zero counts as zero.
    void postAfter(Nanos delay, Task task) override;
    // Spins when `busy`, sleeps otherwise. REQUIRES: called on this strand.
    void spend(Nanos cost, bool busy) override;

    // Finishes what is due now, drops the other timers, waits for the thread. May be called again.
    // REQUIRES: not called on this strand.
    void stop();
    bool onThisThread() const;
    // Any thread: a task runs, or is due and waits for the machine. False when there is nothing to
    // do. Needs nothing of this strand.
    bool behind() const;

private:
    using TimerKey = std::pair<Instant, std::uint64_t>;

    void run();
    bool takeDue(std::vector<Task>& batch);
    void waitForWork(std::unique_lock<std::mutex>& lock);

    mutable std::mutex mutex_;  // guards the six members below it
    std::condition_variable wake_;
    std::vector<Task> queue_;
    std::map<TimerKey, Task> timers_;
    std::uint64_t timersMade_ = 0;
    bool sleeping_ = false;
    bool stopping_ = false;

    std::mutex joinMutex_;
    std::thread thread_;
    std::thread::id threadId_;
};

}  // namespace foreshard
