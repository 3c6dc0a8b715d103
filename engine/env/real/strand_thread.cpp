#include "engine/env/real/strand_thread.h"

#include "engine/base/check.h"
#include "engine/env/real/helper_thread.h"

#include <algorithm>
#include <chrono>

namespace foreshard {
namespace {

using Clock = std::chrono::steady_clock;

// Keeps now + delay far from overflow.
constexpr Nanos kDelayMax = std::chrono::hours{24 * 365};

Clock::time_point processStart()
{
    static const Clock::time_point start = Clock::now();
    return start;
}

// Taken while the program loads, so that no strand sees a time before it.
[[maybe_unused]] const Clock::time_point kStartTaken = processStart();

Instant readClock() { return {duration_cast<Nanos>(Clock::now() - processStart()).count()}; }

}  // namespace

StrandThread::StrandThread(const std::string& name)
{
    thread_ = std::thread([this, name] {
        nameThisThread(name);
        run();
    });
    threadId_ = thread_.get_id();
}

StrandThread::~StrandThread() { stop(); }

Instant StrandThread::now() const { return readClock(); }

WallMillis StrandThread::wallNow() const
{
    const auto sinceEpoch = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<std::chrono::milliseconds>(sinceEpoch).count();
}

void StrandThread::post(Task task)
{
    bool mustWake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        queue_.push_back(std::move(task));
        mustWake = std::exchange(sleeping_, false);
    }
    if (mustWake) wake_.notify_one();
}

void StrandThread::postAfter(Nanos delay, Task task)
{
    const Instant due = now() + std::clamp(delay, Nanos{0}, kDelayMax);
    bool mustWake = false;
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        const auto place = timers_.emplace(TimerKey{due, timersMade_++}, std::move(task)).first;
        // Only a new first timer shortens the sleep.
        if (place == timers_.begin()) mustWake = std::exchange(sleeping_, false);
    }
    if (mustWake) wake_.notify_one();
}

void StrandThread::spend(Nanos cost, bool busy)
{
    if (!busy) {
        std::this_thread::sleep_for(cost);
        return;
    }
    const Instant end = now() + cost;
    while (now() < end) {
    }
}

void StrandThread::stop()
{
    FS_CHECK(!onThisThread());
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        sleeping_ = false;
    }
    wake_.notify_one();
    const std::lock_guard lock(joinMutex_);
    if (thread_.joinable()) thread_.join();
}

bool StrandThread::onThisThread() const { return std::this_thread::get_id() == threadId_; }

bool StrandThread::behind() const
{
    const Instant at = now();
    const std::lock_guard lock(mutex_);
    return !sleeping_ || (!timers_.empty() && timers_.begin()->first.first <= at);
}

void StrandThread::run()
{
    std::vector<Task> batch;
    while (takeDue(batch)) {
        for (Task& task : batch) {
            task();
            task = nullptr;  // what it captured goes now, on this strand
        }
        batch.clear();
    }
    std::map<TimerKey, Task> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(timers_);  // declared before the lock: goes after it, still on this strand
}

// Waits for work and moves it to `batch` (empty on entry); false when the strand is to end.
bool StrandThread::takeDue(std::vector<Task>& batch)
{
    std::unique_lock lock(mutex_);
    for (;;) {
        batch.swap(queue_);
        const Instant at = now();
        while (!timers_.empty() && timers_.begin()->first.first <= at)
            batch.push_back(std::move(timers_.extract(timers_.begin()).mapped()));
        if (!batch.empty()) return true;
        if (stopping_) return false;
        waitForWork(lock);
    }
}

void StrandThread::waitForWork(std::unique_lock<std::mutex>& lock)
{
    sleeping_ = true;
    if (timers_.empty()) {
        wake_.wait(lock, [this] { return !sleeping_; });
        return;
    }
    const auto due = processStart() + Nanos{timers_.begin()->first.first.nanos};
    wake_.wait_until(lock, due, [this] { return !sleeping_; });
    sleeping_ = false;
}

}  // namespace foreshard
