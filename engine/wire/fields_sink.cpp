// What nodes, control and sinks say to each other, and a sink's durable notes, field by field.
#include "engine/wire/fields.h"

namespace foreshard {

void write(schema::OutputBatch::Builder out, const OutputBatch& in)
{
    out.setNode(in.node.value);
    out.setStream(in.stream);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
    out.setPrevious(in.previous);
    out.setFloor(in.floor);
    out.setRows(in.rows);
    out.setPacked(data(in.packed));
}

void read(schema::OutputBatch::Reader in, OutputBatch& out, Damage&)
{
    out.node.value = in.getNode();
    out.stream = in.getStream();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
    out.previous = in.getPrevious();
    out.floor = in.getFloor();
    out.rows = in.getRows();
    readData(in.getPacked(), out.packed);
}

void write(schema::OutputTaken::Builder out, const OutputTaken& in)
{
    out.setNode(in.node.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
    out.setFailure(text(in.failure));
    out.setFailureCode(enumNumber(in.failureCode));
}

void read(schema::OutputTaken::Reader in, OutputTaken& out, Damage& damage)
{
    out.node.value = in.getNode();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
    readText(in.getFailure(), out.failure);
    readEnum(in.getFailureCode(), Errc::kTimeout, out.failureCode, damage);
}

void write(schema::SinkStatus::Builder out, const SinkStatus& in)
{
    out.setStream(in.stream);
    out.setRows(in.rows);
    out.setBytes(in.bytes);
    out.setProblem(text(in.problem));
}

void read(schema::SinkStatus::Reader in, SinkStatus& out, Damage&)
{
    out.stream = in.getStream();
    out.rows = in.getRows();
    out.bytes = in.getBytes();
    readText(in.getProblem(), out.problem);
}

void write(schema::SinkShard::Builder out, const SinkShard& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
}

void read(schema::SinkShard::Reader in, SinkShard& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
}

void write(schema::SinkProgress::Builder out, const SinkProgress& in)
{
    out.setStream(in.stream);
    out.setFormat(enumNumber(in.format));
    out.setBytes(in.bytes);
    out.setTailCrc(in.tailCrc);
    out.setCut(in.cut);
    out.setTail(data(in.tail));
    writeList(out.initShards(listSize(in.shards)), in.shards);
}

void read(schema::SinkProgress::Reader in, SinkProgress& out, Damage& damage)
{
    out.stream = in.getStream();
    readEnum(in.getFormat(), SinkFormat::kCsv, out.format, damage);
    out.bytes = in.getBytes();
    out.tailCrc = in.getTailCrc();
    out.cut = in.getCut();
    readData(in.getTail(), out.tail);
    readList(in.getShards(), out.shards, damage);
}

void write(schema::SinkBinding::Builder out, const SinkBinding& in)
{
    out.setUri(text(in.uri));
    out.setMode(enumNumber(in.mode));
    out.setStream(in.stream);
}

void read(schema::SinkBinding::Reader in, SinkBinding& out, Damage& damage)
{
    readText(in.getUri(), out.uri);
    readEnum(in.getMode(), SinkMode::kImmediate, out.mode, damage);
    out.stream = in.getStream();
}

void write(schema::SinkSnapshot::Builder out, const SinkSnapshot& in)
{
    out.setUri(text(in.uri));
    out.setMode(text(in.mode));
    out.setRows(in.rows);
    out.setBytes(in.bytes);
    out.setPendingBytes(in.pendingBytes);
    out.setProblem(text(in.problem));
}

void read(schema::SinkSnapshot::Reader in, SinkSnapshot& out, Damage&)
{
    readText(in.getUri(), out.uri);
    readText(in.getMode(), out.mode);
    out.rows = in.getRows();
    out.bytes = in.getBytes();
    out.pendingBytes = in.getPendingBytes();
    readText(in.getProblem(), out.problem);
}

}  // namespace foreshard
