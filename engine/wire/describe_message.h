#pragma once
// What edge, nodes, control, sinks and predictor say to each other, described: describe.h.
#include "engine/model/message.h"
#include "engine/wire/describe_command.h"
#include "engine/wire/describe_output.h"
#include "engine/wire/describe_snapshot.h"

namespace foreshard {

FS_MESSAGE(Subscribe)
{
    FS_FIELD(node, Node);
    FS_FIELD(incarnation, Incarnation);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(fromN, FromN);
    FS_FIELD(window, Window);
    FS_FIELD(fence, Fence);
}

FS_MESSAGE(Subscribed)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(lastN, LastN);
}

FS_MESSAGE(Applied)
{
    FS_FIELD(node, Node);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
}

FS_MESSAGE(RouteTable)
{
    FS_FIELD(version, Version);
    FS_FIELD(routing, Routing);
    FS_FIELD(shards, Shards);
}

FS_MESSAGE(Truncate)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(n, N);
    FS_FIELD(savedN, SavedN);
    FS_FIELD(fence, Fence);
}

FS_MESSAGE(Retain)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(fence, Fence);
    FS_FIELD(fromN, FromN);
    FS_FIELD(dryRun, DryRun);
}

FS_MESSAGE(Retained)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(fence, Fence);
    FS_FIELD(lastN, LastN);
    FS_FIELD(missingFirst, MissingFirst);
    FS_FIELD(missingLast, MissingLast);
    FS_FIELD(failure, Failure);
    FS_FIELD(failureCode, FailureCode);
}

FS_DESCRIBE(EdgeShardReport)
{
    FS_DETAIL(tick, Tick);
    FS_DETAIL(recordsIn, RecordsIn);
    FS_FIELD(lastN, LastN);
    FS_FIELD(nextOffset, NextOffset);
    FS_DETAIL(bufferedBytes, BufferedBytes);
    FS_DETAIL(bufferedRecords, BufferedRecords);
}

FS_MESSAGE(EdgeReport)
{
    FS_FIELD(routeVersion, RouteVersion);
    FS_FIELD(tick, Tick);
    FS_FIELD(source, Source);
    FS_DETAIL(boxBytes, BoxBytes);
    FS_DETAIL(diskFreeBytes, DiskFreeBytes);
    FS_FIELD(drained, Drained);
    FS_FIELD(failure, Failure);
    FS_DETAIL(failureCode, FailureCode);
    FS_DETAIL(shards, Shards);
}

FS_MESSAGE(Assign)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(intervalMs, IntervalMs);
    FS_FIELD(chain, Chain);
    FS_FIELD(cause, Cause);
    FS_FIELD(dead, Dead);
    FS_FIELD(suspects, Suspects);
    FS_FIELD(fence, Fence);
}

FS_MESSAGE(Release)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
}

FS_MESSAGE(Revoke)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
}

FS_MESSAGE(SetInterval)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(intervalMs, IntervalMs);
}

FS_MESSAGE(CheckpointNow)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(reason, Reason);
}

FS_MESSAGE(CheckpointCommitted)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(id, Id);
    FS_FIELD(accepted, Accepted);
    FS_FIELD(rebase, Rebase);
}

FS_MESSAGE(CheckpointDone)
{
    FS_FIELD(node, Node);
    FS_FIELD(info, Info);
}

FS_MESSAGE(Released)
{
    FS_FIELD(node, Node);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
}

FS_MESSAGE(Recovered)
{
    FS_FIELD(node, Node);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(cause, Cause);
    FS_DETAIL(loadMicros, LoadMicros);
    FS_DETAIL(replayMicros, ReplayMicros);
    FS_FIELD(recordsReplayed, RecordsReplayed);
}

FS_MESSAGE(Poisoned)
{
    FS_FIELD(node, Node);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(letter, Letter);
}

FS_MESSAGE(Quarantined)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(offset, Offset);
}

FS_DESCRIBE(NodeShardReport)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(state, State);
    FS_FIELD(applied, Applied);
    FS_DETAIL(appliedOffset, AppliedOffset);
    FS_DETAIL(recordsApplied, RecordsApplied);
    FS_DETAIL(busyNanos, BusyNanos);
    FS_DETAIL(checkpointNanos, CheckpointNanos);
    FS_DETAIL(intervalMs, IntervalMs);
    FS_FIELD(outputsPending, OutputsPending);
    FS_DETAIL(outputBytes, OutputBytes);
    FS_DETAIL(outputsFull, OutputsFull);
}

FS_MESSAGE(NodeReport)
{
    FS_FIELD(node, Node);
    FS_FIELD(incarnation, Incarnation);
    FS_DETAIL(uptimeNanos, UptimeNanos);
    FS_DETAIL(busyNanos, BusyNanos);
    FS_DETAIL(rssBytes, RssBytes);
    FS_DETAIL(netBytes, NetBytes);
    FS_DETAIL(latencyBuckets, LatencyBuckets);
    FS_FIELD(shards, Shards);
    FS_FIELD(failure, Failure);
    FS_DETAIL(failureCode, FailureCode);
}

FS_MESSAGE(PredictRequest)
{
    FS_FIELD(tick, Tick);
    FS_DETAIL(shards, Shards);
}

FS_MESSAGE(PredictReply)
{
    FS_FIELD(tick, Tick);
    FS_FIELD(model, Model);
    FS_DETAIL(batchMs, BatchMs);
    FS_FIELD(failure, Failure);
    FS_DETAIL(loads, Loads);
}

FS_MESSAGE(RestoreFailed)
{
    FS_FIELD(node, Node);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(id, Id);
    FS_FIELD(code, Code);
    FS_FIELD(text, Text);
}

FS_MESSAGE(ScrubRequest)
{
    FS_FIELD(id, Id);
    FS_FIELD(chain, Chain);
}

FS_MESSAGE(ScrubReply)
{
    FS_FIELD(id, Id);
    FS_FIELD(bad, Bad);
    FS_FIELD(code, Code);
    FS_FIELD(text, Text);
}

FS_MESSAGE(Stop) {}

}  // namespace foreshard
