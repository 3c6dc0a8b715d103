#pragma once
// What boxes, checkpoints and logs keep, described: describe.h.
#include "engine/model/assignment.h"
#include "engine/model/checkpoint.h"
#include "engine/model/control_entry.h"
#include "engine/model/dead_letter.h"
#include "engine/model/frame.h"
#include "engine/model/load.h"
#include "engine/model/record.h"
#include "engine/wire/describe.h"

namespace foreshard {

// Of StreamSchema; a directory with a newer one is refused.
inline constexpr std::uint32_t kSchemaVersion = 1;

FS_DESCRIBE(SlotRange)
{
    FS_FIELD(first, First);
    FS_FIELD(last, Last);
}

FS_DESCRIBE(ShardAssignment)
{
    FS_FIELD(shard, Shard);
    FS_DETAIL(slots, Slots);
    FS_FIELD(node, Node);
    FS_DETAIL(box, Box);
    FS_FIELD(epoch, Epoch);
    FS_DETAIL(intervalOverrideMs, IntervalOverrideMs);
}

FS_DESCRIBE(IntervalPolicySetting)
{
    FS_FIELD(kind, Kind);
    FS_FIELD(fixedMs, FixedMs);
}

FS_MESSAGE(AssignmentEntry)
{
    FS_FIELD(index, Index);
    FS_DETAIL(term, Term);
    FS_FIELD(kind, Kind);
    FS_DETAIL(routing, Routing);
    FS_DETAIL(policy, Policy);
    FS_DETAIL(nodes, Nodes);
    FS_FIELD(shards, Shards);
    FS_FIELD(plan, Plan);
    FS_DETAIL(actor, Actor);
    FS_DETAIL(reason, Reason);
    FS_DETAIL(wallMs, WallMs);
}

FS_MESSAGE(CheckpointInfo)
{
    FS_FIELD(id, Id);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
    FS_DETAIL(offset, Offset);
    FS_FIELD(kind, Kind);
    FS_FIELD(base, Base);
    FS_DETAIL(node, Node);
    FS_FIELD(file, File);
    FS_FIELD(position, Position);
    FS_DETAIL(bytes, Bytes);
    FS_DETAIL(crc, Crc);
    FS_DETAIL(keys, Keys);
    FS_DETAIL(recordsApplied, RecordsApplied);
    FS_DETAIL(wallMs, WallMs);
    FS_DETAIL(snapshotMicros, SnapshotMicros);
    FS_DETAIL(storeMicros, StoreMicros);
    FS_DETAIL(intervalMs, IntervalMs);
    FS_DETAIL(reason, Reason);
    FS_DETAIL(setsBack, SetsBack);
    FS_FIELD(state, State);
    FS_DETAIL(keepMin, KeepMin);
}

FS_DESCRIBE(LoadForecast)
{
    FS_FIELD(shard, Shard);
    FS_DETAIL(p10, P10);
    FS_DETAIL(p50, P50);
    FS_DETAIL(p90, P90);
}

FS_DESCRIBE(ShardTick)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(records, Records);
    FS_DETAIL(bytes, Bytes);
    FS_DETAIL(types, Types);
    FS_DETAIL(typeBytes, TypeBytes);
    FS_DETAIL(actual, Actual);
    FS_DETAIL(backlog, Backlog);
    FS_DETAIL(topKeyShare, TopKeyShare);
    FS_DETAIL(nodeCpu, NodeCpu);
    FS_DETAIL(nodeMemory, NodeMemory);
    FS_DETAIL(nodeNetwork, NodeNetwork);
}

FS_DESCRIBE(PredictorStatus)
{
    FS_DETAIL(model, Model);
    FS_DETAIL(gate, Gate);
    FS_DETAIL(maeRatio, MaeRatio);
    FS_DETAIL(coverageP90, CoverageP90);
    FS_DETAIL(batchMs, BatchMs);
    FS_DETAIL(answered, Answered);
    FS_DETAIL(missed, Missed);
}

