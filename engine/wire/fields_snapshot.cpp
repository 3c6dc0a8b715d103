// The cluster snapshot and its parts, field by field.
#include "engine/wire/fields.h"

namespace foreshard {

void write(schema::ShardSnapshot::Builder out, const ShardSnapshot& in)
{
    out.setId(in.id.value);
    writeList(out.initSlots(listSize(in.slots)), in.slots);
    out.setNode(in.node.value);
    out.setBox(in.box.value);
    out.setEpoch(in.epoch.value);
    out.setState(enumNumber(in.state));
    out.setLoadClass(enumNumber(in.loadClass));
    out.setPredicted(in.predicted);
    out.setPredictedP10(in.predictedP10);
    out.setPredictedP90(in.predictedP90);
    out.setActual(in.actual);
    out.setIntervalMs(in.intervalMs);
    out.setIntervalReason(text(in.intervalReason));
    out.setBufferedBytes(in.bufferedBytes);
    out.setBufferedRecords(in.bufferedRecords);
    out.setRecordsIn(in.recordsIn);
    out.setRecordsApplied(in.recordsApplied);
    out.setApplied(in.applied);
    out.setAppliedOffset(in.appliedOffset);
    out.setHasCheckpoint(in.hasCheckpoint);
    write(out.initLastCheckpoint(), in.lastCheckpoint);
    out.setCheckpointAgeMs(in.checkpointAgeMs);
    out.setRecoveryEstimateMs(in.recoveryEstimateMs);
}

void read(schema::ShardSnapshot::Reader in, ShardSnapshot& out, Damage& damage)
{
    out.id.value = in.getId();
    readList(in.getSlots(), out.slots, damage);
    out.node.value = in.getNode();
    out.box.value = in.getBox();
    out.epoch.value = in.getEpoch();
    readEnum(in.getState(), ShardState::kMoving, out.state, damage);
    readEnum(in.getLoadClass(), LoadClass::kHigh, out.loadClass, damage);
    out.predicted = in.getPredicted();
    out.predictedP10 = in.getPredictedP10();
    out.predictedP90 = in.getPredictedP90();
    out.actual = in.getActual();
    out.intervalMs = in.getIntervalMs();
    readText(in.getIntervalReason(), out.intervalReason);
    out.bufferedBytes = in.getBufferedBytes();
    out.bufferedRecords = in.getBufferedRecords();
    out.recordsIn = in.getRecordsIn();
    out.recordsApplied = in.getRecordsApplied();
    out.applied = in.getApplied();
    out.appliedOffset = in.getAppliedOffset();
    out.hasCheckpoint = in.getHasCheckpoint();
    read(in.getLastCheckpoint(), out.lastCheckpoint, damage);
    out.checkpointAgeMs = in.getCheckpointAgeMs();
    out.recoveryEstimateMs = in.getRecoveryEstimateMs();
}

void write(schema::NodeSnapshot::Builder out, const NodeSnapshot& in)
{
    out.setId(in.id.value);
    out.setState(enumNumber(in.state));
    out.setIncarnation(in.incarnation);
    out.setCpu(in.cpu);
    out.setLoad(in.load);
    out.setPredicted(in.predicted);
    out.setRssBytes(in.rssBytes);
    out.setNetBytes(in.netBytes);
    out.setShards(in.shards);
    out.setLastHeardMs(in.lastHeardMs);
}

void read(schema::NodeSnapshot::Reader in, NodeSnapshot& out, Damage& damage)
{
    out.id.value = in.getId();
    readEnum(in.getState(), NodeState::kDead, out.state, damage);
    out.incarnation = in.getIncarnation();
    out.cpu = in.getCpu();
    out.load = in.getLoad();
    out.predicted = in.getPredicted();
    out.rssBytes = in.getRssBytes();
    out.netBytes = in.getNetBytes();
    out.shards = in.getShards();
    out.lastHeardMs = in.getLastHeardMs();
}

void write(schema::RaftMemberSnapshot::Builder out, const RaftMemberSnapshot& in)
{
    out.setId(in.id);
    out.setRole(text(in.role));
    out.setMatch(in.match);
    out.setLastHeardMs(in.lastHeardMs);
}

void read(schema::RaftMemberSnapshot::Reader in, RaftMemberSnapshot& out, Damage&)
{
    out.id = in.getId();
    readText(in.getRole(), out.role);
    out.match = in.getMatch();
    out.lastHeardMs = in.getLastHeardMs();
}

void write(schema::RaftSnapshot::Builder out, const RaftSnapshot& in)
{
    out.setTerm(in.term);
    out.setLeader(in.leader);
    out.setCommit(in.commit);
    out.setApplied(in.applied);
    writeList(out.initMembers(listSize(in.members)), in.members);
    writeList(out.initRecent(listSize(in.recent)), in.recent);
}

void read(schema::RaftSnapshot::Reader in, RaftSnapshot& out, Damage& damage)
{
    out.term = in.getTerm();
    out.leader = in.getLeader();
    out.commit = in.getCommit();
    out.applied = in.getApplied();
    readList(in.getMembers(), out.members, damage);
    readList(in.getRecent(), out.recent, damage);
}

void write(schema::EventSnapshot::Builder out, const EventSnapshot& in)
{
    out.setSeq(in.seq);
    out.setWallMs(in.wallMs);
    out.setSeverity(enumNumber(in.severity));
    out.setKind(text(in.kind));
    out.setText(text(in.text));
}

void read(schema::EventSnapshot::Reader in, EventSnapshot& out, Damage& damage)
{
    out.seq = in.getSeq();
    out.wallMs = in.getWallMs();
    readEnum(in.getSeverity(), EventSeverity::kError, out.severity, damage);
    readText(in.getKind(), out.kind);
    readText(in.getText(), out.text);
}

void write(schema::RecoverySnapshot::Builder out, const RecoverySnapshot& in)
{
    out.setSeq(in.seq);
    out.setWallMs(in.wallMs);
    out.setShard(in.shard.value);
    out.setCause(text(in.cause));
    out.setDetectMs(in.detectMs);
    out.setLoadMs(in.loadMs);
    out.setReplayMs(in.replayMs);
    out.setTotalMs(in.totalMs);
    out.setRecordsReplayed(in.recordsReplayed);
}

void read(schema::RecoverySnapshot::Reader in, RecoverySnapshot& out, Damage&)
{
    out.seq = in.getSeq();
    out.wallMs = in.getWallMs();
    out.shard.value = in.getShard();
    readText(in.getCause(), out.cause);
    out.detectMs = in.getDetectMs();
    out.loadMs = in.getLoadMs();
    out.replayMs = in.getReplayMs();
    out.totalMs = in.getTotalMs();
    out.recordsReplayed = in.getRecordsReplayed();
}

void write(schema::MoveSnapshot::Builder out, const MoveSnapshot& in)
{
    out.setPlan(in.plan.value);
    out.setShard(in.shard.value);
    out.setFrom(in.from.value);
    out.setTo(in.to.value);
    out.setPhase(text(in.phase));
    out.setStartedWallMs(in.startedWallMs);
    out.setPauseMs(in.pauseMs);
    out.setCommittedAt(in.committedAt);
}

void read(schema::MoveSnapshot::Reader in, MoveSnapshot& out, Damage&)
{
    out.plan.value = in.getPlan();
    out.shard.value = in.getShard();
    out.from.value = in.getFrom();
    out.to.value = in.getTo();
    readText(in.getPhase(), out.phase);
    out.startedWallMs = in.getStartedWallMs();
    out.pauseMs = in.getPauseMs();
    out.committedAt = in.getCommittedAt();
}

void write(schema::LatencySnapshot::Builder out, const LatencySnapshot& in)
{
    out.setP50(in.p50);
    out.setP90(in.p90);
    out.setP99(in.p99);
    out.setP999(in.p999);
    out.setMax(in.max);
}

void read(schema::LatencySnapshot::Reader in, LatencySnapshot& out, Damage&)
{
    out.p50 = in.getP50();
    out.p90 = in.getP90();
    out.p99 = in.getP99();
    out.p999 = in.getP999();
    out.max = in.getMax();
}

void write(schema::SourceSnapshot::Builder out, const SourceSnapshot& in)
{
    out.setUri(text(in.uri));
    out.setBytesIn(in.bytesIn);
    out.setRecordsIn(in.recordsIn);
    out.setRecordsRejected(in.recordsRejected);
    out.setBytesInvalidUtf8(in.bytesInvalidUtf8);
    out.setNextOffset(in.nextOffset);
    out.setStartOffset(in.startOffset);
    out.setEnd(in.end);
    out.setLastReject(text(in.lastReject));
    out.setProblem(text(in.problem));
    writeNumbers(out.initRejectsByReason(listSize(in.rejectsByReason)), in.rejectsByReason);
    out.setRejectedLines(in.rejectedLines);
    out.setBlankLines(in.blankLines);
    out.setTimesUnreadable(in.timesUnreadable);
    out.setFirstRejectLine(in.firstReject.line);
    out.setFirstRejectReason(enumNumber(in.firstReject.reason));
    out.setNewestRejectLine(in.newestReject.line);
    out.setNewestRejectReason(enumNumber(in.newestReject.reason));
    out.setNote(text(in.note));
}

void read(schema::SourceSnapshot::Reader in, SourceSnapshot& out, Damage& damage)
{
    readText(in.getUri(), out.uri);
    out.bytesIn = in.getBytesIn();
    out.recordsIn = in.getRecordsIn();
    out.recordsRejected = in.getRecordsRejected();
    out.bytesInvalidUtf8 = in.getBytesInvalidUtf8();
    out.nextOffset = in.getNextOffset();
    out.startOffset = in.getStartOffset();
    out.end = in.getEnd();
    readText(in.getLastReject(), out.lastReject);
    readText(in.getProblem(), out.problem);
    readNumbers(in.getRejectsByReason(), out.rejectsByReason, damage);
    out.rejectedLines = in.getRejectedLines();
    out.blankLines = in.getBlankLines();
    out.timesUnreadable = in.getTimesUnreadable();
    constexpr auto kLast = static_cast<RejectReason>(kRejectReasonCount - 1);
    out.firstReject.line = in.getFirstRejectLine();
    readEnum(in.getFirstRejectReason(), kLast, out.firstReject.reason, damage);
    out.newestReject.line = in.getNewestRejectLine();
    readEnum(in.getNewestRejectReason(), kLast, out.newestReject.reason, damage);
    readText(in.getNote(), out.note);
}

void write(schema::ClusterSnapshot::Builder out, const ClusterSnapshot& in)
{
    out.setSeq(in.seq);
    out.setWallMs(in.wallMs);
    out.setUptimeSeconds(in.uptimeSeconds);
    out.setState(enumNumber(in.state));
    out.setFailure(text(in.failure));
    out.setDataDirectory(text(in.dataDirectory));
    out.setRouting(enumNumber(in.routing));
    write(out.initPolicy(), in.policy);
    write(out.initSource(), in.source);
    out.setRecordsApplied(in.recordsApplied);
    out.setRecordsPerSecond(in.recordsPerSecond);
    out.setBytesPerSecond(in.bytesPerSecond);
    write(out.initLatency(), in.latency);
    writeList(out.initShards(listSize(in.shards)), in.shards);
    writeList(out.initNodes(listSize(in.nodes)), in.nodes);
    write(out.initRaft(), in.raft);
    out.setCheckpointCount(in.checkpointCount);
    out.setCheckpointBytes(in.checkpointBytes);
    out.setCheckpointOverhead(in.checkpointOverhead);
    writeList(out.initCheckpoints(listSize(in.checkpoints)), in.checkpoints);
    writeList(out.initEvents(listSize(in.events)), in.events);
    writeList(out.initRecoveries(listSize(in.recoveries)), in.recoveries);
    writeList(out.initMoves(listSize(in.moves)), in.moves);
    out.setMovesDone(in.movesDone);
    write(out.initPredictor(), in.predictor);
    out.setBoxBytes(in.boxBytes);
    out.setDiskFreeBytes(in.diskFreeBytes);
    write(out.initSink(), in.sink);
    out.setDeadLetters(in.deadLetters);
    out.setRefusedMessages(in.refusedMessages);
    out.setRecordsPerSecondOfRun(in.recordsPerSecondOfRun);
    write(out.initLatencyOfRun(), in.latencyOfRun);
    out.setRecoveriesDone(in.recoveriesDone);
    out.setRestoresDone(in.restoresDone);
}

void read(schema::ClusterSnapshot::Reader in, ClusterSnapshot& out, Damage& damage)
{
    out.seq = in.getSeq();
    out.wallMs = in.getWallMs();
    out.uptimeSeconds = in.getUptimeSeconds();
    readEnum(in.getState(), EngineState::kFailed, out.state, damage);
    readText(in.getFailure(), out.failure);
    readText(in.getDataDirectory(), out.dataDirectory);
    readEnum(in.getRouting(), RoutingMode::kClass, out.routing, damage);
    read(in.getPolicy(), out.policy, damage);
    read(in.getSource(), out.source, damage);
    out.recordsApplied = in.getRecordsApplied();
    out.recordsPerSecond = in.getRecordsPerSecond();
    out.bytesPerSecond = in.getBytesPerSecond();
    read(in.getLatency(), out.latency, damage);
    readList(in.getShards(), out.shards, damage);
    readList(in.getNodes(), out.nodes, damage);
    read(in.getRaft(), out.raft, damage);
    out.checkpointCount = in.getCheckpointCount();
    out.checkpointBytes = in.getCheckpointBytes();
    out.checkpointOverhead = in.getCheckpointOverhead();
    readList(in.getCheckpoints(), out.checkpoints, damage);
    readList(in.getEvents(), out.events, damage);
    readList(in.getRecoveries(), out.recoveries, damage);
    readList(in.getMoves(), out.moves, damage);
    out.movesDone = in.getMovesDone();
    read(in.getPredictor(), out.predictor, damage);
    out.boxBytes = in.getBoxBytes();
    out.diskFreeBytes = in.getDiskFreeBytes();
    read(in.getSink(), out.sink, damage);
    out.deadLetters = in.getDeadLetters();
    out.refusedMessages = in.getRefusedMessages();
    out.recordsPerSecondOfRun = in.getRecordsPerSecondOfRun();
    read(in.getLatencyOfRun(), out.latencyOfRun, damage);
    out.recoveriesDone = in.getRecoveriesDone();
    out.restoresDone = in.getRestoresDone();
}

}  // namespace foreshard
