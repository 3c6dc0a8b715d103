#pragma once
// Commands and their answers, described: describe.h.
#include "engine/model/command.h"
#include "engine/wire/describe.h"

namespace foreshard {

FS_DESCRIBE(MoveCommand)
{
    FS_FIELD(shards, Shards);
    FS_FIELD(to, To);
}

FS_DESCRIBE(IntervalCommand)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(intervalMs, IntervalMs);
}

FS_DESCRIBE(LocateCommand)
{
    FS_FIELD(byKey, ByKey);
    FS_FIELD(offset, Offset);
    FS_DETAIL(key, Key);
}

FS_DESCRIBE(DrillCommand)
{
    FS_FIELD(name, Name);
    FS_FIELD(node, Node);
}

FS_DESCRIBE(RestoreCommand)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(checkpoint, Checkpoint);
}

FS_DESCRIBE(StatusCommand) {}

FS_DESCRIBE(SubscribeCommand) {}

FS_DESCRIBE(StopCommand) {}

FS_DESCRIBE(CommandBody)
{
    FS_CHOICE(StatusCommand, Status, one);
    FS_CHOICE(MoveCommand, Move, one);
    FS_CHOICE(IntervalCommand, Interval, one);
    FS_CHOICE(CheckpointCommand, CheckpointShard, one.shard);
    FS_CHOICE(PolicyCommand, Policy, one.policy);
    FS_CHOICE(DrillCommand, Drill, one);
    FS_CHOICE(LocateCommand, Locate, one);
    FS_CHOICE(SubscribeCommand, Subscribe, one);
    FS_CHOICE(StopCommand, Stop, one);
    FS_CHOICE(RestoreCommand, Restore, one);
}

FS_MESSAGE(Command)
{
    FS_FIELD(id, Id);
    FS_FIELD(dryRun, DryRun);
    FS_DETAIL(expectVersion, ExpectVersion);
    FS_DETAIL(actor, Actor);
    FS_FIELD(body, Body);
}

FS_DESCRIBE(LocateHit)
{
    FS_FIELD(verified, Verified);
    FS_FIELD(shard, Shard);
    FS_FIELD(box, Box);
    FS_DETAIL(file, File);
    FS_DETAIL(position, Position);
    FS_FIELD(n, N);
    FS_DETAIL(firstOffset, FirstOffset);
    FS_DETAIL(lastOffset, LastOffset);
    FS_DETAIL(records, Records);
    FS_DETAIL(checkpoint, Checkpoint);
}

FS_MESSAGE(CommandReply)
{
    FS_FIELD(id, Id);
    FS_FIELD(ok, Ok);
    FS_DETAIL(code, Code);
    FS_FIELD(message, Message);
    FS_FIELD(version, Version);
    FS_DETAIL(hits, Hits);
    FS_DETAIL(segmentsAsked, SegmentsAsked);
    FS_DETAIL(segmentsMaybe, SegmentsMaybe);
}

FS_MESSAGE(LocateRequest)
{
    FS_FIELD(id, Id);
    FS_FIELD(replyTo, ReplyTo);
    FS_FIELD(what, What);
}

FS_MESSAGE(LocateReply)
{
    FS_FIELD(id, Id);
    FS_FIELD(reply, Reply);
}

}  // namespace foreshard
