#include "engine/control/end_core.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

struct Rig : ControlStage {
    LoadTracker loads{{2, 2, 0}};
    OwnershipCore ownership{view, loads, false};
    RestoreCore restores{view, ownership, settingBack, 500};
    CheckpointCore checkpoints_{view, "data", 1};
    SinkMonitor sink{""};
    EndCore core{view, {ownership, restores, checkpoints_, sink}, true, 0ms};
    Effects effects;

    EndCore::Step check(bool stopping = false)
    {
        static_cast<void>(effects.take());
        return core.check(kNow, stopping, effects);
    }
    void saveAll(FrameNo n)
    {
        std::uint64_t id = checkpoints.lastId().value;
        for (const auto& [shard, owner] : assignment.shards)
            list(shard, n, ++id);
    }
    // Nothing moves for as long as the watch is patient.
    void wait()
    {
        const std::vector<NodePulse> pulses(2);
        for (int i = 0; i < 200 && !fails(effects); ++i)
            core.watch(50ms, pulses, effects);
    }
};

}  // namespace

class EndCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void engine_goesOn_untilTheSourceHasEnded()
    {
        Rig rig;
        rig.heardEdge(5);
        QCOMPARE(rig.check(), EndCore::Step::kGoOn);
        QCOMPARE(rig.check(true), EndCore::Step::kGoOn);  // the edge is not drained
    }

    void end_waitsForEveryFrame_thenForEveryCheckpoint()
    {
        Rig rig;
        rig.heardEdge(5, true);
        QCOMPARE(rig.check(), EndCore::Step::kDrains);  // nobody has reported
        rig.heardLive(4);
        QCOMPARE(rig.check(), EndCore::Step::kDrains);
        QVERIFY(sent<CheckpointNow>(rig.effects).empty());
        rig.heardLive(5);
        QCOMPARE(rig.check(), EndCore::Step::kDrains);
        QCOMPARE(sent<CheckpointNow>(rig.effects).size(), std::size_t{2});  // are asked for
        rig.saveAll(5);
        QCOMPARE(rig.check(), EndCore::Step::kSettled);
    }

    void end_waitsForAppendsAndMovesThatAreUnderWay()
    {
        Rig rig;
        rig.heardEdge(5, true);
        rig.heardLive(5);
        rig.saveAll(5);
        rig.pending.begin(kShard);
        QCOMPARE(rig.check(), EndCore::Step::kDrains);
        rig.pending.end(kShard);
        Effects moved;
        rig.ownership.startMove(kNow, PlanId{1}, kShard, kOther, "operator", moved);
        QCOMPARE(rig.check(), EndCore::Step::kDrains);
    }

    void end_waitsUntilTheSinkHasEveryOutput()
    {
        Rig rig;
        SinkMonitor file("csv:out");
        EndCore core(rig.view, {rig.ownership, rig.restores, rig.checkpoints_, file}, true, 0ms);
        rig.heardEdge(5, true);
        rig.heardLive(5);
        rig.saveAll(5);
        QCOMPARE(core.check(kNow, false, rig.effects), EndCore::Step::kDrains);
        QCOMPARE(sent<SinkAsk>(rig.effects, "sink").size(), std::size_t{1});
        file.heard(SinkStatus{}, kNow + 1ms);
        QCOMPARE(core.check(kNow + 2ms, false, rig.effects), EndCore::Step::kSettled);
    }

    void stop_whileTheSinkIsAway_leavesItsOutputsInTheCheckpoints()
    {
        Rig rig;
        SinkMonitor file("csv:out");
        EndCore core(rig.view, {rig.ownership, rig.restores, rig.checkpoints_, file}, true, 0ms);
        static_cast<void>(file.tick(kNow));
        static_cast<void>(file.tick(kNow + 10s));
        QVERIFY(!file.problem().empty());
        rig.heardEdge(9);  // not drained: the shards take no more
        for (const NodeId node : {kNode, kOther}) {
            NodeReport report = rig.report(node, 5);
            for (NodeShardReport& shard : report.shards)
                shard.outputsFull = true;
            QVERIFY(rig.nodes.heard(report, kNow));
        }
        rig.saveAll(5);
        QCOMPARE(core.check(kNow, false, rig.effects), EndCore::Step::kGoOn);
        QCOMPARE(core.check(kNow, true, rig.effects), EndCore::Step::kSettled);
    }

    void stopThatGetsNoFurther_isGivenUp_withWhatIsMissing()
    {
        Rig rig;
        rig.heardEdge(5, true);
        rig.heardLive(4);
        rig.wait();
        QVERIFY(fails(rig.effects));
        const std::string text = all<Fail>(rig.effects).front().error.message;
        QVERIFY2(text.find("2 shards are not applied to their end, 2 have no checkpoint")
                     != std::string::npos,
                 text.c_str());
        QVERIFY(text.find("nothing is lost") != std::string::npos);
    }

    void stopThatGetsFurther_isNotGivenUp()
    {
        Rig rig;
        rig.heardEdge(400, true);
        const std::vector<NodePulse> pulses(2);
        for (FrameNo n = 1; n < 300; ++n) {
            rig.heardLive(n);
            rig.core.watch(50ms, pulses, rig.effects);
        }
        QVERIFY(!fails(rig.effects));
    }
};

QTEST_GUILESS_MAIN(EndCoreTest)
#include "tst_end_core.moc"
