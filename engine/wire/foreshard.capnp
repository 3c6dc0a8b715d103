# The payloads of all envelopes that are not raw bytes. Fields may be added at the end of a struct;
# a number is never used again for something else. Enums travel as UInt8 and are range-checked by
# the codec, so that an unknown value is refused instead of guessed.
@0xf5e89e0e6aafbdaf;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("foreshard::schema");

# model/assignment.h, checkpoint.h, load.h, command.h

struct SlotRange {
  first @0 :UInt32;
  last @1 :UInt32;
}

struct ShardAssignment {
  shard @0 :UInt32;
  slots @1 :List(SlotRange);
  node @2 :UInt32;
  box @3 :UInt32;
  epoch @4 :UInt64;
  intervalOverrideMs @5 :UInt32;
}

struct IntervalPolicySetting {
  kind @0 :UInt8;
  fixedMs @1 :UInt32;
}

struct AssignmentEntry {
  index @0 :UInt64;
  term @1 :UInt64;
  kind @2 :UInt8;
  routing @3 :UInt8;
  policy @4 :IntervalPolicySetting;
  nodes @5 :UInt32;
  shards @6 :List(ShardAssignment);
  plan @7 :UInt64;
  actor @8 :Text;
  reason @9 :Text;
  wallMs @10 :Int64;
}

struct CheckpointInfo {
  id @0 :UInt64;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  n @3 :UInt64;
  offset @4 :UInt64;
  kind @5 :UInt8;
  base @6 :UInt64;
  node @7 :UInt32;
  file @8 :Text;
  position @9 :UInt64;
  bytes @10 :UInt64;
  crc @11 :UInt32;
  keys @12 :UInt64;
  recordsApplied @13 :UInt64;
  wallMs @14 :Int64;
  snapshotMicros @15 :Int64;
  storeMicros @16 :Int64;
  intervalMs @17 :UInt32;
  reason @18 :Text;
  setsBack @19 :Bool;
  state @20 :UInt8;
  keepMin @21 :UInt32;
}

struct LoadForecast {
  shard @0 :UInt32;
  p10 @1 :Int32;
  p50 @2 :Int32;
  p90 @3 :Int32;
}

struct ShardTick {
  shard @0 :UInt32;
  records @1 :UInt32;
  bytes @2 :UInt32;
  types @3 :List(UInt32);
  typeBytes @4 :List(UInt32);
  actual @5 :Int32;
  backlog @6 :Int32;
  topKeyShare @7 :Int32;
  nodeCpu @8 :Int32;
  nodeMemory @9 :Int32;
  nodeNetwork @10 :Int32;
}

struct PredictorStatus {
  model @0 :Text;
  gate @1 :Text;
  maeRatio @2 :Float64;
  coverageP90 @3 :Float64;
  batchMs @4 :Float64;
  answered @5 :UInt64;
  missed @6 :UInt64;
}

struct MoveCommand {
  shards @0 :List(UInt32);
  to @1 :UInt32;
}

struct IntervalCommand {
  shard @0 :UInt32;
  intervalMs @1 :UInt32;
}

struct LocateCommand {
  byKey @0 :Bool;
  offset @1 :UInt64;
  key @2 :Data;
}

struct RestoreCommand {
  shard @0 :UInt32;
  checkpoint @1 :UInt64;
}

struct DrillCommand {
  name @0 :Text;
  node @1 :UInt32;
}

struct LocateHit {
  verified @0 :Bool;
  shard @1 :UInt32;
  box @2 :UInt32;
  file @3 :Text;
  position @4 :UInt64;
  n @5 :UInt64;
  firstOffset @6 :UInt64;
  lastOffset @7 :UInt64;
  records @8 :UInt64;
  checkpoint @9 :UInt64;
}

struct CommandReply {
  id @0 :UInt64;
  ok @1 :Bool;
  code @2 :UInt8;
  message @3 :Text;
  version @4 :UInt64;
  hits @5 :List(LocateHit);
  segmentsAsked @6 :UInt64;
  segmentsMaybe @7 :UInt64;
}

struct Command {
  id @0 :UInt64;
  dryRun @1 :Bool;
  expectVersion @2 :UInt64;
  actor @3 :Text;
  body :union {
    status @4 :Void;
    move @5 :MoveCommand;
    interval @6 :IntervalCommand;
    checkpointShard @7 :UInt32;
    policy @8 :IntervalPolicySetting;
    drill @9 :DrillCommand;
    locate @10 :LocateCommand;
    subscribe @11 :Void;
    stop @12 :Void;
    restore @13 :RestoreCommand;
  }
}

# model/message.h

struct Subscribe {
  node @0 :UInt32;
  incarnation @1 :UInt32;
  shard @2 :UInt32;
  epoch @3 :UInt64;
  fromN @4 :UInt64;
  window @5 :UInt64;
  fence @6 :UInt64;
}

