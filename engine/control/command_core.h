#pragma once
// CommandCore answers commands: it refuses what cannot be, does what is one message or one entry of
// the log, and hands moves and restores to the parts that carry them out. It also knows who watches
// and who waits for a look-up. Pure: effects say what is to be done; see effects.h.
#include "engine/base/time.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/ownership_core.h"
#include "engine/control/restore_core.h"
#include "engine/model/command.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

class CommandCore {
public:
    static constexpr std::size_t kCommandsWaitingMax = 64;  // for the control log
    static constexpr std::size_t kWatchersMax = 64;
    static constexpr std::size_t kLookUpsMax = 64;

    // What the engine as a whole is at.
    struct Life {
        bool ready = false;     // the epochs of this start are committed
        bool stopping = false;  // no more input, then the end
        bool over = false;      // it has ended
    };
    struct Parts {
        OwnershipCore& ownership;
        RestoreCore& restores;
        NodeTable& nodes;
    };

    // `firstId`: of look-ups; an answer to somebody else's must not be taken for one.
    CommandCore(const ControlView& view, const Life& life, Parts parts, std::uint64_t firstId)
        : view_(view), life_(life), parts_(parts), nextId_(firstId)
    {
    }

    void take(Instant now, const std::string& from, const Command& command, Effects& effects);
    void located(const LocateReply& reply, Effects& effects);
    // Outcome of an append with a ticket of this part.
    void committed(Instant now, std::uint64_t number, const Result<LogIndex>& index,
                   Effects& effects);
    // Those who have asked for snapshots lately.
    std::vector<std::string> watchers(Instant now);

private:
    struct Asked {  // by whom, and what to say once it is done
        std::string from;
        Command command;
        std::string done;
    };
    struct LookUp {
        std::string peer;
        std::uint64_t id = 0;  // the peer's
        Instant since;
    };

    // Why it may not be done now, whatever it is.
    Status admissible(const Command& command) const;
    Status knownShard(ShardId shard) const;
    Status knownNode(NodeId node) const;
    Result<std::string> move(Instant now, const Command& command, const MoveCommand& move,
                             Effects& effects);
    Status movable(const MoveCommand& move) const;
    Result<std::string> checkpoint(const Command& command, const CheckpointCommand& checkpoint,
                                   Effects& effects) const;
    Result<std::string> drill(Instant now, const Command& command, const DrillCommand& drill,
                              Effects& effects);
    Result<std::string> stop(const Command& command, Effects& effects) const;
    void interval(const std::string& from, const Command& command, const IntervalCommand& interval,
                  Effects& effects);
    void policy(const std::string& from, const Command& command, const PolicyCommand& policy,
                Effects& effects);
    void subscribe(Instant now, const std::string& from, const Command& command, Effects& effects);
    void locate(Instant now, const std::string& from, const Command& command,
                const LocateCommand& locate, Effects& effects);
    void propose(Asked asked, AssignmentEntry entry, Effects& effects);
    void answer(const std::string& to, const Command& command, const Result<std::string>& outcome,
                Effects& effects) const;

    const ControlView& view_;
    const Life& life_;
    Parts parts_;
    std::map<std::uint64_t, Asked> proposed_;
    std::map<std::uint64_t, LookUp> lookUps_;
    std::map<std::string, Instant> watchers_;  // when each was heard last
    std::uint64_t nextId_;
    std::uint64_t nextTicket_ = 1;
    std::uint64_t nextPlan_ = 1;
};

}  // namespace foreshard
