#include "engine/env/sim/sim_strand.h"

#include "engine/env/sim/world.h"

#include <algorithm>
#include <utility>

namespace foreshard::sim {

SimStrand::SimStrand(World& world, ProcessId process, std::string name)
    : world_(world), process_(process), label_(std::move(name))
{
}

Instant SimStrand::now() const
{
    return running_ ? std::max(world_.now(), busyUntil_) : world_.now();
}

WallMillis SimStrand::wallNow() const { return world_.wallAt(now()); }

void SimStrand::post(Task task) { world_.post(*this, world_.localNow(), std::move(task)); }

void SimStrand::postAfter(Nanos delay, Task task)
{
    world_.post(*this, world_.localNow() + std::max(delay, Nanos{0}), std::move(task));
}

void SimStrand::spend(Nanos cost, bool /*busy*/)
{
    busyUntil_ = std::max(world_.now(), busyUntil_) + std::max(cost, Nanos{0});
}

}  // namespace foreshard::sim
