#pragma once
// ManifestStore makes the manifest durable: a journal of checkpoint infos, rewritten when most of
// it is history. A checkpoint exists for recovery only once it is listed here. Lives on the control
// strand.
#include "engine/checkpoint/manifest_core.h"
#include "engine/env/env.h"
#include "engine/journal/journal.h"

#include <functional>
#include <memory>
#include <string>

namespace foreshard {

class ManifestStore {
public:
    // The journal is rewritten when it is this much larger than four times the lines of all listed
    // checkpoints.
    static constexpr std::uint64_t kRewriteBytesMin = 1U << 20U;

    // `dataDirectory` holds "manifest/" and "checkpoint/<node>/".
    // `keepMin`: see ManifestCore.
    static Result<std::unique_ptr<ManifestStore>> open(Env& env, std::string dataDirectory,
                                                       std::size_t keepMin = 2);
    // Reads without opening for writing; for tools.
    static Result<ManifestCore> read(Disk& disk, const std::string& dataDirectory);
    // As read(), but with every checkpoint that the journal still names. The files of a checkpoint
    // that read() leaves out may be gone.
    static Result<ManifestCore> readHistory(Disk& disk, const std::string& dataDirectory);

    const ManifestCore& core() const { return core_; }
    // Gives `info` the next id, lists it and calls `done` with it once the line is durable. kStale,
    // and nothing is written, when ManifestCore::add() refuses it.
    void commit(CheckpointInfo info, std::function<void(Result<CheckpointInfo>)> done);
    // Notes durably that listed checkpoints are verified or invalidated (see ManifestCore::judge).
    // core() changes once the lines are durable.
    void judge(ShardId shard, const std::vector<CheckpointId>& ids, CheckpointState state,
               const std::function<void(Status)>& done);
    // Takes the invalidations of a whole chain back, durably: the files were repaired, and every
    // checkpoint of the chain was read and holds. REQUIRES: all of them are listed.
    void reinstate(ShardId shard, const std::vector<CheckpointId>& chain,
                   const std::function<void(Status)>& done);
    Status filesThere() const { return journal_->filesThere(); }
    // Removes checkpoint files that hold no listed checkpoint any more.
    Status collectGarbage();

private:
    ManifestStore(Env& env, std::string dataDirectory, std::size_t keepMin)
        : env_(env), dataDirectory_(std::move(dataDirectory)), core_(keepMin), ahead_(keepMin)
    {
    }
    static Result<ManifestCore> readLines(Disk& disk, const std::string& dataDirectory,
                                          ManifestCore core);
    Status rewriteIfWorthIt();
    Bytes line(CheckpointInfo info) const;

    Env& env_;
    std::string dataDirectory_;
    Lifetime lifetime_;
    ManifestCore core_;
    ManifestCore ahead_;  // core_ with the lines that are being written
    std::unique_ptr<Journal> journal_;
    std::uint64_t bytesAtRewrite_ = 0;
    bool rewriting_ = false;
};

}  // namespace foreshard
