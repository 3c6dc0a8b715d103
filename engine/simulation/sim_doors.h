#pragma once
// For tests of the checkers: decorators around the doors of the engine's process, to plant a bug.
#include "engine/env/env.h"

#include <functional>
#include <memory>

namespace foreshard::sim {

struct SimDoors {
    std::function<std::unique_ptr<Disk>(Disk&)> disk;           // empty: as it is
    std::function<std::unique_ptr<Network>(Network&)> network;  // empty: as it is
};

}  // namespace foreshard::sim
