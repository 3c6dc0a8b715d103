#pragma once
// What the history of a data directory tells, as plain values: each list bounded, oldest first.
#include "engine/model/checkpoint.h"
#include "engine/model/snapshot.h"

#include <vector>

namespace foreshard {

struct HistoryPicture {
    std::vector<CheckpointInfo> checkpoints;
    std::vector<RecoverySnapshot> recoveries;
    std::vector<MoveSnapshot> moves;  // each in its newest phase
    std::vector<EventSnapshot> events;
    std::vector<ClusterSnapshot> samples;  // of shards, nodes and totals what was kept
    WallMillis samplesUntilMs = 0;         // of the newest sample, also when it was read before
};

}  // namespace foreshard