struct Applied {
  node @0 :UInt32;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  n @3 :UInt64;
}

struct RouteTable {
  version @0 :UInt64;
  routing @1 :UInt8;
  shards @2 :List(ShardAssignment);
}

struct Truncate {
  shard @0 :UInt32;
  n @1 :UInt64;
  savedN @2 :UInt64;
  fence @3 :UInt64;
}

struct Retain {
  shard @0 :UInt32;
  fence @1 :UInt64;
  fromN @2 :UInt64;
  dryRun @3 :Bool;
}

struct Retained {
  shard @0 :UInt32;
  fence @1 :UInt64;
  lastN @2 :UInt64;
  missingFirst @3 :UInt64;
  missingLast @4 :UInt64;
  failure @5 :Text;
  failureCode @6 :UInt8;
}

struct EdgeShardReport {
  tick @0 :ShardTick;
  recordsIn @1 :UInt64;
  lastN @2 :UInt64;
  nextOffset @3 :UInt64;
  bufferedBytes @4 :UInt64;
  bufferedRecords @5 :UInt64;
}

struct EdgeReport {
  routeVersion @0 :UInt64;
  tick @1 :UInt64;
  source @2 :SourceSnapshot;
  boxBytes @3 :UInt64;
  diskFreeBytes @4 :UInt64;
  drained @5 :Bool;
  failure @6 :Text;
  failureCode @7 :UInt8;
  shards @8 :List(EdgeShardReport);
}

struct Assign {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  intervalMs @2 :UInt32;
  chain @3 :List(CheckpointInfo);
  cause @4 :Text;
  dead @5 :List(RecordPlace);
  suspects @6 :List(Suspect);
  fence @7 :UInt64;
}

struct Release {
  shard @0 :UInt32;
  epoch @1 :UInt64;
}

struct Revoke {
  shard @0 :UInt32;
  epoch @1 :UInt64;
}

struct SetInterval {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  intervalMs @2 :UInt32;
}

struct CheckpointNow {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  reason @2 :Text;
}

struct CheckpointCommitted {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  id @2 :UInt64;
  accepted @3 :Bool;
  rebase @4 :Bool;
}

struct CheckpointDone {
  node @0 :UInt32;
  info @1 :CheckpointInfo;
}

struct Subscribed {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  lastN @2 :UInt64;
}

struct Released {
  node @0 :UInt32;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  n @3 :UInt64;
}

struct Recovered {
  node @0 :UInt32;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  cause @3 :Text;
  loadMicros @4 :Int64;
  replayMicros @5 :Int64;
  recordsReplayed @6 :UInt64;
}

struct NodeShardReport {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  state @2 :UInt8;
  applied @3 :UInt64;
  appliedOffset @4 :UInt64;
  recordsApplied @5 :UInt64;
  busyNanos @6 :Int64;
  checkpointNanos @7 :Int64;
  intervalMs @8 :UInt32;
  outputsPending @9 :UInt64;
  outputBytes @10 :UInt64;
  outputsFull @11 :Bool;
}

struct NodeReport {
  node @0 :UInt32;
  incarnation @1 :UInt32;
  uptimeNanos @2 :Int64;
  busyNanos @3 :Int64;
  rssBytes @4 :UInt64;
  netBytes @5 :UInt64;
  latencyBuckets @6 :List(UInt64);
  shards @7 :List(NodeShardReport);
  failure @8 :Text;
  failureCode @9 :UInt8;
}

struct PredictRequest {
  tick @0 :UInt64;
  shards @1 :List(ShardTick);
}

struct PredictReply {
  tick @0 :UInt64;
  model @1 :Text;
  batchMs @2 :Float64;
  failure @3 :Text;
  loads @4 :List(LoadForecast);
}

struct RestoreFailed {
  node @0 :UInt32;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  id @3 :UInt64;
  code @4 :UInt8;
  text @5 :Text;
}

struct ScrubRequest {
  id @0 :UInt64;
  chain @1 :List(CheckpointInfo);
}

struct ScrubReply {
  id @0 :UInt64;
  bad @1 :UInt64;
  code @2 :UInt8;
  text @3 :Text;
}

struct LocateRequest {
  id @0 :UInt64;
  replyTo @1 :Text;
  what @2 :LocateCommand;
}

struct LocateReply {
  id @0 :UInt64;
  reply @1 :CommandReply;
}

struct Stop {}

# model/output.h

struct OutputBatch {
  node @0 :UInt32;
  stream @1 :UInt64;
  shard @2 :UInt32;
  epoch @3 :UInt64;
  n @4 :UInt64;
  previous @5 :UInt64;
  floor @6 :UInt64;
  rows @7 :UInt32;
  packed @8 :Data;
}

