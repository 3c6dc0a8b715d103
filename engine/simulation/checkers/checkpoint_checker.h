#pragma once
// Invariant I3, from outside. What the edge has handed out as durable stays; no checkpoint contains
// more than that; a checkpoint holds exactly the state its frames lead to; boxes are cut behind the
// second-newest one at most; and after a crash the disk holds a restorable one of every shard that
// ever had one, and every frame behind the second-newest.
#include "engine/archive/archive.h"
#include "engine/checkpoint/manifest_core.h"
#include "engine/env/env.h"
#include "engine/model/checkpoint.h"
#include "engine/model/message.h"
#include "engine/simulation/checkers/frame_ledger.h"
#include "engine/simulation/checkers/listed_checkpoints.h"
#include "engine/simulation/checkers/violations.h"

#include <map>
#include <string>
#include <utility>

namespace foreshard::sim {

class CheckpointChecker {
public:
    // `disk` is a door that no crash closes. What is given outlives it.
    CheckpointChecker(Violations& violations, const FrameLedger& ledger, Disk& disk,
                      std::string dataDirectory)
        : violations_(violations),
          ledger_(ledger),
          disk_(disk),
          dataDirectory_(std::move(dataDirectory))
    {
    }

    void onSubscribed(const Subscribed& subscribed);
    void onDone(const CheckpointDone& done);
    void onCommitted(const CheckpointCommitted& committed) { listed_.committed(committed); }
    void onAssign(const Assign& assign);
    void onScrub(const ScrubRequest& request) { listed_.told(request.chain); }
    void onTruncate(const Truncate& truncate);
    // REQUIRES: nothing writes to the data directory.
    void checkDisk(const Archive& archive);

private:
    void checkContent(const CheckpointInfo& info);
    // The box holds everything of the shard behind this frame, at least.
    FrameNo secondThatHolds(ShardId shard) const;
    FrameNo cutBehind(const ManifestCore& manifest, ShardId shard);
    void noteSetBack(const std::vector<CheckpointInfo>& list);
    void checkRestorable(const std::vector<CheckpointInfo>& chain);
    void report(ShardId shard, const std::string& text);

    Violations& violations_;
    const FrameLedger& ledger_;
    Disk& disk_;
    std::string dataDirectory_;
    ListedCheckpoints listed_;
    std::map<ShardId, std::pair<std::string, std::uint64_t>> checked_;  // file and position
    // How far the boxes may have been cut, and by which line it was last taken back.
    std::map<ShardId, FrameNo> cut_;
    std::map<ShardId, CheckpointId> setBack_;
};

}  // namespace foreshard::sim
