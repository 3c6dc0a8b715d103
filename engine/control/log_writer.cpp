#include "engine/control/log_writer.h"

namespace foreshard {

Result<std::unique_ptr<LogWriter>> LogWriter::open(Env& env, const ControlOptions& options)
{
    std::unique_ptr<LogWriter> writer(new LogWriter(env));
    FS_TRY(writer->log_, SingleControlLog::open(env, options.dataDirectory, options.keepCheckpoints,
                                                options.logSnapshotBytesMin));
    FS_TRY(writer->suspects_,
           SuspectStore::open(env, options.dataDirectory, writer->log_->state().letters));
    return writer;
}

void LogWriter::append(ProposeAssignment change)
{
    std::vector<ShardId> shards;
    // An interval changes nothing that anybody must wait for.
    if (change.entry.kind != AssignmentEntryKind::kInterval) {
        for (const ShardAssignment& shard : change.entry.shards)
            shards.push_back(shard.shard);
    }
    propose(std::move(shards), std::move(change.entry), change.expectVersion, change.ticket);
}

void LogWriter::append(ListCheckpoint change)
{
    if (change.info.wallMs == 0) change.info.wallMs = env_.strand.wallNow();
    propose({change.info.shard}, CheckpointListed{std::move(change.info)}, 0, change.ticket);
}

void LogWriter::append(JudgeCheckpoints change)
{
    // That one was read back and holds changes nothing either.
    std::vector<ShardId> shards;
    if (change.state == CheckpointState::kInvalidated) shards.push_back(change.shard);
    propose(std::move(shards), CheckpointsJudged{change.shard, std::move(change.ids), change.state},
            0, change.ticket);
}

void LogWriter::append(ReinstateCheckpoints change)
{
    propose({change.shard}, CheckpointsReinstated{change.shard, std::move(change.chain)}, 0,
            change.ticket);
}

void LogWriter::append(const RaiseFence& change)
{
    propose({}, FenceRaised{change.shard}, 0, change.ticket);  // RestoreCore waits for it itself
}

void LogWriter::append(WriteLetter change)
{
    const Offset offset = change.letter.place.offset;
    const Ticket ticket = change.ticket;
    const ShardId shard = change.letter.place.shard;
    pending_.begin(shard);
    const auto written = [this, shard, offset, ticket](const Result<ControlLog::Applied>& done) {
        if (done.ok()) suspects_->givenUp(offset);
        pending_.end(shard);
        done_(ticket, outcomeOf(shard, done));
    };
    log_->propose(std::move(change.letter), 0, lifetime_.guard(written));
}

void LogWriter::propose(std::vector<ShardId> shards, ControlChange change, LogIndex expectVersion,
                        Ticket ticket)
{
    for (const ShardId shard : shards)
        pending_.begin(shard);
    const auto* listing = std::get_if<CheckpointListed>(&change);
    const ShardId listed = listing == nullptr ? ShardId{} : listing->info.shard;
    const auto applied = [this, shards = std::move(shards), listed,
                          ticket](const Result<ControlLog::Applied>& done) {
        for (const ShardId shard : shards)
            pending_.end(shard);
        done_(ticket, outcomeOf(listed, done));
    };
    log_->propose(std::move(change), expectVersion, lifetime_.guard(applied));
}

ControlCore::Outcome LogWriter::outcomeOf(ShardId shard,
                                          const Result<ControlLog::Applied>& done) const
{
    if (!done.ok()) return {done.error(), 0, {}};
    ControlCore::Outcome outcome{{}, done->version, {}};
    const CheckpointInfo* listed = log_->state().checkpoints.find(shard, done->checkpoint);
    if (listed != nullptr) outcome.checkpoint = *listed;
    return outcome;
}

}  // namespace foreshard
