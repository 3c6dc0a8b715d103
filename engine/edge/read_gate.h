#pragma once
// ReadGate decides whether the edge reads on, writes what it has read, or waits, and for what.
// Pure.
#include "engine/box/whole_batches.h"

#include <cstdint>
#include <functional>

namespace foreshard {

enum class ReadStep : std::uint8_t {
    kRest,            // nothing to do before somebody wakes the reading
    kWaitForSpace,    // the disk has no room for more input
    kWaitForBacklog,  // too much is durable and not applied
    kRead,
    kWrite,  // a batch that was read is still to be handed to the boxes
};

struct ReadState {
    bool routed = false;          // the owners of the shards are known
    bool failed = false;          // the edge had to stop
    bool over = false;            // the source has ended, or nothing more is to be read
    bool holdsUnwritten = false;  // a batch was read and is in no box
    std::uint64_t batchesInFlight = 0;
    std::uint64_t backlogBytes = 0;
};

class ReadGate {
public:
    explicit ReadGate(std::uint64_t backlogBytesMax) : backlogBytesMax_(backlogBytesMax) {}

    // `spaceIsLow` is asked when nothing else keeps the edge from going on.
    ReadStep next(const ReadState& state, const std::function<bool()>& spaceIsLow) const
    {
        if (state.failed || !state.routed) return ReadStep::kRest;
        // What was read already is written even when nothing more is to be read: a pipe cannot say
        // it again.
        if (state.over && !state.holdsUnwritten) return ReadStep::kRest;
        if (state.batchesInFlight >= kBatchesInFlightMax) return ReadStep::kRest;
        if (spaceIsLow()) return ReadStep::kWaitForSpace;
        if (state.holdsUnwritten) return ReadStep::kWrite;
        return state.backlogBytes > backlogBytesMax_ ? ReadStep::kWaitForBacklog : ReadStep::kRead;
    }

private:
    std::uint64_t backlogBytesMax_;
};

}  // namespace foreshard
