#pragma once
// Opens the buffer boxes of an edge and sets them behind what the listed checkpoints contain.
#include "engine/base/result.h"
#include "engine/box/box_store.h"
#include "engine/edge/backlog_core.h"
#include "engine/env/env.h"

#include <memory>
#include <string>
#include <vector>

namespace foreshard {

struct StartedBoxes {
    std::unique_ptr<BoxStore> boxes;
    BacklogCore backlog;
    std::vector<ShardId> shards;  // of which a checkpoint is listed
};

// kCorrupt: a checkpoint contains records that no box has, or has had; others as BoxStore::open().
Result<StartedBoxes> startBoxes(Env& env, const std::string& dataDirectory,
                                const BoxStore::Options& options);

}  // namespace foreshard
