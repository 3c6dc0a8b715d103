// Frames and the stream schema, field by field.
#include "engine/wire/fields.h"

namespace foreshard {
namespace {

constexpr std::uint32_t kSchemaVersion = 1;

}  // namespace

void write(schema::SourcePosition::Builder out, const SourcePosition& in)
{
    out.setByte(in.byte);
    out.setLine(in.line);
    out.setNextOffset(in.nextOffset);
    out.setHash(in.hash);
}

void read(schema::SourcePosition::Reader in, SourcePosition& out, Damage&)
{
    out.byte = in.getByte();
    out.line = in.getLine();
    out.nextOffset = in.getNextOffset();
    out.hash = in.getHash();
}

void write(schema::FrameHeader::Builder out, const FrameHeader& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
    out.setBatch(in.batch);
    out.setPart(in.part);
    out.setParts(in.parts);
    out.setFirstOffset(in.firstOffset);
    out.setLastOffset(in.lastOffset);
    out.setRecords(in.records);
    write(out.initSourceAfter(), in.sourceAfter);
    out.setWallMs(in.wallMs);
    out.setCutAt(in.cutAt.nanos);
}

void read(schema::FrameHeader::Reader in, FrameHeader& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
    out.batch = in.getBatch();
    out.part = in.getPart();
    out.parts = in.getParts();
    out.firstOffset = in.getFirstOffset();
    out.lastOffset = in.getLastOffset();
    out.records = in.getRecords();
    read(in.getSourceAfter(), out.sourceAfter, damage);
    out.wallMs = in.getWallMs();
    out.cutAt.nanos = in.getCutAt();
}

void write(schema::Frame::Builder out, const Frame& in)
{
    write(out.initHeader(), in.header);
    out.setRecords(data(in.records));
}

void read(schema::Frame::Reader in, Frame& out, Damage& damage)
{
    read(in.getHeader(), out.header, damage);
    readData(in.getRecords(), out.records);
}

void write(schema::CheckpointData::Builder out, const CheckpointData& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
    out.setKind(enumNumber(in.kind));
    out.setState(data(in.state));
    out.setOutputs(data(in.outputs));
}

void read(schema::CheckpointData::Reader in, CheckpointData& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
    readEnum(in.getKind(), CheckpointKind::kDelta, out.kind, damage);
    readData(in.getState(), out.state);
    readData(in.getOutputs(), out.outputs);
}

void write(schema::StreamSchema::Builder out, const StreamSchema& in)
{
    out.setSource(text(in.source));
    out.setPattern(text(in.pattern));
    out.setKeyField(text(in.keyField));
    out.setTimeField(text(in.timeField));
    out.setTypeField(text(in.typeField));
    out.setValueField(text(in.valueField));
    out.setRecordBytesMax(in.recordBytesMax);
    out.setVersion(kSchemaVersion);
}

void read(schema::StreamSchema::Reader in, StreamSchema& out, Damage& damage)
{
    readText(in.getSource(), out.source);
    readText(in.getPattern(), out.pattern);
    readText(in.getKeyField(), out.keyField);
    readText(in.getTimeField(), out.timeField);
    readText(in.getTypeField(), out.typeField);
    readText(in.getValueField(), out.valueField);
    out.recordBytesMax = in.getRecordBytesMax();
    if (in.getVersion() == 0) damage.mark("an older version wrote it: use that one");
    if (in.getVersion() > kSchemaVersion) damage.mark("a newer version wrote it: use that one");
}

}  // namespace foreshard
