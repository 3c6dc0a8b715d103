// Assignments, checkpoints, loads and commands, field by field.
#include "engine/base/overloaded.h"
#include "engine/wire/fields.h"

#include <variant>

namespace foreshard {

void write(schema::SlotRange::Builder out, const SlotRange& in)
{
    out.setFirst(in.first);
    out.setLast(in.last);
}

void read(schema::SlotRange::Reader in, SlotRange& out, Damage&)
{
    out.first = in.getFirst();
    out.last = in.getLast();
}

void write(schema::ShardAssignment::Builder out, const ShardAssignment& in)
{
    out.setShard(in.shard.value);
    writeList(out.initSlots(listSize(in.slots)), in.slots);
    out.setNode(in.node.value);
    out.setBox(in.box.value);
    out.setEpoch(in.epoch.value);
    out.setIntervalOverrideMs(in.intervalOverrideMs);
}

void read(schema::ShardAssignment::Reader in, ShardAssignment& out, Damage& damage)
{
    out.shard.value = in.getShard();
    readList(in.getSlots(), out.slots, damage);
    out.node.value = in.getNode();
    out.box.value = in.getBox();
    out.epoch.value = in.getEpoch();
    out.intervalOverrideMs = in.getIntervalOverrideMs();
}

void write(schema::IntervalPolicySetting::Builder out, const IntervalPolicySetting& in)
{
    out.setKind(enumNumber(in.kind));
    out.setFixedMs(in.fixedMs);
}

void read(schema::IntervalPolicySetting::Reader in, IntervalPolicySetting& out, Damage& damage)
{
    readEnum(in.getKind(), PolicyKind::kFixed, out.kind, damage);
    out.fixedMs = in.getFixedMs();
}

void write(schema::AssignmentEntry::Builder out, const AssignmentEntry& in)
{
    out.setIndex(in.index);
    out.setTerm(in.term);
    out.setKind(enumNumber(in.kind));
    out.setRouting(enumNumber(in.routing));
    write(out.initPolicy(), in.policy);
    out.setNodes(in.nodes);
    writeList(out.initShards(listSize(in.shards)), in.shards);
    out.setPlan(in.plan.value);
    out.setActor(text(in.actor));
    out.setReason(text(in.reason));
    out.setWallMs(in.wallMs);
}

void read(schema::AssignmentEntry::Reader in, AssignmentEntry& out, Damage& damage)
{
    out.index = in.getIndex();
    out.term = in.getTerm();
    readEnum(in.getKind(), AssignmentEntryKind::kMoveFinished, out.kind, damage);
    readEnum(in.getRouting(), RoutingMode::kClass, out.routing, damage);
    read(in.getPolicy(), out.policy, damage);
    out.nodes = in.getNodes();
    readList(in.getShards(), out.shards, damage);
    out.plan.value = in.getPlan();
    readText(in.getActor(), out.actor);
    readText(in.getReason(), out.reason);
    out.wallMs = in.getWallMs();
}

void write(schema::CheckpointInfo::Builder out, const CheckpointInfo& in)
{
    out.setId(in.id.value);
    out.setShard(in.shard.value);
    out.setEpoch(in.epoch.value);
    out.setN(in.n);
    out.setOffset(in.offset);
    out.setKind(enumNumber(in.kind));
    out.setBase(in.base.value);
    out.setNode(in.node.value);
    out.setFile(text(in.file));
    out.setPosition(in.position);
    out.setBytes(in.bytes);
    out.setCrc(in.crc);
    out.setKeys(in.keys);
    out.setRecordsApplied(in.recordsApplied);
    out.setWallMs(in.wallMs);
    out.setSnapshotMicros(in.snapshotMicros);
    out.setStoreMicros(in.storeMicros);
    out.setIntervalMs(in.intervalMs);
    out.setReason(text(in.reason));
    out.setSetsBack(in.setsBack);
    out.setState(enumNumber(in.state));
    out.setKeepMin(in.keepMin);
}

void read(schema::CheckpointInfo::Reader in, CheckpointInfo& out, Damage& damage)
{
    out.id.value = in.getId();
    out.shard.value = in.getShard();
    out.epoch.value = in.getEpoch();
    out.n = in.getN();
    out.offset = in.getOffset();
    readEnum(in.getKind(), CheckpointKind::kDelta, out.kind, damage);
    out.base.value = in.getBase();
    out.node.value = in.getNode();
    readText(in.getFile(), out.file);
    out.position = in.getPosition();
    out.bytes = in.getBytes();
    out.crc = in.getCrc();
    out.keys = in.getKeys();
    out.recordsApplied = in.getRecordsApplied();
    out.wallMs = in.getWallMs();
    out.snapshotMicros = in.getSnapshotMicros();
    out.storeMicros = in.getStoreMicros();
    out.intervalMs = in.getIntervalMs();
    readText(in.getReason(), out.reason);
    out.setsBack = in.getSetsBack();
    readEnum(in.getState(), CheckpointState::kInvalidated, out.state, damage);
    out.keepMin = in.getKeepMin();
}

void write(schema::LoadForecast::Builder out, const LoadForecast& in)
{
    out.setShard(in.shard.value);
    out.setP10(in.p10);
    out.setP50(in.p50);
    out.setP90(in.p90);
}

void read(schema::LoadForecast::Reader in, LoadForecast& out, Damage&)
{
    out.shard.value = in.getShard();
    out.p10 = in.getP10();
    out.p50 = in.getP50();
    out.p90 = in.getP90();
}

void write(schema::ShardTick::Builder out, const ShardTick& in)
{
    out.setShard(in.shard.value);
    out.setRecords(in.records);
    out.setBytes(in.bytes);
    writeNumbers(out.initTypes(listSize(in.types)), in.types);
    writeNumbers(out.initTypeBytes(listSize(in.typeBytes)), in.typeBytes);
    out.setActual(in.actual);
    out.setBacklog(in.backlog);
    out.setTopKeyShare(in.topKeyShare);
    out.setNodeCpu(in.nodeCpu);
    out.setNodeMemory(in.nodeMemory);
    out.setNodeNetwork(in.nodeNetwork);
}

void read(schema::ShardTick::Reader in, ShardTick& out, Damage& damage)
{
    out.shard.value = in.getShard();
    out.records = in.getRecords();
    out.bytes = in.getBytes();
    readArray(in.getTypes(), out.types, damage);
    readArray(in.getTypeBytes(), out.typeBytes, damage);
    out.actual = in.getActual();
    out.backlog = in.getBacklog();
    out.topKeyShare = in.getTopKeyShare();
    out.nodeCpu = in.getNodeCpu();
    out.nodeMemory = in.getNodeMemory();
    out.nodeNetwork = in.getNodeNetwork();
}

void write(schema::PredictorStatus::Builder out, const PredictorStatus& in)
{
    out.setModel(text(in.model));
    out.setGate(text(in.gate));
    out.setMaeRatio(in.maeRatio);
    out.setCoverageP90(in.coverageP90);
    out.setBatchMs(in.batchMs);
    out.setAnswered(in.answered);
    out.setMissed(in.missed);
}

void read(schema::PredictorStatus::Reader in, PredictorStatus& out, Damage&)
{
    readText(in.getModel(), out.model);
    readText(in.getGate(), out.gate);
    out.maeRatio = in.getMaeRatio();
    out.coverageP90 = in.getCoverageP90();
    out.batchMs = in.getBatchMs();
    out.answered = in.getAnswered();
    out.missed = in.getMissed();
}

void write(schema::MoveCommand::Builder out, const MoveCommand& in)
{
    writeIds(out.initShards(listSize(in.shards)), in.shards);
    out.setTo(in.to.value);
}

void read(schema::MoveCommand::Reader in, MoveCommand& out, Damage& damage)
{
    readIds(in.getShards(), out.shards, damage);
    out.to.value = in.getTo();
}

void write(schema::IntervalCommand::Builder out, const IntervalCommand& in)
{
    out.setShard(in.shard.value);
    out.setIntervalMs(in.intervalMs);
}

void read(schema::IntervalCommand::Reader in, IntervalCommand& out, Damage&)
{
    out.shard.value = in.getShard();
    out.intervalMs = in.getIntervalMs();
}

void write(schema::LocateCommand::Builder out, const LocateCommand& in)
{
    out.setByKey(in.byKey);
    out.setOffset(in.offset);
    out.setKey(data(in.key));
}

void read(schema::LocateCommand::Reader in, LocateCommand& out, Damage&)
{
    out.byKey = in.getByKey();
    out.offset = in.getOffset();
    readData(in.getKey(), out.key);
}

void write(schema::DrillCommand::Builder out, const DrillCommand& in)
{
    out.setName(text(in.name));
    out.setNode(in.node.value);
}

void read(schema::DrillCommand::Reader in, DrillCommand& out, Damage&)
{
    readText(in.getName(), out.name);
    out.node.value = in.getNode();
}

void write(schema::LocateHit::Builder out, const LocateHit& in)
{
    out.setVerified(in.verified);
    out.setShard(in.shard.value);
    out.setBox(in.box.value);
    out.setFile(text(in.file));
    out.setPosition(in.position);
    out.setN(in.n);
    out.setFirstOffset(in.firstOffset);
    out.setLastOffset(in.lastOffset);
    out.setRecords(in.records);
    out.setCheckpoint(in.checkpoint.value);
}

void read(schema::LocateHit::Reader in, LocateHit& out, Damage&)
{
    out.verified = in.getVerified();
    out.shard.value = in.getShard();
    out.box.value = in.getBox();
    readText(in.getFile(), out.file);
    out.position = in.getPosition();
    out.n = in.getN();
    out.firstOffset = in.getFirstOffset();
    out.lastOffset = in.getLastOffset();
    out.records = in.getRecords();
    out.checkpoint.value = in.getCheckpoint();
}

void write(schema::CommandReply::Builder out, const CommandReply& in)
{
    out.setId(in.id);
    out.setOk(in.ok);
    out.setCode(enumNumber(in.code));
    out.setMessage(text(in.message));
    out.setVersion(in.version);
    writeList(out.initHits(listSize(in.hits)), in.hits);
    out.setSegmentsAsked(in.segmentsAsked);
    out.setSegmentsMaybe(in.segmentsMaybe);
}

void read(schema::CommandReply::Reader in, CommandReply& out, Damage& damage)
{
    out.id = in.getId();
    out.ok = in.getOk();
    readEnum(in.getCode(), Errc::kTimeout, out.code, damage);
    readText(in.getMessage(), out.message);
    out.version = in.getVersion();
    readList(in.getHits(), out.hits, damage);
    out.segmentsAsked = in.getSegmentsAsked();
    out.segmentsMaybe = in.getSegmentsMaybe();
}

void write(schema::Command::Builder out, const Command& in)
{
    out.setId(in.id);
    out.setDryRun(in.dryRun);
    out.setExpectVersion(in.expectVersion);
    out.setActor(text(in.actor));
    auto body = out.initBody();
    std::visit(Overloaded{
                   [&](const StatusCommand&) { body.setStatus(); },
                   [&](const MoveCommand& move) { write(body.initMove(), move); },
                   [&](const IntervalCommand& interval) { write(body.initInterval(), interval); },
                   [&](const CheckpointCommand& one) { body.setCheckpointShard(one.shard.value); },
                   [&](const PolicyCommand& policy) { write(body.initPolicy(), policy.policy); },
                   [&](const DrillCommand& drill) { write(body.initDrill(), drill); },
                   [&](const LocateCommand& locate) { write(body.initLocate(), locate); },
                   [&](const SubscribeCommand&) { body.setSubscribe(); },
                   [&](const StopCommand&) { body.setStop(); },
                   [&](const RestoreCommand& restore) {
                       auto to = body.initRestore();
                       to.setShard(restore.shard.value);
                       to.setCheckpoint(restore.checkpoint.value);
                   },
               },
               in.body);
}

namespace {

template <class Body, class Reader>
Body readBody(Reader in, Damage& damage)
{
    Body body;
    read(in, body, damage);
    return body;
}

}  // namespace

void read(schema::Command::Reader in, Command& out, Damage& damage)
{
    out.id = in.getId();
    out.dryRun = in.getDryRun();
    out.expectVersion = in.getExpectVersion();
    readText(in.getActor(), out.actor);
    const auto body = in.getBody();
    using Body = schema::Command::Body;
    switch (body.which()) {
        case Body::STATUS:
            out.body = StatusCommand{};
            return;
        case Body::MOVE:
            out.body = readBody<MoveCommand>(body.getMove(), damage);
            return;
        case Body::INTERVAL:
            out.body = readBody<IntervalCommand>(body.getInterval(), damage);
            return;
        case Body::CHECKPOINT_SHARD:
            out.body = CheckpointCommand{ShardId{body.getCheckpointShard()}};
            return;
        case Body::POLICY:
            out.body = PolicyCommand{readBody<IntervalPolicySetting>(body.getPolicy(), damage)};
            return;
        case Body::DRILL:
            out.body = readBody<DrillCommand>(body.getDrill(), damage);
            return;
        case Body::LOCATE:
            out.body = readBody<LocateCommand>(body.getLocate(), damage);
            return;
        case Body::SUBSCRIBE:
            out.body = SubscribeCommand{};
            return;
        case Body::STOP:
            out.body = StopCommand{};
            return;
        case Body::RESTORE:
            out.body = RestoreCommand{ShardId{body.getRestore().getShard()},
                                      CheckpointId{body.getRestore().getCheckpoint()}};
            return;
    }
    damage.mark("command");
}

}  // namespace foreshard
