#pragma once
// Everything in memory has a bound (ARCHITECTURE.md, "Limits"). Looks at what the edge, where
// the input piles up, holds now and then.
#include "engine/edge/edge_driver.h"
#include "engine/simulate/checkers/violations.h"
#include "engine/simulate/cluster_shape.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace foreshard::sim {

class MemoryChecker {
public:
    MemoryChecker(Violations& violations, const ClusterShape& shape)
        : violations_(violations), shape_(shape)
    {
    }

    // Over each limit the piece may lie that made it full: a batch, a frame.
    void check(const EdgeDriver::Held& held)
    {
        // Packed, the shortest records are several times as long as their text.
        const std::uint64_t batch = 16 * shape_.batchBytes + kPieceBytes;
        const std::uint64_t frame = shape_.frameBytes + kPieceBytes;
        within("not applied", held.backlogBytes, shape_.backlogBytesMax + batch);
        within("cached", held.cacheBytes, std::max(shape_.cacheBytesMax, frame));
        within("sent and not confirmed", held.inFlightBytes, shape_.windowBytes + frame);
    }

private:
    // The longest record of a simulated stream, packed, and the head of a frame.
    static constexpr std::uint64_t kPieceBytes = 4096;

    void within(const char* what, std::uint64_t bytes, std::uint64_t most)
    {
        if (bytes <= most) return;
        violations_.report("memory", "the edge holds " + std::to_string(bytes) + " bytes " + what
                                         + ", where " + std::to_string(most) + " are the limit");
    }

    Violations& violations_;
    const ClusterShape& shape_;
};

}  // namespace foreshard::sim
