#pragma once
// What nodes and sinks say to each other, and a sink's durable notes, described: describe.h.
#include "engine/model/output.h"
#include "engine/wire/describe.h"

namespace foreshard {

FS_MESSAGE(OutputBatch)
{
    FS_FIELD(node, Node);
    FS_DETAIL(stream, Stream);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
    FS_FIELD(previous, Previous);
    FS_FIELD(floor, Floor);
    FS_FIELD(rows, Rows);
    FS_DETAIL(packed, Packed);
}

FS_MESSAGE(OutputTaken)
{
    FS_FIELD(node, Node);
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
    FS_FIELD(failure, Failure);
    FS_DETAIL(failureCode, FailureCode);
}

FS_MESSAGE(SinkAsk) {}

FS_MESSAGE(SinkStatus)
{
    FS_DETAIL(stream, Stream);
    FS_FIELD(rows, Rows);
    FS_DETAIL(bytes, Bytes);
    FS_FIELD(problem, Problem);
}

FS_DESCRIBE(SinkShard)
{
    FS_FIELD(shard, Shard);
    FS_FIELD(epoch, Epoch);
    FS_FIELD(n, N);
}

FS_MESSAGE(SinkProgress)
{
    FS_FIELD(stream, Stream);
    FS_DETAIL(format, Format);
    FS_FIELD(bytes, Bytes);
    FS_DETAIL(tailCrc, TailCrc);
    FS_DETAIL(cut, Cut);
    FS_DETAIL(tail, Tail);
    FS_DETAIL(shards, Shards);
}

FS_MESSAGE(SinkBinding)
{
    FS_FIELD(uri, Uri);
    FS_FIELD(mode, Mode);
    FS_DETAIL(stream, Stream);
}

}  // namespace foreshard
