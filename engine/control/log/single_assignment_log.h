#pragma once
// An assignment log of one member: a journal on this disk. A commit is durable on this machine and
// nowhere else.
#include "engine/control/log/assignment_log.h"
#include "engine/env/env.h"
#include "engine/journal/journal.h"

#include <deque>
#include <memory>
#include <string>

namespace foreshard {

class SingleAssignmentLog final : public AssignmentLog {
public:
    static Result<std::unique_ptr<SingleAssignmentLog>> open(Env& env,
                                                             const std::string& dataDirectory);
    // The state a data directory's log leads to, and every entry on the way there; for tools.
    using Visit = std::function<void(const AssignmentEntry&)>;
    static Result<AssignmentState> read(Disk& disk, const std::string& dataDirectory,
                                        const Visit& visit = {});

    void propose(AssignmentEntry entry, LogIndex expectVersion, Done done) override;
    const AssignmentState& state() const override { return state_; }
    RaftSnapshot view() const override;
    Status filesThere() const { return journal_->filesThere(); }
    // Called with every entry that is committed from now on.
    void watch(std::function<void(const AssignmentEntry&)> watcher)
    {
        watcher_ = std::move(watcher);
    }

private:
    struct Proposal {
        AssignmentEntry entry;
        LogIndex expectVersion = 0;
        Done done;
    };
    explicit SingleAssignmentLog(Env& env) : env_(env) {}
    void next();
    void committed(const AssignmentEntry& entry);

    Env& env_;
    Lifetime lifetime_;
    std::unique_ptr<Journal> journal_;
    AssignmentState state_;
    std::deque<AssignmentEntry> recent_;
    std::deque<Proposal> waiting_;
    bool writing_ = false;
    std::function<void(const AssignmentEntry&)> watcher_;
};

}  // namespace foreshard
