#pragma once
// LogWriter performs the appends that the parts of control decide, keeps count of those under way
// by shard, and brings each outcome back with its ticket. It owns the durable state of control:
// shard map, listed checkpoints, dead letters, truncation fences. Lives on the control strand.
#include "engine/checkpoint/manifest_store.h"
#include "engine/control/control_core.h"
#include "engine/control/effects.h"
#include "engine/control/log/dead_letter_store.h"
#include "engine/control/log/single_assignment_log.h"
#include "engine/control/pending_appends.h"
#include "engine/env/env.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class LogWriter {
public:
    // Called when an append has an outcome, maybe before append() has returned.
    using Done = std::function<void(const Ticket&, const ControlCore::Outcome&)>;

    // `keepCheckpoints`: listed per shard beyond the newest two.
    static Result<std::unique_ptr<LogWriter>> open(Env& env, const std::string& dataDirectory,
                                                   std::uint32_t keepCheckpoints);

    // Before the first append.
    void setDone(Done done) { done_ = std::move(done); }
    void watch(std::function<void(const AssignmentEntry&)> watcher)
    {
        assignment_->watch(std::move(watcher));
    }
    ControlCore::Log state() const;

    void append(ProposeAssignment change);
    void append(ListCheckpoint change);
    void append(const JudgeCheckpoints& change);
    void append(const ReinstateCheckpoints& change);
    void append(const RaiseFence& change);
    void append(const WriteLetter& change);

    // The list of suspects: not part of the log, replaced whole; durable when it returns.
    DeadLetterStore& letters() { return *letters_; }
    RaftSnapshot raft() const { return assignment_->view(); }
    Status filesThere() const;
    // Removes checkpoint files that nothing listed needs any more.
    Status collectGarbage() { return manifest_->collectGarbage(); }

private:
    explicit LogWriter(Env& env) : env_(env) {}
    void end(const std::vector<ShardId>& shards, const Ticket& ticket,
             const ControlCore::Outcome& outcome);

    Env& env_;
    Lifetime lifetime_;
    std::unique_ptr<SingleAssignmentLog> assignment_;
    std::unique_ptr<ManifestStore> manifest_;
    std::unique_ptr<DeadLetterStore> letters_;
    TruncationFences fences_;
    PendingAppends pending_;
    Done done_;
};

}  // namespace foreshard
