// What control knows of nodes and edge: NodeTable, EdgeTable, PendingAppends.
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

std::vector<NodePulse> still() { return {{1, false}, {1, false}}; }

NodeReport lifeOf(std::uint32_t incarnation)
{
    NodeReport report;
    report.node = kNode;
    report.incarnation = incarnation;
    return report;
}

EdgeReport edgeAt(std::uint64_t tick, const std::string& problem = {}, std::string reject = {})
{
    EdgeReport report;
    report.tick = tick;
    report.source.problem = problem;
    report.source.lastReject = std::move(reject);
    return report;
}

}  // namespace

class ControlTablesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void report_ofADeadIncarnation_isNotTaken()
    {
        NodeTable nodes(2, 1s);
        QVERIFY(nodes.heard(lifeOf(2), kNow));
        QVERIFY(!nodes.heard(lifeOf(1), kNow));
        QCOMPARE(nodes.of(kNode).report.incarnation, 2U);
    }

    void node_thatSaysNothing_isToBeStartedOnce_andAgainAfterFourTimesAsLong()
    {
        NodeTable nodes(2, 1s);
        QVERIFY(nodes.tick(kNow, 0ms, still()).empty());
        QVERIFY(nodes.tick(kNow, 900ms, still()).empty());
        QCOMPARE(nodes.tick(kNow, 200ms, still()).size(), std::size_t{2});
        QCOMPARE(nodes.of(kNode).state, NodeState::kDead);
        QVERIFY(nodes.of(kNode).restarting);
        QVERIFY(nodes.tick(kNow, 3900ms, still()).empty());
        QCOMPARE(nodes.tick(kNow, 200ms, still()).size(), std::size_t{2});
    }

    void node_thatReports_isNotSilent()
    {
        NodeTable nodes(2, 1s);
        static_cast<void>(nodes.tick(kNow, 0ms, still()));
        static_cast<void>(nodes.tick(kNow, 900ms, still()));
        QVERIFY(nodes.heard(lifeOf(1), kNow));
        QCOMPARE(nodes.tick(kNow, 200ms, still()), std::vector<NodeId>{kOther});
    }

    void node_thatLivesAgain_isTakenOnce_withItsCause()
    {
        NodeTable nodes(2, 1s);
        nodes.noteKilled(kNode, kNow);
        QVERIFY(nodes.heard(lifeOf(2), kNow + 1s));
        const auto back = nodes.takeReturn(lifeOf(2), kNow);
        QVERIFY(back.has_value());
        QCOMPARE(back->cause, std::string("node killed"));
        QCOMPARE(back->downSince.nanos, kNow.nanos);
        QVERIFY(!nodes.takeReturn(lifeOf(2), kNow).has_value());
    }

    // A later control of the engine takes it as it is.
    void node_foundInALaterLife_hasNotReturned()
    {
        NodeTable nodes(2, 1s);
        nodes.find(kNode, 4);
        QVERIFY(nodes.heard(lifeOf(4), kNow));
        QVERIFY(!nodes.takeReturn(lifeOf(4), kNow).has_value());
        const auto back = nodes.takeReturn(lifeOf(5), kNow);
        QVERIFY(back.has_value());
        QCOMPARE(back->downSince.nanos, kNow.nanos);  // nobody saw it go
    }

    void node_isUp_onlyInItsNewestLife()
    {
        NodeTable nodes(2, 1s);
        nodes.noteKilled(kNode, kNow);
        nodes.noteUp(lifeOf(1), 2);
        QVERIFY(nodes.of(kNode).restarting);
        nodes.noteUp(lifeOf(2), 2);
        QCOMPARE(nodes.of(kNode).state, NodeState::kUp);
    }

    void shard_isReported_onlyByItsOwnerInTheEpochInForce()
    {
        ControlStage stage;
        stage.heardLive(3);
        QVERIFY(stage.view.reported(kShard) != nullptr);
        stage.setOwner(kShard, kNode, Epoch{2});
        QVERIFY(stage.view.reported(kShard) == nullptr);
        QVERIFY(stage.view.reported(ShardId{99}) == nullptr);
    }

    void edgeReport_twiceOrLate_isNotTaken()
    {
        EdgeTable edge;
        Effects effects;
        QVERIFY(edge.heard(edgeAt(5), effects));
        QVERIFY(!edge.heard(edgeAt(5), effects));
        QVERIFY(!edge.heard(edgeAt(4), effects));
        QVERIFY(effects.empty());
    }

    void edgeNews_isSaidOnce()
    {
        EdgeTable edge;
        Effects effects;
        QVERIFY(edge.heard(edgeAt(1, "the disk is full", "line 7"), effects));
        QVERIFY(says(effects, "the disk is full") && says(effects, "the last one at line 7"));
        Effects again;
        QVERIFY(edge.heard(edgeAt(2, "the disk is full", "line 7"), again));
        QVERIFY(again.empty());
        QVERIFY(edge.heard(edgeAt(3, "", "line 7"), again));
        QVERIFY(says(again, "there is room again"));
    }

    void openRow_thatEnds_isNotCalledRoom()
    {
        EdgeTable edge;
        Effects effects;
        QVERIFY(edge.heard(edgeAt(1, "the row of line 4 is open"), effects));
        Effects end;
        QVERIFY(edge.heard(edgeAt(2), end));
        QVERIFY(says(end, "the open row has ended"));
    }

    void appends_areCountedByShard()
    {
        PendingAppends pending;
        pending.begin(kShard);
        pending.begin(kShard);
        pending.end(kShard);
        QVERIFY(pending.any(kShard));
        QVERIFY(!pending.any(ShardId{1}));
        pending.end(kShard);
        QVERIFY(!pending.any(kShard));
    }
};

QTEST_GUILESS_MAIN(ControlTablesTest)
#include "tst_control_tables.moc"
