#include "tests/support/scripted_link.h"

#include "engine/base/overloaded.h"

#include <algorithm>
#include <cmath>

namespace foreshard::ui {
namespace {

constexpr std::int64_t kStepMs = 100;
constexpr double kTwoPi = 6.283185307179586;

LoadClass classOf(PerMille predicted)
{
    if (predicted >= 240) return LoadClass::kHigh;
    return predicted >= 110 ? LoadClass::kMedium : LoadClass::kLow;
}

std::uint32_t intervalOf(LoadClass loadClass)
{
    switch (loadClass) {
        case LoadClass::kHigh:
            return 100;
        case LoadClass::kMedium:
            return 500;
        case LoadClass::kLow:
            return 1000;
    }
    return 1000;
}

template <class T>
void bounded(std::deque<T>& all, std::size_t max)
{
    while (all.size() > max)
        all.pop_front();
}

std::string shardText(ShardId shard) { return "shard " + std::to_string(shard.value); }

std::string nodeText(NodeId node) { return "node " + std::to_string(node.value); }

}  // namespace

ScriptedLink::ScriptedLink(Options options) : options_(options), random_(options.seed)
{
    nodeUpAtMs_.assign(options_.nodes, 0);
    incarnations_.assign(options_.nodes, 1);
    const std::uint32_t width = kSlotCount / options_.shards;
    for (std::uint32_t i = 0; i < options_.shards; ++i) {
        Shard shard;
        shard.now.id = {i};
        shard.now.slots = {{i * width, i + 1 == options_.shards ? kSlotCount : (i + 1) * width}};
        shard.now.node = {i % options_.nodes};
        shard.now.box = {i % options_.nodes};
        shard.now.epoch = {1};
        shard.now.state = ShardState::kLive;
        // A few busy shards, the rest quiet.
        shard.base = i % 7 == 3 ? 250 : 50 + static_cast<double>(random_.below(130));
        shard.swing = shard.base * (0.2 + random_.unit() * 0.4);
        shard.periodS = 12 + random_.unit() * 40;
        shard.phase = random_.unit();
        shards_.push_back(shard);
    }
    addEntry(AssignmentEntryKind::kBootstrap, nullptr, "start", "first start");
    addEvent(EventSeverity::kInfo, "source", "reading synth:mixed");
}

void ScriptedLink::setState(LinkState state, std::string description)
{
    state_ = state;
    description_ = std::move(description);
    wake();
}

void ScriptedLink::refuseNext(Errc code, std::string message)
{
    refuseNext_ = true;
    refusal_ = {};
    refusal_.ok = false;
    refusal_.code = code;
    refusal_.message = std::move(message);
}

void ScriptedLink::wake()
{
    if (listener_) listener_();
}

void ScriptedLink::advance(std::int64_t ms)
{
    for (std::int64_t done = 0; done < ms; done += kStepMs) {
        step();
        publish();
        wake();
    }
}

void ScriptedLink::step()
{
    nowMs_ += kStepMs;
    recordsPerSecond_ = 0;
    for (auto& shard : shards_)
        stepShard(shard);
    for (std::size_t i = 0; i < nodeUpAtMs_.size(); ++i) {
        if (nodeUpAtMs_[i] == 0 || nowMs_ < nodeUpAtMs_[i]) continue;
        nodeUpAtMs_[i] = 0;
        addEvent(EventSeverity::kInfo, "recovery",
                 nodeText({static_cast<std::uint32_t>(i)}) + " is up again");
    }
    if (nowMs_ % 45'000 == 0)
        addEvent(EventSeverity::kWarning, "predictor",
                 "an answer came late; reactive for one tick");
}

void ScriptedLink::stepShard(Shard& shard)
{
    stepLoad(shard);
    ShardSnapshot& now = shard.now;
    const auto arrived = static_cast<std::uint64_t>(now.actual) * 9 / 10 + random_.below(8);
    recordsPerSecond_ += static_cast<double>(arrived) * 10;
    now.recordsIn += arrived;
    now.bufferedRecords += arrived;
    now.bufferedBytes += arrived * 118;
    records_ += arrived;
    shard.sinceCheckpointMs += kStepMs;
    now.checkpointAgeMs = shard.sinceCheckpointMs;
    if (shard.restoredAtMs != 0) {
        if (nowMs_ >= shard.restoredAtMs) finishRestore(shard);
    } else {
        now.recordsApplied = now.recordsIn;
        now.applied += 4;
        now.appliedOffset = records_;
        if (shard.sinceCheckpointMs >= now.intervalMs) checkpoint(shard, "interval");
    }
    now.recoveryEstimateMs = 24 + static_cast<std::int64_t>(now.bufferedRecords / 12);
}

void ScriptedLink::stepLoad(Shard& shard)
{
    ShardSnapshot& now = shard.now;
    const auto loadAt = [&](double seconds) {
        return shard.base
               + shard.swing * std::sin(kTwoPi * (seconds / shard.periodS + shard.phase));
    };
    const double seconds = static_cast<double>(nowMs_) / 1000;
    const double noise = (random_.unit() - 0.5) * (8 + shard.base * 0.12);
    now.actual = static_cast<PerMille>(std::max(2.0, loadAt(seconds) + noise));
    now.predicted = static_cast<PerMille>(std::max(2.0, loadAt(seconds + 0.6)));
    const auto spread = static_cast<PerMille>(8 + now.predicted / 9);
    now.predictedP10 = std::max(0, now.predicted - spread);
    now.predictedP90 = now.predicted + spread;
    const LoadClass before = now.loadClass;
    now.loadClass = classOf(now.predicted);
    now.intervalMs = shard.overrideMs != 0 ? shard.overrideMs : intervalOf(now.loadClass);
    now.intervalReason = shard.overrideMs != 0
                             ? "set by the operator"
                             : std::string(loadClassName(now.loadClass)) + ": predicted "
                                   + std::to_string(now.predicted / 10) + " % of a node";
    if (before != now.loadClass && nowMs_ > kStepMs) {
        addEvent(EventSeverity::kInfo, "checkpoint",
                 shardText(now.id) + " is " + loadClassName(now.loadClass) + " now: interval "
                     + std::to_string(now.intervalMs) + " ms");
    }
}

void ScriptedLink::checkpoint(Shard& shard, const std::string& reason)
{
    ShardSnapshot& now = shard.now;
    CheckpointInfo info;
    info.id = {++checkpointCount_};
    info.shard = now.id;
    info.epoch = now.epoch;
    info.n = now.applied;
    info.offset = now.appliedOffset;
    info.kind = shard.checkpoints++ % 12 == 0 ? CheckpointKind::kFull : CheckpointKind::kDelta;
    const bool full = info.kind == CheckpointKind::kFull;
    info.base = full ? CheckpointId{} : now.lastCheckpoint.id;
    info.node = now.node;
    info.file = "checkpoints/node-" + std::to_string(now.node.value) + ".log";
    info.keys = full ? 1800 + random_.below(400) : 20 + random_.below(200);
    info.bytes = info.keys * 41 + 96;
    info.position = checkpointBytes_;
    info.recordsApplied = now.recordsApplied;
    info.wallMs = wallMs();
    info.snapshotMicros = static_cast<std::int64_t>(120 + info.keys * 2);
    info.storeMicros = static_cast<std::int64_t>(3000 + random_.below(9000) + info.keys * 9);
    info.intervalMs = now.intervalMs;
    info.reason = reason;
    checkpointBytes_ += info.bytes;
    now.hasCheckpoint = true;
    now.lastCheckpoint = info;
    now.checkpointAgeMs = 0;
    now.bufferedBytes = 0;
    now.bufferedRecords = 0;
    shard.sinceCheckpointMs = 0;
    checkpoints_.push_back(info);
    bounded(checkpoints_, 512);
}

void ScriptedLink::startRestore(Shard& shard, NodeId to, std::int64_t inMs,
                                const std::string& cause)
{
    shard.target = to;
    shard.cause = cause;
    shard.restoredAtMs = nowMs_ + inMs;
    shard.now.state = cause == "move" ? ShardState::kMoving : ShardState::kRestoring;
}

void ScriptedLink::finishRestore(Shard& shard)
{
    ShardSnapshot& now = shard.now;
    RecoverySnapshot recovery;
    recovery.seq = ++recoveryCount_;
    recovery.wallMs = wallMs();
    recovery.shard = now.id;
    recovery.cause = shard.cause;
    recovery.detectMs = shard.cause == "move" ? 0 : 150;
    recovery.loadMs = 12;
    recovery.replayMs = static_cast<std::int64_t>(4 + now.bufferedRecords / 40);
    recovery.totalMs = recovery.detectMs + recovery.loadMs + recovery.replayMs;
    recovery.recordsReplayed = now.bufferedRecords;
    recoveries_.push_back(recovery);
    bounded(recoveries_, 256);
    const NodeId from = now.node;
    now.node = shard.target;
    now.box = {shard.target.value};
    now.epoch = {now.epoch.value + 1};
    now.state = ShardState::kLive;
    shard.restoredAtMs = 0;
    addEntry(AssignmentEntryKind::kAssign, &shard, shard.cause == "move" ? "operator" : "recovery",
             shard.cause);
    for (auto& move : moves_) {
        if (move.shard != now.id || move.phase == "done") continue;
        move.phase = "done";
        move.pauseMs = 38;
        move.committedAt = entries_.back().index;
        ++movesDone_;
    }
    addEvent(EventSeverity::kInfo, shard.cause == "move" ? "move" : "recovery",
             shardText(now.id) + ": " + nodeText(from) + " -> " + nodeText(now.node) + ", replayed "
                 + std::to_string(recovery.recordsReplayed) + " records");
}

void ScriptedLink::addEvent(EventSeverity severity, std::string kind, std::string text)
{
    events_.push_back({++eventCount_, wallMs(), severity, std::move(kind), std::move(text)});
    bounded(events_, 256);
}

void ScriptedLink::addEntry(AssignmentEntryKind kind, const Shard* shard, std::string actor,
                            std::string reason)
{
    AssignmentEntry entry;
    entry.index = entries_.empty() ? 1 : entries_.back().index + 1;
    entry.kind = kind;
    entry.policy = policy_;
    entry.nodes = options_.nodes;
    if (shard != nullptr) {
        entry.shards.push_back({shard->now.id, shard->now.slots, shard->now.node, shard->now.box,
                                shard->now.epoch, shard->overrideMs});
    }
    entry.plan = {planCount_};
    entry.actor = std::move(actor);
    entry.reason = std::move(reason);
    entry.wallMs = wallMs();
    entries_.push_back(std::move(entry));
    bounded(entries_, 64);
}

void ScriptedLink::publish()
{
    auto snapshot = std::make_shared<ClusterSnapshot>();
    snapshot->seq = ++seq_;
    snapshot->wallMs = wallMs();
    snapshot->uptimeSeconds = static_cast<double>(nowMs_) / 1000;
    snapshot->state = EngineState::kRunning;
    snapshot->dataDirectory = "demo";
    snapshot->policy = policy_;
    snapshot->source.uri = "synth:mixed";
    snapshot->source.bytesIn = records_ * 118;
    snapshot->source.recordsIn = records_;
    snapshot->source.nextOffset = records_;
    snapshot->recordsApplied = records_;
    snapshot->recordsPerSecond = recordsPerSecond_;
    snapshot->bytesPerSecond = recordsPerSecond_ * 118;
    snapshot->latency = {1600, 3100, 6200, 11'500, 19'000};
    snapshot->latencyOfRun = {1700, 3300, 6900, 12'000, 24'000};
    for (const auto& shard : shards_)
        snapshot->shards.push_back(shard.now);
    addNodes(*snapshot);
    addRaft(*snapshot);
    snapshot->checkpointCount = checkpointCount_;
    snapshot->checkpointBytes = checkpointBytes_;
    snapshot->checkpointOverhead = 0.021;
    snapshot->checkpoints.assign(checkpoints_.begin(), checkpoints_.end());
    snapshot->events.assign(events_.begin(), events_.end());
    snapshot->recoveries.assign(recoveries_.begin(), recoveries_.end());
    snapshot->moves.assign(moves_.begin(), moves_.end());
    snapshot->movesDone = movesDone_;
    snapshot->predictor = {"shard_predictor 1", "model", 0.81, 0.91, 0.46, seq_, seq_ / 450};
    snapshot->boxBytes = 3'000'000 + records_ * 4;
    snapshot->diskFreeBytes = 48'000'000'000;
    latest_ = std::move(snapshot);
}

void ScriptedLink::addNodes(ClusterSnapshot& snapshot) const
{
    for (std::uint32_t i = 0; i < options_.nodes; ++i) {
        NodeSnapshot node;
        node.id = {i};
        node.state = nodeUpAtMs_[i] != 0 ? NodeState::kDead : NodeState::kUp;
        node.incarnation = incarnations_[i];
        for (const auto& shard : shards_) {
            if (shard.now.node != node.id) continue;
            ++node.shards;
            node.load += shard.now.actual;
            node.predicted += shard.now.predicted;
            node.netBytes += shard.now.recordsIn * 118;
        }
        node.cpu = node.state == NodeState::kDead ? 0 : node.load * 9 / 10 + 12;
        node.rssBytes = 42'000'000;
        node.lastHeardMs = node.state == NodeState::kDead ? 900 : 20;
        snapshot.nodes.push_back(node);
    }
}

void ScriptedLink::addRaft(ClusterSnapshot& snapshot) const
{
    snapshot.raft.term = 1;
    snapshot.raft.leader = 0;
    snapshot.raft.commit = entries_.back().index;
    snapshot.raft.applied = entries_.back().index;
    snapshot.raft.members = {{0, "leader", entries_.back().index, 0}};
    snapshot.raft.recent.assign(entries_.begin(), entries_.end());
}

std::uint64_t ScriptedLink::send(Command command)
{
    if (queueFull_) {
        queueFull_ = false;
        return 0;
    }
    command.id = nextCommand_++;
    CommandReply reply = refuseNext_ ? refusal_ : answer(command);
    refuseNext_ = false;
    reply.id = command.id;
    reply.version = entries_.back().index;
    replies_.push_back(std::move(reply));
    sent_.push_back(std::move(command));
    wake();
    return sent_.back().id;
}

std::vector<CommandReply> ScriptedLink::takeReplies() { return std::exchange(replies_, {}); }

CommandReply ScriptedLink::answer(const Command& command)
{
    CommandReply reply;
    std::visit(
        Overloaded{[](const StatusCommand&) {}, [](const SubscribeCommand&) {},
                   [](const StopCommand&) {}, [](const RestoreCommand&) {},
                   [&](const MoveCommand& move) { reply = answerMove(move); },
                   [&](const IntervalCommand& interval) {
                       auto& shard = shards_.at(interval.shard.value);
                       shard.overrideMs = interval.intervalMs;
                       addEntry(AssignmentEntryKind::kInterval, &shard, "operator", "interval set");
                       reply.message = "interval set";
                   },
                   [&](const CheckpointCommand& asked) {
                       checkpoint(shards_.at(asked.shard.value), "command");
                       reply.message = "checkpoint asked for";
                   },
                   [&](const PolicyCommand& asked) {
                       policy_ = asked.policy;
                       addEntry(AssignmentEntryKind::kPolicy, nullptr, "operator", "policy set");
                       reply.message = "policy set";
                   },
                   [&](const DrillCommand& drill) { reply = answerKill(drill); },
                   [&](const LocateCommand& locate) { reply = answerLocate(locate); }},
        command.body);
    return reply;
}

CommandReply ScriptedLink::answerMove(const MoveCommand& move)
{
    ++planCount_;
    for (const ShardId id : move.shards) {
        auto& shard = shards_.at(id.value);
        moves_.push_back({{planCount_}, id, shard.now.node, move.to, "draining", wallMs(), 0, 0});
        startRestore(shard, move.to, options_.moveMs, "move");
        addEntry(AssignmentEntryKind::kMoveStarted, &shard, "operator", "to " + nodeText(move.to));
    }
    bounded(moves_, 64);
    CommandReply reply;
    reply.message = "plan " + std::to_string(planCount_) + " committed";
    return reply;
}

CommandReply ScriptedLink::answerKill(const DrillCommand& drill)
{
    nodeUpAtMs_.at(drill.node.value) = nowMs_ + 2000;
    ++incarnations_.at(drill.node.value);
    addEvent(EventSeverity::kWarning, "recovery", nodeText(drill.node) + " killed (drill)");
    std::uint32_t next = 0;
    for (auto& shard : shards_) {
        if (shard.now.node != drill.node) continue;
        next = (next + 1) % options_.nodes;
        if (next == drill.node.value) next = (next + 1) % options_.nodes;
        startRestore(shard, {next}, 600, "node killed");
    }
    CommandReply reply;
    reply.message = nodeText(drill.node) + " killed";
    return reply;
}

CommandReply ScriptedLink::answerLocate(const LocateCommand& locate) const
{
    CommandReply reply;
    reply.segmentsAsked = 24;
    if (locate.byKey && locate.key.empty()) return reply;
    reply.segmentsMaybe = 3;
    for (std::uint32_t i = 0; i < 3; ++i) {
        LocateHit hit;
        hit.verified = i != 2;
        hit.shard = {locate.byKey ? 5U : (5 + i) % options_.shards};
        hit.box = {1};
        hit.file = "boxes/box-1/000000000" + std::to_string(i) + ".seg";
        hit.position = 4096ULL * (i + 1);
        hit.n = 40 + i;
        hit.firstOffset = locate.byKey ? 8000 + 700 * i : locate.offset;
        hit.lastOffset = hit.firstOffset + (locate.byKey ? 12 : 0);
        hit.records = hit.verified ? (locate.byKey ? 3 : 1) : 0;
        hit.checkpoint = {hit.verified ? 17ULL + i : 0};
        reply.hits.push_back(hit);
    }
    reply.message = "3 places";
    return reply;
}

}  // namespace foreshard::ui
