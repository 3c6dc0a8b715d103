#pragma once
// OwnershipCore sees to it that every shard has the owner that the shard map names, and gives it
// another one: after a node's return (a new epoch on the same node) and for a move. It reconciles
// by level: every report of a node is compared with the map, and what is missing is said again, so
// any message may be lost. Pure: effects say what is to be done; see effects.h.
#include "engine/base/time.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/load_tracker.h"
#include "engine/control/move_core.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class OwnershipCore {
public:
    // `endedWell`: the data directory is new, or the last engine in it ended well.
    OwnershipCore(const ControlView& view, const LoadTracker& loads, bool endedWell);

    // The epochs of this start are committed: owners may be told. `began`: since when the shards
    // have had no owner.
    void begin(Instant began);
    void reconcile(Instant now, const NodeReport& report, Effects& effects);
    // A node lives again: its shards get a new epoch each.
    void nodeReturned(Instant now, const NodeTable::Return& back, Effects& effects);
    // A shard is live again; nothing when that was its first owner, or followed a clean end.
    // REQUIRES: it was said in the epoch in force.
    std::optional<RecoverySnapshot> recovered(Instant now, const Recovered& recovered);

    // REQUIRES: the shard exists, no move of it is under way, and `to` is another node.
    void startMove(Instant now, PlanId plan, ShardId shard, NodeId to, const std::string& actor,
                   Effects& effects);
    void released(Instant now, const Released& released, Effects& effects);
    void step(Instant now, Effects& effects);
    const MoveCore* activeMove(ShardId shard) const;
    bool moving() const { return !moves_.empty(); }

    // The shard was given a new epoch to go back to an older checkpoint.
    void setBack(Instant now, ShardId shard);
    // Tells the owner at once, unless an append of the shard is under way.
    void assignNow(Instant now, ShardId shard, Effects& effects);
    void sendRoutes(Instant now, Effects& effects);
    void repeatRoutes(Instant now, Effects& effects);
    // Outcome of an append with a ticket of this part.
    void committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                   Effects& effects);

    // Records in the chain that the shard's owner was told to load.
    std::uint64_t assignedRecords(ShardId shard) const;
    std::uint64_t movesDone() const { return movesDone_; }
    std::uint64_t recoveriesDone() const { return recoveriesDone_; }
    std::uint64_t restoresDone() const { return restoresDone_; }

private:
    enum class Phase : std::uint8_t {
        kSettled,
        kTakingOver  // its next epoch is proposed and not yet committed
    };
    struct Shard {
        Phase phase = Phase::kSettled;
        Instant lastAssign;
        std::string cause = "start";  // why its present owner had to restore
        std::uint64_t assignedRecords = 0;
        Instant downSince;
        std::int64_t detectMs = 0;
    };
    // What a ticket of this part stands for.
    struct Proposal {
        std::vector<ShardAssignment> shards;
        std::string cause;
        std::string reason;
        bool isMove = false;
    };

    void assign(Instant now, ShardId shard, Effects& effects);
    void noteRestoreFromNothing(ShardId shard, Effects& effects) const;
    void takeOver(const std::vector<ShardId>& shards, const std::string& cause,
                  const std::string& reason, Effects& effects);
    std::vector<ShardId> stillAtEpochBefore(const std::vector<ShardAssignment>& proposed) const;
    void commitMove(Instant now, const MoveCore& move, Effects& effects);
    void moveCommitted(Instant now, ShardId shard, const Result<LogIndex>& index, Effects& effects);
    void noteLive(Instant now, const NodeReport& report, Effects& effects);
    void noteMove(Instant now, const MoveCore& move, Effects& effects) const;
    MoveCore* moveOf(ShardId shard);
    void propose(AssignmentEntry entry, Proposal proposal, Effects& effects);

    const ControlView& view_;
    const LoadTracker& loads_;
    bool endedWell_;
    std::map<ShardId, Shard> shards_;
    std::vector<MoveCore> moves_;
    std::map<std::uint64_t, Proposal> proposals_;
    std::uint64_t nextTicket_ = 1;
    Instant lastRoutes_;
    std::uint64_t movesDone_ = 0;
    std::uint64_t recoveriesDone_ = 0;
    std::uint64_t restoresDone_ = 0;
};

}  // namespace foreshard
