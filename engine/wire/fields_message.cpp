// Messages between edge, nodes, control and predictor, field by field.
#include "engine/wire/fields.h"

namespace foreshard {

void write(schema::Subscribe::Builder out, const Subscribe& in)
{
    out.setNode(in.node.value);
    out.setIncarnation(in.incarnation);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setFromN(in.fromN);
    out.setWindow(in.window);
    out.setFence(in.fence);
}

void read(schema::Subscribe::Reader in, Subscribe& out, Damage&)
{
    out.node.value = in.getNode();
    out.incarnation = in.getIncarnation();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.fromN = in.getFromN();
    out.window = in.getWindow();
    out.fence = in.getFence();
}

void write(schema::Applied::Builder out, const Applied& in)
{
    out.setNode(in.node.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
}

void read(schema::Applied::Reader in, Applied& out, Damage&)
{
    out.node.value = in.getNode();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
}

void write(schema::RouteTable::Builder out, const RouteTable& in)
{
    out.setVersion(in.version);
    out.setRouting(enumNumber(in.routing));
    writeList(out.initShards(listSize(in.shards)), in.shards);
}

void read(schema::RouteTable::Reader in, RouteTable& out, Damage& damage)
{
    out.version = in.getVersion();
    readEnum(in.getRouting(), RoutingMode::kClass, out.routing, damage);
    readList(in.getShards(), out.shards, damage);
}

void write(schema::Truncate::Builder out, const Truncate& in)
{
    out.setShard(in.shard.value);
    out.setN(in.n);
    out.setSavedN(in.savedN);
    out.setFence(in.fence);
}

void read(schema::Truncate::Reader in, Truncate& out, Damage&)
{
    out.shard.value = in.getShard();
    out.n = in.getN();
    out.savedN = in.getSavedN();
    out.fence = in.getFence();
}

void write(schema::Retain::Builder out, const Retain& in)
{
    out.setShard(in.shard.value);
    out.setFence(in.fence);
    out.setFromN(in.fromN);
    out.setDryRun(in.dryRun);
}

void read(schema::Retain::Reader in, Retain& out, Damage&)
{
    out.shard.value = in.getShard();
    out.fence = in.getFence();
    out.fromN = in.getFromN();
    out.dryRun = in.getDryRun();
}

void write(schema::Retained::Builder out, const Retained& in)
{
    out.setShard(in.shard.value);
    out.setFence(in.fence);
    out.setLastN(in.lastN);
    out.setMissingFirst(in.missingFirst);
    out.setMissingLast(in.missingLast);
    out.setFailure(text(in.failure));
    out.setFailureCode(enumNumber(in.failureCode));
}

void read(schema::Retained::Reader in, Retained& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.fence = in.getFence();
    out.lastN = in.getLastN();
    out.missingFirst = in.getMissingFirst();
    out.missingLast = in.getMissingLast();
    readText(in.getFailure(), out.failure);
    readEnum(in.getFailureCode(), Errc::kTimeout, out.failureCode, damage);
}

void write(schema::EdgeShardReport::Builder out, const EdgeShardReport& in)
{
    write(out.initTick(), in.tick);
    out.setRecordsIn(in.recordsIn);
    out.setLastN(in.lastN);
    out.setNextOffset(in.nextOffset);
    out.setBufferedBytes(in.bufferedBytes);
    out.setBufferedRecords(in.bufferedRecords);
}

void read(schema::EdgeShardReport::Reader in, EdgeShardReport& out, Damage& damage)
{
    read(in.getTick(), out.tick, damage);
    out.recordsIn = in.getRecordsIn();
    out.lastN = in.getLastN();
    out.nextOffset = in.getNextOffset();
    out.bufferedBytes = in.getBufferedBytes();
    out.bufferedRecords = in.getBufferedRecords();
}

void write(schema::EdgeReport::Builder out, const EdgeReport& in)
{
    out.setRouteVersion(in.routeVersion);
    out.setTick(in.tick);
    write(out.initSource(), in.source);
    out.setBoxBytes(in.boxBytes);
    out.setDiskFreeBytes(in.diskFreeBytes);
    out.setDrained(in.drained);
    out.setFailure(text(in.failure));
    out.setFailureCode(enumNumber(in.failureCode));
    writeList(out.initShards(listSize(in.shards)), in.shards);
}

void read(schema::EdgeReport::Reader in, EdgeReport& out, Damage& damage)
{
    out.routeVersion = in.getRouteVersion();
    out.tick = in.getTick();
    read(in.getSource(), out.source, damage);
    out.boxBytes = in.getBoxBytes();
    out.diskFreeBytes = in.getDiskFreeBytes();
    out.drained = in.getDrained();
    readText(in.getFailure(), out.failure);
    readEnum(in.getFailureCode(), Errc::kTimeout, out.failureCode, damage);
    readList(in.getShards(), out.shards, damage);
}

void write(schema::Assign::Builder out, const Assign& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setIntervalMs(in.intervalMs);
    writeList(out.initChain(listSize(in.chain)), in.chain);
    out.setCause(text(in.cause));
    writeList(out.initDead(listSize(in.dead)), in.dead);
    writeList(out.initSuspects(listSize(in.suspects)), in.suspects);
    out.setFence(in.fence);
}

void read(schema::Assign::Reader in, Assign& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.intervalMs = in.getIntervalMs();
    readList(in.getChain(), out.chain, damage);
    readText(in.getCause(), out.cause);
    readList(in.getDead(), out.dead, damage);
    readList(in.getSuspects(), out.suspects, damage);
    out.fence = in.getFence();
}

void write(schema::Release::Builder out, const Release& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
}

void read(schema::Release::Reader in, Release& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
}

void write(schema::Revoke::Builder out, const Revoke& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
}

void read(schema::Revoke::Reader in, Revoke& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
}

void write(schema::SetInterval::Builder out, const SetInterval& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setIntervalMs(in.intervalMs);
}

void read(schema::SetInterval::Reader in, SetInterval& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.intervalMs = in.getIntervalMs();
}

void write(schema::CheckpointNow::Builder out, const CheckpointNow& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setReason(text(in.reason));
}

void read(schema::CheckpointNow::Reader in, CheckpointNow& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    readText(in.getReason(), out.reason);
}

void write(schema::CheckpointCommitted::Builder out, const CheckpointCommitted& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setId(in.id.value);
    out.setAccepted(in.accepted);
    out.setRebase(in.rebase);
}

void read(schema::CheckpointCommitted::Reader in, CheckpointCommitted& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.id.value = in.getId();
    out.accepted = in.getAccepted();
    out.rebase = in.getRebase();
}

void write(schema::CheckpointDone::Builder out, const CheckpointDone& in)
{
    out.setNode(in.node.value);
    write(out.initInfo(), in.info);
}

void read(schema::CheckpointDone::Reader in, CheckpointDone& out, Damage& damage)
{
    out.node.value = in.getNode();
    read(in.getInfo(), out.info, damage);
}

void write(schema::Subscribed::Builder out, const Subscribed& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setLastN(in.lastN);
}

void read(schema::Subscribed::Reader in, Subscribed& out, Damage&)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.lastN = in.getLastN();
}

void write(schema::Released::Builder out, const Released& in)
{
    out.setNode(in.node.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
}

void read(schema::Released::Reader in, Released& out, Damage&)
{
    out.node.value = in.getNode();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
}

void write(schema::Recovered::Builder out, const Recovered& in)
{
    out.setNode(in.node.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setCause(text(in.cause));
    out.setLoadMicros(in.loadMicros);
    out.setReplayMicros(in.replayMicros);
    out.setRecordsReplayed(in.recordsReplayed);
}

void read(schema::Recovered::Reader in, Recovered& out, Damage&)
{
    out.node.value = in.getNode();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    readText(in.getCause(), out.cause);
    out.loadMicros = in.getLoadMicros();
    out.replayMicros = in.getReplayMicros();
    out.recordsReplayed = in.getRecordsReplayed();
}

void write(schema::NodeShardReport::Builder out, const NodeShardReport& in)
{
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setState(enumNumber(in.state));
    out.setApplied(in.applied);
    out.setAppliedOffset(in.appliedOffset);
    out.setRecordsApplied(in.recordsApplied);
    out.setBusyNanos(in.busyNanos);
    out.setCheckpointNanos(in.checkpointNanos);
    out.setIntervalMs(in.intervalMs);
    out.setOutputsPending(in.outputsPending);
    out.setOutputBytes(in.outputBytes);
    out.setOutputsFull(in.outputsFull);
}

void read(schema::NodeShardReport::Reader in, NodeShardReport& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    readEnum(in.getState(), ShardState::kMoving, out.state, damage);
    out.applied = in.getApplied();
    out.appliedOffset = in.getAppliedOffset();
    out.recordsApplied = in.getRecordsApplied();
    out.busyNanos = in.getBusyNanos();
    out.checkpointNanos = in.getCheckpointNanos();
    out.intervalMs = in.getIntervalMs();
    out.outputsPending = in.getOutputsPending();
    out.outputBytes = in.getOutputBytes();
    out.outputsFull = in.getOutputsFull();
}

void write(schema::NodeReport::Builder out, const NodeReport& in)
{
    out.setNode(in.node.value);
    out.setIncarnation(in.incarnation);
    out.setUptimeNanos(in.uptimeNanos);
    out.setBusyNanos(in.busyNanos);
    out.setRssBytes(in.rssBytes);
    out.setNetBytes(in.netBytes);
    writeNumbers(out.initLatencyBuckets(listSize(in.latencyBuckets)), in.latencyBuckets);
    writeList(out.initShards(listSize(in.shards)), in.shards);
    out.setFailure(text(in.failure));
    out.setFailureCode(enumNumber(in.failureCode));
}

void read(schema::NodeReport::Reader in, NodeReport& out, Damage& damage)
{
    out.node.value = in.getNode();
    out.incarnation = in.getIncarnation();
    out.uptimeNanos = in.getUptimeNanos();
    out.busyNanos = in.getBusyNanos();
    out.rssBytes = in.getRssBytes();
    out.netBytes = in.getNetBytes();
    readNumbers(in.getLatencyBuckets(), out.latencyBuckets, damage);
    readList(in.getShards(), out.shards, damage);
    readText(in.getFailure(), out.failure);
    readEnum(in.getFailureCode(), Errc::kTimeout, out.failureCode, damage);
}

void write(schema::PredictRequest::Builder out, const PredictRequest& in)
{
    out.setTick(in.tick);
    writeList(out.initShards(listSize(in.shards)), in.shards);
}

void read(schema::PredictRequest::Reader in, PredictRequest& out, Damage& damage)
{
    out.tick = in.getTick();
    readList(in.getShards(), out.shards, damage);
}

void write(schema::PredictReply::Builder out, const PredictReply& in)
{
    out.setTick(in.tick);
    out.setModel(text(in.model));
    out.setBatchMs(in.batchMs);
    out.setFailure(text(in.failure));
    writeList(out.initLoads(listSize(in.loads)), in.loads);
}

void read(schema::PredictReply::Reader in, PredictReply& out, Damage& damage)
{
    out.tick = in.getTick();
    readText(in.getModel(), out.model);
    out.batchMs = in.getBatchMs();
    readText(in.getFailure(), out.failure);
    readList(in.getLoads(), out.loads, damage);
}

void write(schema::RestoreFailed::Builder out, const RestoreFailed& in)
{
    out.setNode(in.node.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setId(in.id.value);
    out.setCode(enumNumber(in.code));
    out.setText(text(in.text));
}

void read(schema::RestoreFailed::Reader in, RestoreFailed& out, Damage& damage)
{
    out.node.value = in.getNode();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.id.value = in.getId();
    readEnum(in.getCode(), Errc::kTimeout, out.code, damage);
    readText(in.getText(), out.text);
}

void write(schema::ScrubRequest::Builder out, const ScrubRequest& in)
{
    out.setId(in.id);
    writeList(out.initChain(listSize(in.chain)), in.chain);
}

void read(schema::ScrubRequest::Reader in, ScrubRequest& out, Damage& damage)
{
    out.id = in.getId();
    readList(in.getChain(), out.chain, damage);
}

void write(schema::ScrubReply::Builder out, const ScrubReply& in)
{
    out.setId(in.id);
    out.setBad(in.bad.value);
    out.setCode(enumNumber(in.code));
    out.setText(text(in.text));
}

void read(schema::ScrubReply::Reader in, ScrubReply& out, Damage& damage)
{
    out.id = in.getId();
    out.bad.value = in.getBad();
    readEnum(in.getCode(), Errc::kTimeout, out.code, damage);
    readText(in.getText(), out.text);
}

void write(schema::LocateRequest::Builder out, const LocateRequest& in)
{
    out.setId(in.id);
    out.setReplyTo(text(in.replyTo));
    write(out.initWhat(), in.what);
}

void read(schema::LocateRequest::Reader in, LocateRequest& out, Damage& damage)
{
    out.id = in.getId();
    readText(in.getReplyTo(), out.replyTo);
    read(in.getWhat(), out.what, damage);
}

void write(schema::LocateReply::Builder out, const LocateReply& in)
{
    out.setId(in.id);
    write(out.initReply(), in.reply);
}

void read(schema::LocateReply::Reader in, LocateReply& out, Damage& damage)
{
    out.id = in.getId();
    read(in.getReply(), out.reply, damage);
}

}  // namespace foreshard