FS_DESCRIBE(RecordPlace)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(n, N);
    FS_FIELD(index, Index);
    FS_FIELD(offset, Offset);
}

FS_MESSAGE(DeadLetter)
{
    FS_FIELD(place, Place);
    FS_DETAIL(key, Key);
    FS_DETAIL(raw, Raw);
    FS_DETAIL(crc, Crc);
    FS_FIELD(reason, Reason);
    FS_FIELD(tries, Tries);
    FS_DETAIL(wallMs, WallMs);
}

FS_DESCRIBE(CheckpointsJudged)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(ids, Ids);
    FS_FIELD(state, State);
}

FS_DESCRIBE(CheckpointsReinstated)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(chain, Chain);
}

FS_DESCRIBE(ControlChange)
{
    FS_CHOICE(AssignmentEntry, Assignment, one);
    FS_CHOICE(CheckpointListed, Listed, one.info);
    FS_CHOICE(CheckpointsJudged, Judged, one);
    FS_CHOICE(CheckpointsReinstated, Reinstated, one);
    FS_CHOICE(DeadLetter, Letter, one);
    FS_CHOICE(FenceRaised, FenceRaised, one.shard);
}

FS_MESSAGE(ControlEntry)
{
    FS_FIELD(index, Index);
    FS_DETAIL(term, Term);
    FS_DETAIL(wallMs, WallMs);
    FS_FIELD(change, Change);
}

FS_DESCRIBE(ShardFence)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(fence, Fence);
}

FS_MESSAGE(ControlSnapshot)
{
    FS_FIELD(index, Index);
    FS_DETAIL(term, Term);
    FS_DETAIL(wallMs, WallMs);
    FS_FIELD(version, Version);
    FS_DETAIL(routing, Routing);
    FS_DETAIL(policy, Policy);
    FS_DETAIL(nodes, Nodes);
    FS_DETAIL(shards, Shards);
    FS_DETAIL(fences, Fences);
    FS_FIELD(lastCheckpoint, LastCheckpoint);
    FS_DETAIL(keepMin, KeepMin);
    FS_FIELD(parts, Parts);
}

FS_DESCRIBE(Suspect)
{
    FS_FIELD(place, Place);
    FS_FIELD(tries, Tries);
    FS_DETAIL(life, Life);
    FS_DETAIL(reason, Reason);
}

FS_MESSAGE(SuspectList) { FS_FIELD(suspects, Suspects); }

FS_DESCRIBE(SourcePosition)
{
    FS_DETAIL(byte, Byte);
    FS_DETAIL(line, Line);
    FS_DETAIL(nextOffset, NextOffset);
    FS_DETAIL(hash, Hash);
}

FS_DESCRIBE(FrameHeader)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
    FS_FIELD(batch, Batch);
    FS_FIELD(part, Part);
    FS_FIELD(parts, Parts);
    FS_FIELD(firstOffset, FirstOffset);
    FS_FIELD(lastOffset, LastOffset);
    FS_FIELD(records, Records);
    FS_DETAIL(sourceAfter, SourceAfter);
    FS_DETAIL(wallMs, WallMs);
    FS_DETAIL(cutAt, CutAt);
}

FS_MESSAGE(Frame)
{
    FS_FIELD(header, Header);
    FS_DETAIL(records, Records);
}

FS_MESSAGE(CheckpointData)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
    FS_FIELD(kind, Kind);
    FS_DETAIL(state, State);
    FS_DETAIL(outputs, Outputs);
}

FS_MESSAGE(StreamSchema)
{
    FS_FIELD(source, Source);
    FS_DETAIL(pattern, Pattern);
    FS_DETAIL(keyField, KeyField);
    FS_DETAIL(timeField, TimeField);
    FS_DETAIL(typeField, TypeField);
    FS_DETAIL(valueField, ValueField);
    FS_DETAIL(recordBytesMax, RecordBytesMax);
    FS_VERSION(Version, kSchemaVersion);
}

}  // namespace foreshard
