#pragma once
// A strand in virtual time. It belongs to one process: a crash stops it for good (later posts are
// dropped), a pause freezes it. Owned by the World, lives as long as it.
#include "engine/env/env.h"
#include "engine/env/sim/event_queue.h"

#include <deque>
#include <string>

namespace foreshard::sim {

class World;

class SimStrand final : public Strand {
public:
    SimStrand(World& world, ProcessId process, std::string name);

    const std::string& name() const { return label_.name; }
    ProcessId process() const { return process_; }

    // The world's time, plus what the running task has spent.
    Instant now() const override;
    WallMillis wallNow() const override;
    void post(Task task) override;
    void postAfter(Nanos delay, Task task) override;
    // Moves this strand's clock on and keeps it from its next task until then. `busy` makes no
    // difference to virtual time.
    void spend(Nanos cost, bool busy) override;

private:
    friend class World;

    World& world_;
    ProcessId process_;
    Label label_;
    std::deque<Task> waiting_;
    Instant busyUntil_;
    Instant pausedUntil_;
    bool running_ = false;
    bool wakeComing_ = false;
};

}  // namespace foreshard::sim
