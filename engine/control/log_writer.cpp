#include "engine/control/log_writer.h"

#include "engine/base/crash_point.h"
#include "engine/control/log/assignment_core.h"

namespace foreshard {

Result<std::unique_ptr<LogWriter>> LogWriter::open(Env& env, const std::string& dataDirectory,
                                                   std::uint32_t keepCheckpoints)
{
    std::unique_ptr<LogWriter> writer(new LogWriter(env));
    FS_TRY(writer->assignment_, SingleAssignmentLog::open(env, dataDirectory));
    FS_TRY(writer->manifest_, ManifestStore::open(env, dataDirectory, 2 + keepCheckpoints));
    for (const CheckpointInfo& info : writer->manifest_->core().all())
        FS_TRY_STATUS(checkEpoch(writer->assignment_->state(), info));
    FS_TRY(writer->letters_, DeadLetterStore::open(env, dataDirectory));
    return writer;
}

ControlCore::Log LogWriter::state() const
{
    return {assignment_->state(), manifest_->core(), letters_->core(), fences_, pending_};
}

void LogWriter::append(ProposeAssignment change)
{
    std::vector<ShardId> shards;
    for (const ShardAssignment& shard : change.entry.shards)
        shards.push_back(shard.shard);
    for (const ShardId shard : shards)
        pending_.begin(shard);
    const auto done = [this, shards, ticket = change.ticket](const Result<LogIndex>& index) {
        end(shards, ticket,
            index.ok() ? ControlCore::Outcome{{}, *index, {}}
                       : ControlCore::Outcome{index.error(), 0, {}});
    };
    assignment_->propose(std::move(change.entry), change.expectVersion, lifetime_.guard(done));
}

void LogWriter::append(ListCheckpoint change)
{
    const ShardId shard = change.info.shard;
    if (change.info.wallMs == 0) change.info.wallMs = env_.strand.wallNow();
    pending_.begin(shard);
    crashPoint("manifest.commit.before");
    const auto done = [this, shard, ticket = change.ticket](const Result<CheckpointInfo>& listed) {
        if (listed.ok()) crashPoint("manifest.commit.after");
        end({shard}, ticket,
            listed.ok() ? ControlCore::Outcome{{}, 0, *listed}
                        : ControlCore::Outcome{listed.error(), 0, {}});
    };
    manifest_->commit(std::move(change.info), lifetime_.guard(done));
}

void LogWriter::append(const JudgeCheckpoints& change)
{
    const ShardId shard = change.shard;
    pending_.begin(shard);
    // What was said to the edge so far must not cut what the checkpoint before it needs.
    if (change.state == CheckpointState::kInvalidated) ++fences_[shard];
    const auto done = [this, shard, ticket = change.ticket](const Status& status) {
        end({shard}, ticket, {status, 0, {}});
    };
    manifest_->judge(shard, change.ids, change.state, lifetime_.guard(done));
}

void LogWriter::append(const ReinstateCheckpoints& change)
{
    const ShardId shard = change.shard;
    pending_.begin(shard);
    const auto done = [this, shard, ticket = change.ticket](const Status& status) {
        end({shard}, ticket, {status, 0, {}});
    };
    manifest_->reinstate(shard, change.chain, lifetime_.guard(done));
}

void LogWriter::append(const RaiseFence& change)
{
    pending_.begin(change.shard);
    ++fences_[change.shard];
    end({change.shard}, change.ticket, {});
}

void LogWriter::append(const WriteLetter& change)
{
    const ShardId shard = change.letter.place.shard;
    pending_.begin(shard);
    const auto done = [this, shard, ticket = change.ticket](const Status& status) {
        end({shard}, ticket, {status, 0, {}});
    };
    letters_->commit(change.letter, lifetime_.guard(done));
}

void LogWriter::end(const std::vector<ShardId>& shards, const Ticket& ticket,
                    const ControlCore::Outcome& outcome)
{
    for (const ShardId shard : shards)
        pending_.end(shard);
    done_(ticket, outcome);
}

Status LogWriter::filesThere() const
{
    FS_TRY_STATUS(manifest_->filesThere());
    FS_TRY_STATUS(assignment_->filesThere());
    return letters_->filesThere();
}

}  // namespace foreshard