struct OutputTaken {
  node @0 :UInt32;
  shard @1 :UInt32;
  epoch @2 :UInt64;
  n @3 :UInt64;
  failure @4 :Text;
  failureCode @5 :UInt8;
}

struct SinkAsk {}

struct SinkStatus {
  stream @0 :UInt64;
  rows @1 :UInt64;
  bytes @2 :UInt64;
  problem @3 :Text;
}

struct SinkShard {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  n @2 :UInt64;
}

struct SinkProgress {
  stream @0 :UInt64;
  format @1 :UInt8;
  bytes @2 :UInt64;
  tailCrc @3 :UInt32;
  cut @4 :Bool;
  shards @5 :List(SinkShard);
  tail @6 :Data;
}

struct SinkBinding {
  uri @0 :Text;
  mode @1 :UInt8;
  stream @2 :UInt64;
}

struct Poisoned {
  node @0 :UInt32;
  epoch @1 :UInt64;
  letter @2 :DeadLetter;
}

struct Quarantined {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  offset @2 :UInt64;
}

# model/dead_letter.h

struct RecordPlace {
  shard @0 :UInt32;
  n @1 :UInt64;
  index @2 :UInt32;
  offset @3 :UInt64;
}

struct DeadLetter {
  place @0 :RecordPlace;
  key @1 :Data;
  raw @2 :Data;
  crc @3 :UInt32;
  reason @4 :Text;
  tries @5 :UInt32;
  wallMs @6 :Int64;
}

struct Suspect {
  place @0 :RecordPlace;
  tries @1 :UInt32;
  life @2 :UInt64;
  reason @3 :Text;
}

struct SuspectList {
  suspects @0 :List(Suspect);
}

# model/control_entry.h

struct CheckpointsJudged {
  shard @0 :UInt32;
  ids @1 :List(UInt64);
  state @2 :UInt8;
}

struct CheckpointsReinstated {
  shard @0 :UInt32;
  chain @1 :List(UInt64);
}

struct ControlEntry {
  index @0 :UInt64;
  term @1 :UInt64;
  wallMs @2 :Int64;
  change :union {
    assignment @3 :AssignmentEntry;
    listed @4 :CheckpointInfo;
    judged @5 :CheckpointsJudged;
    reinstated @6 :CheckpointsReinstated;
    letter @7 :DeadLetter;
    fenceRaised @8 :UInt32;
  }
}

struct ShardFence {
  shard @0 :UInt32;
  fence @1 :UInt64;
}

struct ControlSnapshot {
  index @0 :UInt64;
  term @1 :UInt64;
  wallMs @2 :Int64;
  version @3 :UInt64;
  routing @4 :UInt8;
  policy @5 :IntervalPolicySetting;
  nodes @6 :UInt32;
  shards @7 :List(ShardAssignment);
  fences @8 :List(ShardFence);
  lastCheckpoint @9 :UInt64;
  keepMin @10 :UInt32;
  parts @11 :UInt32;
}

# model/snapshot.h

struct ShardSnapshot {
  id @0 :UInt32;
  slots @1 :List(SlotRange);
  node @2 :UInt32;
  box @3 :UInt32;
  epoch @4 :UInt64;
  state @5 :UInt8;
  loadClass @6 :UInt8;
  predicted @7 :Int32;
  predictedP10 @8 :Int32;
  predictedP90 @9 :Int32;
  actual @10 :Int32;
  intervalMs @11 :UInt32;
  intervalReason @12 :Text;
  bufferedBytes @13 :UInt64;
  bufferedRecords @14 :UInt64;
  recordsIn @15 :UInt64;
  recordsApplied @16 :UInt64;
  applied @17 :UInt64;
  appliedOffset @18 :UInt64;
  hasCheckpoint @19 :Bool;
  lastCheckpoint @20 :CheckpointInfo;
  checkpointAgeMs @21 :Int64;
  recoveryEstimateMs @22 :Int64;
}

struct NodeSnapshot {
  id @0 :UInt32;
  state @1 :UInt8;
  incarnation @2 :UInt32;
  cpu @3 :Int32;
  load @4 :Int32;
  predicted @5 :Int32;
  rssBytes @6 :UInt64;
  netBytes @7 :UInt64;
  shards @8 :UInt32;
  lastHeardMs @9 :Int64;
}

struct RaftMemberSnapshot {
  id @0 :UInt32;
  role @1 :Text;
  match @2 :UInt64;
  lastHeardMs @3 :Int64;
}

struct RaftSnapshot {
  term @0 :UInt64;
  leader @1 :UInt32;
  commit @2 :UInt64;
  applied @3 :UInt64;
  members @4 :List(RaftMemberSnapshot);
  recent @5 :List(AssignmentEntry);
}

