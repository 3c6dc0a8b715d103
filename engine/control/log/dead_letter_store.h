#pragma once
// DeadLetterStore keeps, below a data directory, the dead-letter log (a journal: a record counts as
// left out once its letter is durable) and the list of suspects (one small file, replaced whole).
// See FORMAT.md. Lives on the control strand.
#include "engine/control/log/dead_letter_core.h"
#include "engine/env/env.h"
#include "engine/journal/journal.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace foreshard {

class DeadLetterStore {
public:
    static Result<std::unique_ptr<DeadLetterStore>> open(Env& env,
                                                         const std::string& dataDirectory);
    // The log in its order, without opening it for writing; for tools. Empty when there is none.
    static Result<std::vector<DeadLetter>> read(Disk& disk, const std::string& dataDirectory);

    const DeadLetterCore& core() const { return core_; }
    // Calls `done` once the letter is durable. Nothing happens while the same one is under way.
    void commit(const DeadLetter& letter, std::function<void(Status)> done);
    // Counts what ended the processes before this one; durable when it returns. Gives those that
    // were counted.
    Result<std::vector<Suspect>> note(const std::vector<OperatorMark>& marks);
    // See DeadLetterCore; durable when it returns.
    Status saved(ShardId shard, FrameNo n);
    Status acquit(Offset offset);
    // See Journal.
    Status filesThere() const { return journal_->filesThere(); }

private:
    DeadLetterStore(Env& env, std::string directory) : env_(env), directory_(std::move(directory))
    {
    }
    Status writeSuspects();

    Env& env_;
    std::string directory_;
    Lifetime lifetime_;
    DeadLetterCore core_;
    std::unique_ptr<Journal> journal_;
    std::set<Offset> underWay_;
};

}  // namespace foreshard
