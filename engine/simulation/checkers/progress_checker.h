#pragma once
// Liveness: once the faults are over, the stream must come to its end within a bounded time.
#include "engine/base/time.h"
#include "engine/simulation/checkers/violations.h"

#include <optional>
#include <string>

namespace foreshard::sim {

class ProgressChecker {
public:
    ProgressChecker(Violations& violations, Instant deadline)
        : violations_(violations), deadline_(deadline)
    {
    }

    Instant deadline() const { return deadline_; }
    // `standing` says for people how far the cluster has come, `laggard` is a shard behind.
    void check(bool finished, const std::string& standing, std::optional<ShardId> laggard)
    {
        if (!finished) violations_.report("progress", "not done in time: " + standing, laggard);
    }

private:
    Violations& violations_;
    Instant deadline_;
};

}  // namespace foreshard::sim