struct EventSnapshot {
  seq @0 :UInt64;
  wallMs @1 :Int64;
  severity @2 :UInt8;
  kind @3 :Text;
  text @4 :Text;
}

struct RecoverySnapshot {
  seq @0 :UInt64;
  wallMs @1 :Int64;
  shard @2 :UInt32;
  cause @3 :Text;
  detectMs @4 :Int64;
  loadMs @5 :Int64;
  replayMs @6 :Int64;
  totalMs @7 :Int64;
  recordsReplayed @8 :UInt64;
}

struct MoveSnapshot {
  plan @0 :UInt64;
  shard @1 :UInt32;
  from @2 :UInt32;
  to @3 :UInt32;
  phase @4 :Text;
  startedWallMs @5 :Int64;
  pauseMs @6 :Int64;
  committedAt @7 :UInt64;
}

struct LatencySnapshot {
  p50 @0 :Int64;
  p90 @1 :Int64;
  p99 @2 :Int64;
  p999 @3 :Int64;
  max @4 :Int64;
}

struct SourceSnapshot {
  uri @0 :Text;
  bytesIn @1 :UInt64;
  recordsIn @2 :UInt64;
  recordsRejected @3 :UInt64;
  bytesInvalidUtf8 @4 :UInt64;
  nextOffset @5 :UInt64;
  end @6 :Bool;
  lastReject @7 :Text;
  problem @8 :Text;
  rejectsByReason @9 :List(UInt64);
  rejectedLines @10 :UInt64;
  blankLines @11 :UInt64;
  timesUnreadable @12 :UInt64;
  firstRejectLine @13 :UInt64;
  firstRejectReason @14 :UInt8;
  newestRejectLine @15 :UInt64;
  newestRejectReason @16 :UInt8;
  note @17 :Text;
  startOffset @18 :UInt64;
}

struct SinkSnapshot {
  uri @0 :Text;
  mode @1 :Text;
  rows @2 :UInt64;
  bytes @3 :UInt64;
  pendingBytes @4 :UInt64;
  problem @5 :Text;
}

struct ClusterSnapshot {
  seq @0 :UInt64;
  wallMs @1 :Int64;
  uptimeSeconds @2 :Float64;
  state @3 :UInt8;
  failure @4 :Text;
  dataDirectory @5 :Text;
  routing @6 :UInt8;
  policy @7 :IntervalPolicySetting;
  source @8 :SourceSnapshot;
  recordsApplied @9 :UInt64;
  recordsPerSecond @10 :Float64;
  bytesPerSecond @11 :Float64;
  latency @12 :LatencySnapshot;
  shards @13 :List(ShardSnapshot);
  nodes @14 :List(NodeSnapshot);
  raft @15 :RaftSnapshot;
  checkpointCount @16 :UInt64;
  checkpointBytes @17 :UInt64;
  checkpointOverhead @18 :Float64;
  checkpoints @19 :List(CheckpointInfo);
  events @20 :List(EventSnapshot);
  recoveries @21 :List(RecoverySnapshot);
  moves @22 :List(MoveSnapshot);
  movesDone @23 :UInt64;
  predictor @24 :PredictorStatus;
  boxBytes @25 :UInt64;
  diskFreeBytes @26 :UInt64;
  sink @27 :SinkSnapshot;
  deadLetters @28 :UInt64;
  refusedMessages @29 :UInt64;
  recordsPerSecondOfRun @30 :Float64;
  latencyOfRun @31 :LatencySnapshot;
  recoveriesDone @32 :UInt64;
  restoresDone @33 :UInt64;
}

# model/frame.h, record.h

struct SourcePosition {
  byte @0 :UInt64;
  line @1 :UInt64;
  nextOffset @2 :UInt64;
  hash @3 :UInt64;
}

struct FrameHeader {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  n @2 :UInt64;
  batch @3 :UInt64;
  part @4 :UInt32;
  parts @5 :UInt32;
  firstOffset @6 :UInt64;
  lastOffset @7 :UInt64;
  records @8 :UInt32;
  sourceAfter @9 :SourcePosition;
  wallMs @10 :Int64;
  cutAt @11 :Int64;
}

struct Frame {
  header @0 :FrameHeader;
  records @1 :Data;
}

struct CheckpointData {
  shard @0 :UInt32;
  epoch @1 :UInt64;
  n @2 :UInt64;
  kind @3 :UInt8;
  state @4 :Data;
  outputs @5 :Data;
}

struct StreamSchema {
  source @0 :Text;
  pattern @1 :Text;
  keyField @2 :Text;
  timeField @3 :Text;
  typeField @4 :Text;
  valueField @5 :Text;
  recordBytesMax @6 :UInt64;
  version @7 :UInt32;
}
