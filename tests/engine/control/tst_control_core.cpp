// The parts together: ControlCore, with QuarantineCore, LoadCore, SnapshotBuilder and MessageGate.
#include "engine/base/crc32c.h"
#include "engine/control/control_core.h"
#include "engine/control/message_gate.h"
#include "engine/model/dead_letter.h"
#include "engine/wire/codec.h"
#include "engine/wire/senders.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

class OneLife final : public NodeSupervisor {
public:
    std::uint32_t newest = 1;
    void restart(NodeId) override {}
    std::uint32_t newestIncarnation(NodeId) const override { return newest; }
    NodePulse pulse(NodeId) const override { return {}; }
};

ControlOptions optionsOf()
{
    ControlOptions options;
    options.dataDirectory = "data";
    options.nodes = 2;
    options.shards = 2;
    return options;
}

// Control on state machines that the test keeps.
struct Rig {
    ControlState known;
    AssignmentState& assignment = known.assignment;
    ManifestCore& checkpoints = known.checkpoints;
    DeadLetterCore& letters = known.letters;
    SuspectCore suspects;
    PendingAppends pending;
    OneLife supervisor;
    ControlOptions options = optionsOf();
    std::unique_ptr<ControlCore> core;
    Effects effects;

    void start()
    {
        core = std::make_unique<ControlCore>(options, supervisor,
                                             ControlCore::Log{known, suspects, pending}, 1000);
        core->begin(kNow, effects);
    }
    void commitFirst()
    {
        ProposeAssignment first = all<ProposeAssignment>(effects).front();
        first.entry.index = assignment.version + 1;
        applyEntry(assignment, first.entry);
        static_cast<void>(effects.take());
        core->appended(kNow, first.ticket, {{}, assignment.version, {}}, effects);
    }
    void startReady()
    {
        start();
        commitFirst();
        static_cast<void>(effects.take());
    }
    void say(const Message& message) { core->message(kNow, "somebody", message, effects); }
    void tick(Instant now = kNow)
    {
        core->tick(now, 50ms, std::vector<NodePulse>(options.nodes), effects);
    }
    NodeReport report(std::uint32_t incarnation = 1) const
    {
        NodeReport report;
        report.node = kNode;
        report.incarnation = incarnation;
        return report;
    }
    EdgeReport edge(std::uint64_t tick) const
    {
        EdgeReport report;
        report.tick = tick;
        report.routeVersion = assignment.version;
        for (const auto& [id, owner] : assignment.shards) {
            EdgeShardReport entry;
            entry.tick.shard = id;
            entry.lastN = 4;
            report.shards.push_back(entry);
        }
        return report;
    }
    Poisoned poisoned(Offset offset) const
    {
        Poisoned poisoned;
        poisoned.node = kNode;
        poisoned.epoch = Epoch{1};
        poisoned.letter.place = {kShard, 2, 0, offset};
        poisoned.letter.tries = 3;
        poisoned.letter.reason = "throws";
        return poisoned;
    }
    ClusterSnapshot snapshot()
    {
        SnapshotBuilder::Engine engine;
        engine.state = EngineState::kRunning;
        engine.uptimeSeconds = 2;
        return core->snapshots().build(kNow, 5000, engine, {});
    }
};

}  // namespace

class ControlCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firstStart_makesTheMap_andNobodyIsToldBefore()
    {
        Rig rig;
        rig.start();
        QVERIFY(rig.core->firstLife());
        QCOMPARE(all<ProposeAssignment>(rig.effects).front().entry.kind,
                 AssignmentEntryKind::kBootstrap);
        rig.say(rig.report());
        rig.tick();
        QVERIFY(sent<Assign>(rig.effects).empty() && sent<RouteTable>(rig.effects).empty());
        rig.commitFirst();
        QVERIFY(rig.core->ready());
        QCOMPARE(all<SetState>(rig.effects).front().state, EngineState::kRunning);
        rig.say(rig.report());
        QCOMPARE(sent<Assign>(rig.effects, "node/0").size(), std::size_t{1});
    }

    void laterStart_givesEveryShardANewEpoch()
    {
        Rig rig;
        ControlStage before;
        rig.assignment = before.assignment;
        rig.start();
        const AssignmentEntry entry = all<ProposeAssignment>(rig.effects).front().entry;
        QCOMPARE(entry.kind, AssignmentEntryKind::kAssign);
        QCOMPARE(entry.shards.size(), std::size_t{2});
        QCOMPARE(entry.shards.front().epoch, Epoch{2});
    }

    void mapThatCannotBeCommitted_endsTheEngine()
    {
        Rig rig;
        rig.start();
        const Ticket ticket = all<ProposeAssignment>(rig.effects).front().ticket;
        rig.core->appended(kNow, ticket, {Error{Errc::kIo, "disk"}, 0, {}}, rig.effects);
        QVERIFY(fails(rig.effects));
        QVERIFY(!rig.core->ready());
    }

    void nodeOfALaterLife_getsNextEpochs_andOneThatFailedEndsTheEngine()
    {
        Rig rig;
        rig.startReady();
        rig.supervisor.newest = 2;
        rig.say(rig.report(2));
        QCOMPARE(all<ProposeAssignment>(rig.effects).size(), std::size_t{1});
        NodeReport failed = rig.report(2);
        failed.failure = "no memory";
        rig.say(failed);
        QVERIFY(fails(rig.effects));
        QVERIFY(all<Fail>(rig.effects).front().error.message.find("node 0") != std::string::npos);
    }

    void silentNode_isStartedAgain()
    {
        Rig rig;
        rig.startReady();
        for (int i = 0; i < 25; ++i)
            rig.tick(kNow + i * 50ms);
        QCOMPARE(all<RestartNode>(rig.effects).size(), std::size_t{2});
        QVERIFY(says(rig.effects, "node 0 says nothing"));
    }

    void edgeReport_asksThePredictor_andSendsRoutesToAnEdgeThatIsBehind()
    {
        Rig rig;
        rig.startReady();
        rig.say(rig.edge(1));
        QCOMPARE(sent<PredictRequest>(rig.effects, "predictor").size(), std::size_t{1});
        QCOMPARE(all<NoteLoads>(rig.effects).size(), std::size_t{1});
        QVERIFY(sent<RouteTable>(rig.effects).empty());
        EdgeReport behind = rig.edge(2);
        behind.routeVersion = 0;
        rig.say(behind);
        QCOMPARE(sent<RouteTable>(rig.effects, "edge").size(), std::size_t{1});
        EdgeReport failed = rig.edge(3);
        failed.failure = "disk";
        rig.say(failed);
        QVERIFY(fails(rig.effects));
    }

    void ownerWithAnotherInterval_isToldTheOneInForce()
    {
        Rig rig;
        rig.startReady();
        NodeReport report = rig.report();
        NodeShardReport shard;
        shard.shard = kShard;
        shard.epoch = Epoch{1};
        shard.intervalMs = 77;
        report.shards = {shard};
        rig.say(report);
        rig.say(rig.edge(1));
        QCOMPARE(sent<SetInterval>(rig.effects, "node/0").size(), std::size_t{1});
    }

    void stop_isSaidToTheEdgeAgainAndAgain()
    {
        Rig rig;
        rig.startReady();
        rig.core->stop(rig.effects);
        rig.core->stop(rig.effects);
        QCOMPARE(sent<Stop>(rig.effects, "edge").size(), std::size_t{1});
        rig.tick();
        QCOMPARE(sent<Stop>(rig.effects, "edge").size(), std::size_t{2});
        QVERIFY(rig.core->stopping());
    }

    void outputTakenByASinkElsewhere_isHandedToItsNode()
    {
        Rig rig;
        rig.startReady();
        OutputTaken taken;
        taken.node = kOther;
        rig.say(taken);
        QCOMPARE(sent<OutputTaken>(rig.effects, "node/1").size(), std::size_t{1});
    }

    void sinkThatIsAway_isSaid_andAgainWhenItIsBack()
    {
        Rig rig;
        rig.options.sinkUri = "csv:out";
        rig.startReady();
        rig.tick(kNow);
        rig.tick(kNow + 5s);
        QCOMPARE(rig.snapshot().sink.uri, std::string("csv:out"));
        QVERIFY(!rig.snapshot().sink.problem.empty());
        rig.core->message(kNow + 5s, "sink", SinkStatus{}, rig.effects);
        rig.tick(kNow + 5s + 50ms);
        QVERIFY(says(rig.effects, "it takes rows again"));
    }

    void poisonedRecord_goesToTheLetters_thenTheNodeHearsIt()
    {
        Rig rig;
        rig.startReady();
        rig.say(rig.poisoned(7));
        const WriteLetter write = all<WriteLetter>(rig.effects).front();
        QVERIFY(sent<Quarantined>(rig.effects).empty());
        rig.core->appended(kNow, write.ticket, {}, rig.effects);
        QCOMPARE(sent<Quarantined>(rig.effects, "node/0").front().offset, Offset{7});
        rig.letters.add(write.letter);
        static_cast<void>(rig.effects.take());
        rig.say(rig.poisoned(7));  // said again: answered at once
        QCOMPARE(sent<Quarantined>(rig.effects).size(), std::size_t{1});
        QVERIFY(all<WriteLetter>(rig.effects).empty());
    }

    void poisonedRecord_ofAFormerOwner_orWhileItsShardIsBeingWritten_isLeftForLater()
    {
        Rig rig;
        rig.startReady();
        Poisoned former = rig.poisoned(7);
        former.epoch = Epoch{9};
        rig.say(former);
        rig.pending.begin(kShard);
        rig.say(rig.poisoned(7));
        QVERIFY(rig.effects.empty());
    }

    void poisonedRecord_whenAskedTo_stopsTheEngine_withAllTriesLeft()
    {
        Rig rig;
        rig.options.onPoison = OnPoison::kStop;
        rig.startReady();
        rig.say(rig.poisoned(7));
        QCOMPARE(all<AcquitSuspect>(rig.effects).front().offset, Offset{7});
        QVERIFY(fails(rig.effects));
        Rig disk;
        disk.startReady();
        disk.say(disk.poisoned(7));
        disk.core->appended(kNow, all<WriteLetter>(disk.effects).front().ticket,
                            {Error{Errc::kIo, "disk"}, 0, {}}, disk.effects);
        QVERIFY(fails(disk.effects));
    }

    void lostFile_isInvalidated_unlessThatIsUnderWay()
    {
        Rig rig;
        rig.startReady();
        ControlStage stage;
        QVERIFY(rig.checkpoints.add(stage.infoOf(kShard, 5, 1)));
        rig.pending.begin(kShard);
        rig.core->lost(kShard, CheckpointId{1}, "gone", rig.effects);
        QVERIFY(rig.effects.empty());
        rig.pending.end(kShard);
        rig.core->lost(kShard, CheckpointId{1}, "gone", rig.effects);
        QCOMPARE(all<JudgeCheckpoints>(rig.effects).size(), std::size_t{1});
    }

    void recovery_isNoted_andKeptForTheEstimate()
    {
        Rig rig;
        rig.startReady();
        Recovered recovered;
        recovered.node = kNode;
        recovered.shard = kShard;
        recovered.epoch = Epoch{9};
        recovered.cause = "node killed";
        rig.say(recovered);
        QVERIFY(rig.effects.empty());  // of another epoch
        recovered.epoch = Epoch{1};
        rig.say(recovered);
        const RecoverySnapshot noted = all<NoteRecovery>(rig.effects).front().recovery;
        QCOMPARE(rig.core->snapshots().note(noted, 77).wallMs, WallMillis{77});
        QCOMPARE(rig.snapshot().recoveries.size(), std::size_t{1});
        QCOMPARE(rig.snapshot().recoveriesDone, std::uint64_t{1});
    }

    void snapshot_showsShardsNodesAndTheRecentPast()
    {
        Rig rig;
        rig.startReady();
        ControlStage stage;
        CheckpointInfo info = stage.infoOf(kShard, 5, 1);
        info.wallMs = 4000;
        QVERIFY(rig.checkpoints.add(info));
        rig.core->snapshots().note(info);
        static_cast<void>(rig.checkpoints.judge(kShard, info.id, CheckpointState::kVerified));
        NodeReport report = rig.report();
        NodeShardReport shard;
        shard.shard = kShard;
        shard.epoch = Epoch{1};
        shard.state = ShardState::kLive;
        shard.recordsApplied = 60;
        report.shards = {shard};
        rig.say(report);
        rig.core->snapshots().sample(kNow);
        QCOMPARE(rig.core->snapshots().note(Say{EventSeverity::kInfo, "engine", "hello"}, 5).seq,
                 std::uint64_t{1});
        MoveSnapshot move;
        move.plan = PlanId{3};
        move.phase = "draining";
        rig.core->snapshots().note(move, 6);
        move.phase = "done";
        QCOMPARE(rig.core->snapshots().note(move, 9).startedWallMs, WallMillis{6});
        const ClusterSnapshot snapshot = rig.snapshot();
        QCOMPARE(snapshot.shards.size(), std::size_t{2});
        QCOMPARE(snapshot.nodes.size(), std::size_t{2});
        QCOMPARE(snapshot.shards.front().checkpointAgeMs, std::int64_t{1000});
        QCOMPARE(snapshot.shards.front().recordsApplied, std::uint64_t{60});
        QCOMPARE(snapshot.checkpoints.front().state, CheckpointState::kVerified);
        QCOMPARE(snapshot.moves.front().phase, std::string("done"));
        QCOMPARE(snapshot.events.front().text, std::string("hello"));
    }

    void gate_admitsWhatMayBeSaid_andCountsTheRest()
    {
        Rig rig;
        rig.startReady();
        MessageGate gate(rig.options, rig.supervisor, rig.core->view().edge);
        const auto admitted = [&](const std::string& from, const Message& message) {
            return gate.admit(kNow, from, "control", encode(message), rig.effects).has_value();
        };
        QVERIFY(admitted("node/0", rig.report()));
        QVERIFY(!admitted("node/1", rig.report()));   // in another's name
        QVERIFY(!admitted("node/0", rig.report(2)));  // no such life yet
        QVERIFY(!admitted("node/0", rig.edge(1)));    // is not the edge
        QVERIFY(admitted("edge", rig.edge(1)));
        EdgeReport far = rig.edge(100'000);
        QVERIFY(!admitted("edge", far));
        QVERIFY(!gate.admit(kNow, "node/0", "control", "rubbish", rig.effects).has_value());
        CheckpointDone done;
        done.node = kNode;
        done.info.n = 3;
        done.info.file = "checkpoint/0/000000000001.seg";
        QVERIFY(admitted("node/0", done));
        done.info.file = "checkpoint/0/../../etc";
        QVERIFY(!admitted("node/0", done));
        Poisoned poisoned = rig.poisoned(7);
        poisoned.letter.crc = crc32c(poisoned.letter.raw) + 1;
        QVERIFY(!admitted("node/0", poisoned));
        QVERIFY(!admitted("node/0", OutputTaken{}));  // there is no sink
        QCOMPARE(gate.refused(), std::uint64_t{8});
        QCOMPARE(all<Say>(rig.effects).size(), std::size_t{1});  // not one line each
    }
};

QTEST_GUILESS_MAIN(ControlCoreTest)
#include "tst_control_core.moc"
