#pragma once
// SuspectStore keeps the suspected records in one small file beside the control log, replaced whole
// (FORMAT.md). They are no part of the log: losing them costs a record some of its tries, and
// nothing else. Lives on the control strand.
#include "engine/control/log/dead_letter_core.h"
#include "engine/control/log/suspect_core.h"
#include "engine/env/env.h"

#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class SuspectStore {
public:
    // Leaves out those that `letters` has given up since.
    static Result<std::unique_ptr<SuspectStore>> open(Env& env, const std::string& dataDirectory,
                                                      const DeadLetterCore& letters);

    const SuspectCore& core() const { return core_; }
    // Counts what ended the processes before this one; durable when it returns. Gives those that
    // were counted; what `letters` has given up is not.
    Result<std::vector<Suspect>> note(const std::vector<OperatorMark>& marks,
                                      const DeadLetterCore& letters);
    // See SuspectCore; durable when it returns.
    Status saved(ShardId shard, FrameNo n);
    Status acquit(Offset offset);
    // Its letter is durable; the file may go on naming it.
    void givenUp(Offset offset) { core_.forget(offset); }

private:
    SuspectStore(Env& env, std::string directory) : env_(env), directory_(std::move(directory)) {}
    Status write();

    Env& env_;
    std::string directory_;
    SuspectCore core_;
};

}  // namespace foreshard
