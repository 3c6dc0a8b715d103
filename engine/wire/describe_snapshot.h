#pragma once
// The cluster snapshot and its parts, described: describe.h.
#include "engine/model/snapshot.h"
#include "engine/wire/describe_model.h"

namespace foreshard {

FS_DESCRIBE(ShardSnapshot)
{
    FS_DETAIL(id, Id);
    FS_DETAIL(slots, Slots);
    FS_DETAIL(node, Node);
    FS_DETAIL(box, Box);
    FS_DETAIL(epoch, Epoch);
    FS_DETAIL(state, State);
    FS_DETAIL(loadClass, LoadClass);
    FS_DETAIL(predicted, Predicted);
    FS_DETAIL(predictedP10, PredictedP10);
    FS_DETAIL(predictedP90, PredictedP90);
    FS_DETAIL(actual, Actual);
    FS_DETAIL(intervalMs, IntervalMs);
    FS_DETAIL(intervalReason, IntervalReason);
    FS_DETAIL(bufferedBytes, BufferedBytes);
    FS_DETAIL(bufferedRecords, BufferedRecords);
    FS_DETAIL(recordsIn, RecordsIn);
    FS_DETAIL(recordsApplied, RecordsApplied);
    FS_DETAIL(applied, Applied);
    FS_DETAIL(appliedOffset, AppliedOffset);
    FS_DETAIL(hasCheckpoint, HasCheckpoint);
    FS_DETAIL(lastCheckpoint, LastCheckpoint);
    FS_DETAIL(checkpointAgeMs, CheckpointAgeMs);
    FS_DETAIL(recoveryEstimateMs, RecoveryEstimateMs);
}

FS_DESCRIBE(NodeSnapshot)
{
    FS_DETAIL(id, Id);
    FS_DETAIL(state, State);
    FS_DETAIL(incarnation, Incarnation);
    FS_DETAIL(cpu, Cpu);
    FS_DETAIL(load, Load);
    FS_DETAIL(predicted, Predicted);
    FS_DETAIL(rssBytes, RssBytes);
    FS_DETAIL(netBytes, NetBytes);
    FS_DETAIL(shards, Shards);
    FS_DETAIL(lastHeardMs, LastHeardMs);
}

FS_DESCRIBE(RaftMemberSnapshot)
{
    FS_DETAIL(id, Id);
    FS_DETAIL(role, Role);
    FS_DETAIL(match, Match);
    FS_DETAIL(lastHeardMs, LastHeardMs);
}

FS_DESCRIBE(RaftSnapshot)
{
    FS_DETAIL(term, Term);
    FS_DETAIL(leader, Leader);
    FS_DETAIL(commit, Commit);
    FS_DETAIL(applied, Applied);
    FS_DETAIL(members, Members);
    FS_DETAIL(recent, Recent);
}

FS_DESCRIBE(EventSnapshot)
{
    FS_DETAIL(seq, Seq);
    FS_DETAIL(wallMs, WallMs);
    FS_DETAIL(severity, Severity);
    FS_DETAIL(kind, Kind);
    FS_DETAIL(text, Text);
}

FS_DESCRIBE(RecoverySnapshot)
{
    FS_DETAIL(seq, Seq);
    FS_DETAIL(wallMs, WallMs);
    FS_DETAIL(shard, Shard);
    FS_DETAIL(cause, Cause);
    FS_DETAIL(detectMs, DetectMs);
    FS_DETAIL(loadMs, LoadMs);
    FS_DETAIL(replayMs, ReplayMs);
    FS_DETAIL(totalMs, TotalMs);
    FS_DETAIL(recordsReplayed, RecordsReplayed);
}

FS_DESCRIBE(MoveSnapshot)
{
    FS_DETAIL(plan, Plan);
    FS_DETAIL(shard, Shard);
    FS_DETAIL(from, From);
    FS_DETAIL(to, To);
    FS_DETAIL(phase, Phase);
    FS_DETAIL(startedWallMs, StartedWallMs);
    FS_DETAIL(pauseMs, PauseMs);
    FS_DETAIL(committedAt, CommittedAt);
}

FS_DESCRIBE(LatencySnapshot)
{
    FS_DETAIL(p50, P50);
    FS_DETAIL(p90, P90);
    FS_DETAIL(p99, P99);
    FS_DETAIL(p999, P999);
    FS_DETAIL(max, Max);
}

FS_DESCRIBE(SourceSnapshot)
{
    FS_DETAIL(uri, Uri);
    FS_DETAIL(bytesIn, BytesIn);
    FS_DETAIL(recordsIn, RecordsIn);
    FS_DETAIL(recordsRejected, RecordsRejected);
    FS_DETAIL(bytesInvalidUtf8, BytesInvalidUtf8);
    FS_FIELD(nextOffset, NextOffset);
    FS_DETAIL(startOffset, StartOffset);
    FS_FIELD(end, End);
    FS_DETAIL(lastReject, LastReject);
    FS_FIELD(problem, Problem);
    FS_DETAIL(rejectsByReason, RejectsByReason);
    FS_DETAIL(rejectedLines, RejectedLines);
    FS_DETAIL(blankLines, BlankLines);
    FS_DETAIL(timesUnreadable, TimesUnreadable);
    FS_DETAIL(firstReject.line, FirstRejectLine);
    FS_DETAIL(firstReject.reason, FirstRejectReason);
    FS_DETAIL(newestReject.line, NewestRejectLine);
    FS_DETAIL(newestReject.reason, NewestRejectReason);
    FS_DETAIL(note, Note);
}

FS_DESCRIBE(SinkSnapshot)
{
    FS_DETAIL(uri, Uri);
    FS_DETAIL(mode, Mode);
    FS_DETAIL(rows, Rows);
    FS_DETAIL(bytes, Bytes);
    FS_DETAIL(pendingBytes, PendingBytes);
    FS_DETAIL(problem, Problem);
}

FS_MESSAGE(ClusterSnapshot)
{
    FS_FIELD(seq, Seq);
    FS_DETAIL(wallMs, WallMs);
    FS_DETAIL(uptimeSeconds, UptimeSeconds);
    FS_FIELD(state, State);
    FS_FIELD(failure, Failure);
    FS_DETAIL(dataDirectory, DataDirectory);
    FS_DETAIL(routing, Routing);
    FS_DETAIL(policy, Policy);
    FS_DETAIL(source, Source);
    FS_DETAIL(recordsApplied, RecordsApplied);
    FS_DETAIL(recordsPerSecond, RecordsPerSecond);
    FS_DETAIL(bytesPerSecond, BytesPerSecond);
    FS_DETAIL(latency, Latency);
    FS_DETAIL(shards, Shards);
    FS_DETAIL(nodes, Nodes);
    FS_DETAIL(raft, Raft);
    FS_DETAIL(checkpointCount, CheckpointCount);
    FS_DETAIL(checkpointBytes, CheckpointBytes);
    FS_DETAIL(checkpointOverhead, CheckpointOverhead);
    FS_DETAIL(checkpoints, Checkpoints);
    FS_DETAIL(events, Events);
    FS_DETAIL(recoveries, Recoveries);
    FS_DETAIL(moves, Moves);
    FS_DETAIL(movesDone, MovesDone);
    FS_DETAIL(predictor, Predictor);
    FS_DETAIL(boxBytes, BoxBytes);
    FS_DETAIL(diskFreeBytes, DiskFreeBytes);
    FS_DETAIL(sink, Sink);
    FS_DETAIL(deadLetters, DeadLetters);
    FS_DETAIL(refusedMessages, RefusedMessages);
    FS_DETAIL(recordsPerSecondOfRun, RecordsPerSecondOfRun);
    FS_DETAIL(latencyOfRun, LatencyOfRun);
    FS_DETAIL(recoveriesDone, RecoveriesDone);
    FS_DETAIL(restoresDone, RestoresDone);
}

}  // namespace foreshard
