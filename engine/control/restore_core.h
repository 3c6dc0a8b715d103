#pragma once
// RestoreCore sets a shard back to an older checkpoint, one phase behind the other: its chain is
// read back; the truncation fence is raised and the edge retains the frames behind the checkpoint
// again; the shard gets a new epoch; the checkpoint is listed once more as the newest. With that
// line it is done, and until then nothing is. The rest is a recovery. Pure: effects say what is to
// be done; see effects.h.
#include "engine/base/time.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/ownership_core.h"
#include "engine/model/command.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace foreshard {

class RestoreCore {
public:
    // `settingBack`: the shards with a restore under way are kept there, for the other parts.
    // `firstRead`: of the requests to read a chain back; no other part counts from there.
    RestoreCore(const ControlView& view, OwnershipCore& ownership, std::set<ShardId>& settingBack,
                std::uint64_t firstRead);

    // Begins, or answers `from` why not. REQUIRES: the engine is not stopping.
    void begin(Instant now, const std::string& from, const Command& command,
               const RestoreCommand& restore, Effects& effects);
    void step(Instant now, Effects& effects);
    // False when the answer is not for a restore.
    bool chainRead(Instant now, const ScrubReply& reply, Effects& effects);
    void retained(const Retained& retained, Effects& effects);
    bool any() const { return !restores_.empty(); }

    // Outcomes of appends with a ticket of this part.
    void fenceRaised(Instant now, std::uint64_t number, const Status& status, Effects& effects);
    void committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                   Effects& effects);
    void listed(Instant now, std::uint64_t number, const Result<CheckpointInfo>& info,
                Effects& effects);

private:
    enum class Phase : std::uint8_t {
        kReading,    // the query strand reads the chain back
        kFencing,    // the raised fence is on its way into the log
        kRetaining,  // the edge looks for the frames
        kOwning,     // the new epoch is on its way into the log
        kListing     // the checkpoint is on its way into the log
    };
    struct Restore {
        std::string from;
        Command command;
        CheckpointInfo to;
        std::vector<CheckpointInfo> chain;
        std::uint64_t readId = 0;
        std::uint64_t fenceTicket = 0;
        Phase phase = Phase::kReading;
        ShardAssignment owner;  // in its new epoch, from kOwning on
        Instant began;          // this phase
        Instant lastAsked;
    };

    Result<CheckpointInfo> restorable(const RestoreCommand& restore) const;
    bool leftTheList(const CheckpointInfo& info) const;
    void commit(ShardId shard, Effects& effects);
    void refuse(ShardId shard, const Error& error, Effects& effects);
    void end(ShardId shard, CommandReply answer, Effects& effects);
    Ticket ticketFor(ControlPart part, ShardId shard);
    ShardId shardOf(std::uint64_t number);

    const ControlView& view_;
    OwnershipCore& ownership_;
    std::set<ShardId>& settingBack_;
    std::map<ShardId, Restore> restores_;  // at most one per shard
    std::map<std::uint64_t, ShardId> tickets_;
    std::uint64_t nextTicket_ = 1;
    std::uint64_t nextRead_;
};

}  // namespace foreshard
