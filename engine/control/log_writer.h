#pragma once
// LogWriter performs the appends that the parts of control decide, keeps count of those under way
// by shard, and brings each outcome back with its ticket. It owns the control log, and the list of
// suspects beside it. Lives on the control strand.
#include "engine/control/control_core.h"
#include "engine/control/effects.h"
#include "engine/control/log/single_control_log.h"
#include "engine/control/log/suspect_store.h"
#include "engine/control/pending_appends.h"
#include "engine/env/env.h"

#include <functional>
#include <memory>
#include <vector>

namespace foreshard {

class LogWriter {
public:
    // Called when an append has an outcome.
    using Done = std::function<void(const Ticket&, const ControlCore::Outcome&)>;

    static Result<std::unique_ptr<LogWriter>> open(Env& env, const ControlOptions& options);

    // Before the first append.
    void setDone(Done done) { done_ = std::move(done); }
    ControlLog& log() { return *log_; }
    ControlCore::Log state() const { return {log_->state(), suspects_->core(), pending_}; }

    void append(ProposeAssignment change);
    void append(ListCheckpoint change);
    void append(JudgeCheckpoints change);
    void append(ReinstateCheckpoints change);
    void append(const RaiseFence& change);
    void append(WriteLetter change);

    // The list of suspects: no part of the log, replaced whole; durable when it returns.
    SuspectStore& suspects() { return *suspects_; }
    Status filesThere() const { return log_->filesThere(); }
    // Removes checkpoint files that nothing listed needs any more.
    Status collectGarbage() { return log_->collectGarbage(); }

private:
    explicit LogWriter(Env& env) : env_(env) {}
    void propose(std::vector<ShardId> shards, ControlChange change, LogIndex expectVersion,
                 Ticket ticket);
    ControlCore::Outcome outcomeOf(ShardId shard, const Result<ControlLog::Applied>& done) const;

    Env& env_;
    Lifetime lifetime_;
    std::unique_ptr<SingleControlLog> log_;
    std::unique_ptr<SuspectStore> suspects_;
    PendingAppends pending_;
    Done done_;
};

}  // namespace foreshard
