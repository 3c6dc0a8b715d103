#include "engine/env/real/side_thread.h"

#include "engine/env/real/helper_thread.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <utility>

namespace foreshard {

struct SideThread::State {
    std::mutex mutex;  // guards all below
    std::condition_variable changed;
    std::function<void()> next;
    std::uint64_t asked = 0;
    std::uint64_t finished = 0;
    std::string failure;  // of the last work: what it threw
    bool calledOff = false;
    bool busy = false;  // from the asking until what the work owned is gone

    bool settled(std::uint64_t turn) const { return finished >= turn || calledOff; }
};

SideThread::SideThread(std::string name, std::string what)
    : name_(std::move(name)), what_(std::move(what)), state_(std::make_shared<State>())
{
}

SideThread::~SideThread()
{
    if (!end(Nanos{0})) thread_.detach();
}

void SideThread::serve(const std::shared_ptr<State>& state)
{
    std::unique_lock lock(state->mutex);
    for (;;) {
        state->changed.wait(lock, [&] { return state->next || state->calledOff; });
        if (!state->next) return;
        std::function<void()> work = std::exchange(state->next, nullptr);
        lock.unlock();
        std::string failure;
        try {
            work();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        work = nullptr;  // what it owned goes here, without the lock
        lock.lock();
        state->failure = std::move(failure);
        ++state->finished;
        state->busy = false;
        state->changed.notify_all();
    }
}

Status SideThread::run(std::function<void()> work, Nanos patience)
{
    std::unique_lock lock(state_->mutex);
    if (state_->calledOff)
        return Error{Errc::kUnavailable, what_ + " is not asked: the program is ending: start it "
                                                 "again"};
    if (state_->busy)
        return Error{Errc::kUnavailable, what_ + " does not answer: it still works at an earlier "
                                                 "question: it is slow or never ends: replace it"};
    if (!thread_.joinable()) {
        try {
            thread_ = startHelperThread(name_, [state = state_] { serve(state); });
        } catch (const std::system_error& error) {
            return Error{Errc::kUnavailable, "start a thread for " + what_ + ": " + error.what()
                                                 + ": raise the limit (ulimit -u, -v)"};
        }
    }
    const std::uint64_t turn = ++state_->asked;
    state_->next = std::move(work);
    state_->busy = true;
    state_->changed.notify_all();
    const bool settled =
        state_->changed.wait_for(lock, patience, [&] { return state_->settled(turn); });
    if (state_->finished >= turn) {
        if (state_->failure.empty()) return {};
        return Error{Errc::kUnavailable, what_ + " failed: " + state_->failure
                                             + ": out of memory, or it is unfit: replace it"};
    }
    if (settled)
        return Error{Errc::kUnavailable,
                     what_ + " was not waited for: the program is ending: start it again"};
    return Error{Errc::kUnavailable,
                 what_ + " does not answer: it is slow or never ends: replace it"};
}

void SideThread::callOff()
{
    const std::lock_guard lock(state_->mutex);
    state_->calledOff = true;
    // What nobody has begun is not begun any more.
    if (std::exchange(state_->next, nullptr)) state_->busy = false;
    state_->changed.notify_all();
}

bool SideThread::end(Nanos patience)
{
    callOff();
    std::unique_lock lock(state_->mutex);
    if (!state_->changed.wait_for(lock, patience, [&] { return !state_->busy; })) return false;
    lock.unlock();
    // It has nothing left to do; what it keeps for itself goes before the libraries do.
    if (thread_.joinable()) thread_.join();
    return true;
}

}  // namespace foreshard
