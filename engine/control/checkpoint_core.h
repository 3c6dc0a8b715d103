#pragma once
// CheckpointCore decides which checkpoints are listed, has them read back before anything relies on
// them, invalidates damaged ones, and says what the edge may give up because of them. Pure: effects
// say what is to be done; see effects.h.
//
// A checkpoint that a node announces may be listed when the node owns the shard in the epoch in
// force, its base is listed and holds, no other one of the shard is on its way into the log, and
// the shard is not being set back: mayList() is that decision. The log checks owner and base once
// more, by what is in front of the entry.
#include "engine/base/time.h"
#include "engine/control/control_view.h"
#include "engine/control/effects.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace foreshard {

class CheckpointCore {
public:
    // `firstRead`: of the requests to read checkpoints back.
    CheckpointCore(const ControlView& view, std::string dataDirectory, std::uint64_t firstRead);

    // A node says again and again that it has stored one, until it is answered.
    void announced(const CheckpointDone& done, Effects& effects);
    void restoreFailed(const RestoreFailed& failed, Effects& effects);
    // Does nothing when it is not listed, or invalidated already.
    void invalidate(ShardId shard, CheckpointId id, const std::string& text, Effects& effects);
    // At a start: the chains that end in what was invalidated since the newest checkpoint that
    // holds, newest first. A shard may go back to the first of them whose files were repaired.
    std::vector<std::vector<CheckpointInfo>> repairable(ShardId shard) const;
    // Its files were read and hold.
    void reinstate(const std::vector<CheckpointInfo>& chain, Effects& effects);
    // The edge may give up what no checkpoint needs, and hears what is saved.
    void sendTruncate(ShardId shard, Effects& effects) const;

    // Reads back one request at a time: the newest of each shard first, then what is kept, round
    // and round.
    void tick(Instant now, Effects& effects);
    void read(const ScrubReply& reply, Effects& effects);

    // Outcomes of appends with a ticket of this part.
    void listed(Instant now, std::uint64_t number, const Result<CheckpointInfo>& info,
                Effects& effects);
    void judged(Instant now, std::uint64_t number, const Status& status, Effects& effects);

    // A gap is damage when what contained the frames was invalidated: says so, with the files.
    Error withInvalidated(Error error) const;
    // Empty: every checkpoint holds.
    const std::string& problem() const { return problem_; }
    std::uint64_t count() const { return count_; }
    std::uint64_t bytes() const { return bytes_; }

private:
    enum class Judgement : std::uint8_t {
        kInvalidated,
        kVerified,
        kReinstated
    };
    struct Judging {
        ShardId shard;
        Judgement judgement = Judgement::kVerified;
    };
    struct Scrub {
        std::uint64_t id = 0;  // of the request that is waited for, or was last
        std::vector<CheckpointInfo> chain;
        Instant sent;
        bool waiting = false;  // for the answer
        bool noting = false;   // what it said is on its way into the log
        ShardId shard;         // whose newest was read last
        CheckpointId lastOfRound;
        Instant nextRound;
    };
    enum class Verdict : std::uint8_t {
        kList,
        kFenced,  // its node does not own the shard any more
        kRebase,  // what it is built on does not hold: the next one must be full
        kLater    // said again: then
    };

    Verdict mayList(const CheckpointInfo& info) const;
    bool isListing(ShardId shard) const;
    // One of the same owner that was written later is listed: it has had its answer.
    bool isOvertaken(const CheckpointInfo& info) const;
    void askForFull(Instant now, Effects& effects);
    void scrub(Instant now, Effects& effects);
    std::vector<CheckpointInfo> unverified();
    std::vector<CheckpointInfo> nextOfRound(Instant now);
    Ticket ticketFor(Judging judging);
    void noteSound(ShardId shard, Effects& effects);

    const ControlView& view_;
    std::string dataDirectory_;
    std::map<std::uint64_t, CheckpointDone> listing_;
    std::map<std::uint64_t, Judging> judging_;
    std::uint64_t nextTicket_ = 1;
    Scrub scrub_;
    Instant lastAskedFull_;
    std::set<ShardId> unsound_;  // their checkpoints did not hold, and none since
    std::string problem_;
    std::uint64_t count_ = 0;
    std::uint64_t bytes_ = 0;
};

// "checkpoint 7 of shard 3".
std::string nameOf(const CheckpointInfo& info);

}  // namespace foreshard
