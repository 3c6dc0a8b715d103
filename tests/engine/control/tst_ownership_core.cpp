#include "engine/control/ownership_core.h"
#include "tests/engine/control/control_stage.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::test;
using namespace std::chrono_literals;

namespace {

struct Rig : ControlStage {
    LoadTracker loads{{2, 2, 0}};
    OwnershipCore core{view, loads, false};
    Effects effects;

    // A node that runs nothing reports.
    void reconcileEmpty(Instant now = kNow)
    {
        NodeReport report;
        report.node = kNode;
        core.reconcile(now, report, effects);
    }
    std::vector<Effect> take() { return effects.take(); }
    ProposeAssignment proposed() { return all<ProposeAssignment>(effects).back(); }
    // The proposal is committed as it stands.
    void commit(const ProposeAssignment& proposal, Instant now = kNow)
    {
        for (const ShardAssignment& shard : proposal.entry.shards)
            setOwner(shard.shard, shard.node, shard.epoch);
        core.committed(now, proposal.ticket.number, assignment.version, effects);
    }
    NodeReport live(NodeId node) { return report(node, 5); }
};

Recovered recoveredOf(const char* cause, std::uint64_t replayed)
{
    Recovered recovered;
    recovered.shard = kShard;
    recovered.cause = cause;
    recovered.loadMicros = 5'000;
    recovered.replayMicros = 7'000;
    recovered.recordsReplayed = replayed;
    return recovered;
}

}  // namespace

class OwnershipCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ownerWithoutItsShard_isToldWithTheNewestChain()
    {
        Rig rig;
        rig.list(kShard, 3, 1);
        rig.fences[kShard] = 4;
        rig.reconcileEmpty();
        const auto assigns = sent<Assign>(rig.effects, "node/0");
        QCOMPARE(assigns.size(), std::size_t{1});
        QCOMPARE(assigns.front().epoch, Epoch{1});
        QCOMPARE(assigns.front().chain.back().n, FrameNo{3});
        QCOMPARE(assigns.front().fence, std::uint64_t{4});
        QCOMPARE(rig.core.assignedRecords(kShard), std::uint64_t{30});
    }

    void owner_isNotToldAgain_before200Milliseconds()
    {
        Rig rig;
        rig.reconcileEmpty();
        rig.reconcileEmpty(kNow + 100ms);
        QCOMPARE(sent<Assign>(rig.effects).size(), std::size_t{1});
        rig.reconcileEmpty(kNow + 300ms);
        QCOMPARE(sent<Assign>(rig.effects).size(), std::size_t{2});
    }

    void owner_isNotTold_whileAnAppendOfTheShardIsUnderWay()
    {
        Rig rig;
        rig.pending.begin(kShard);
        rig.reconcileEmpty();
        QVERIFY(rig.effects.empty());
        rig.pending.end(kShard);
        rig.reconcileEmpty();
        QCOMPARE(sent<Assign>(rig.effects).size(), std::size_t{1});
    }

    void nodeThatDoesNotOwn_isToldToForgetTheShard()
    {
        Rig rig;
        NodeReport report = rig.live(kNode);
        report.node = kOther;
        rig.core.reconcile(kNow, report, rig.effects);
        QCOMPARE(sent<Revoke>(rig.effects, "node/1").size(), std::size_t{1});
    }

    void shardWithNothingThatHolds_isSaidToStartFromNothing()
    {
        Rig rig;
        rig.list(kShard, 3, 1);
        QVERIFY(
            !rig.checkpoints.judge(kShard, CheckpointId{1}, CheckpointState::kInvalidated).empty());
        rig.reconcileEmpty();
        QVERIFY(says(rig.effects, "starts from nothing"));
        QVERIFY(sent<Assign>(rig.effects).front().chain.empty());
    }

    void nodeThatReturns_getsANextEpochForEachOfItsShards()
    {
        Rig rig;
        rig.core.nodeReturned(kNow, {kNode, "node killed", kNow - 1s}, rig.effects);
        const ProposeAssignment proposal = rig.proposed();
        QCOMPARE(proposal.entry.shards.size(), std::size_t{1});
        QCOMPARE(proposal.entry.shards.front().epoch, Epoch{2});
        QVERIFY(says(rig.effects, "node killed"));
        // Until that is committed nobody is told of the epoch in force.
        rig.take();
        rig.reconcileEmpty();
        QVERIFY(sent<Assign>(rig.effects).empty());
        rig.commit(proposal);
        rig.reconcileEmpty();
        QCOMPARE(sent<Assign>(rig.effects).front().epoch, Epoch{2});
        QCOMPARE(sent<Assign>(rig.effects).front().cause, std::string("node killed"));
    }

    void takeOver_thatComesTooLateForSome_isProposedAgainForTheOthers()
    {
        Rig rig;
        rig.setOwner(ShardId{1}, kNode, Epoch{1});
        rig.core.nodeReturned(kNow, {kNode, "node silent", kNow}, rig.effects);
        const ProposeAssignment proposal = rig.proposed();
        rig.take();
        rig.setOwner(ShardId{1}, kOther, Epoch{2});  // moved meanwhile
        rig.core.committed(kNow, proposal.ticket.number, Error{Errc::kStale, "epoch"}, rig.effects);
        QCOMPARE(rig.proposed().entry.shards.size(), std::size_t{1});
        QCOMPARE(rig.proposed().entry.shards.front().shard, kShard);
    }

    void takeOver_thatTheDiskRefuses_endsTheEngine()
    {
        Rig rig;
        rig.core.nodeReturned(kNow, {kNode, "node silent", kNow}, rig.effects);
        rig.core.committed(kNow, rig.proposed().ticket.number, Error{Errc::kIo, "disk"},
                           rig.effects);
        QVERIFY(fails(rig.effects));
    }

    void recovery_isTimedFromTheDeath()
    {
        Rig rig;
        rig.core.nodeReturned(kNow, {kNode, "node killed", kNow - 1s}, rig.effects);
        rig.commit(rig.proposed());
        rig.reconcileEmpty();
        const auto recovery = rig.core.recovered(kNow + 2s, recoveredOf("node killed", 9));
        QVERIFY(recovery.has_value());
        QCOMPARE(recovery->totalMs, std::int64_t{3000});
        QCOMPARE(recovery->detectMs, std::int64_t{1000});
        QCOMPARE(recovery->replayMs, std::int64_t{7});
        QCOMPARE(rig.core.recoveriesDone(), std::uint64_t{1});
    }

    void firstOwner_isNoRecovery_norIsTheFirstBehindACleanEnd()
    {
        Rig rig;
        rig.core.begin(kNow);
        QVERIFY(!rig.core.recovered(kNow, recoveredOf("start", 0)).has_value());
        OwnershipCore clean(rig.view, rig.loads, true);
        rig.list(kShard, 3, 1);
        Effects effects;
        NodeReport report;
        report.node = kNode;
        clean.reconcile(kNow, report, effects);
        QVERIFY(!clean.recovered(kNow, recoveredOf("start", 4)).has_value());
        QCOMPARE(clean.restoresDone(), std::uint64_t{1});
    }

    void move_goesFromReleaseToCommitToLive()
    {
        Rig rig;
        rig.core.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        QCOMPARE(sent<Release>(rig.effects, "node/0").size(), std::size_t{1});
        QVERIFY(rig.core.activeMove(kShard) != nullptr);
        rig.take();
        rig.core.released(kNow + 20ms, Released{kNode, kShard, Epoch{1}, 5}, rig.effects);
        const ProposeAssignment proposal = rig.proposed();
        QCOMPARE(proposal.entry.shards.front().node, kOther);
        QCOMPARE(proposal.entry.shards.front().epoch, Epoch{2});
        rig.take();
        rig.commit(proposal, kNow + 30ms);
        QCOMPARE(sent<Assign>(rig.effects, "node/1").size(), std::size_t{1});
        QCOMPARE(sent<RouteTable>(rig.effects, "edge").size(), std::size_t{1});
        rig.take();
        rig.core.reconcile(kNow + 50ms, rig.live(kOther), rig.effects);
        QVERIFY(says(rig.effects, "is live on node 1 after a pause of 50 ms"));
        QCOMPARE(rig.core.movesDone(), std::uint64_t{1});
        rig.core.step(kNow + 60ms, rig.effects);
        QVERIFY(!rig.core.moving());
    }

    void source_thatDoesNotLetGo_isOverridden()
    {
        Rig rig;
        rig.core.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        rig.core.step(kNow + 1s, rig.effects);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty());
        QCOMPARE(sent<Release>(rig.effects).size(), std::size_t{2});  // said again
        rig.core.step(kNow + MoveCore::kDrainMax, rig.effects);
        QCOMPARE(all<ProposeAssignment>(rig.effects).size(), std::size_t{1});
    }

    void source_thatDied_isNotGivenTheShardBack()
    {
        Rig rig;
        rig.core.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        rig.take();
        rig.core.nodeReturned(kNow, {kNode, "node killed", kNow}, rig.effects);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty());  // no epoch of its own
        rig.reconcileEmpty();
        QVERIFY(sent<Assign>(rig.effects).empty());
        rig.core.step(kNow, rig.effects);
        QCOMPARE(rig.proposed().entry.shards.front().node, kOther);
    }

    void move_waitsForATakeOverThatIsUnderWay_andFollowsItsEpoch()
    {
        Rig rig;
        rig.core.nodeReturned(kNow, {kNode, "node silent", kNow}, rig.effects);
        const ProposeAssignment takeOver = rig.proposed();
        rig.core.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        rig.take();
        rig.core.step(kNow + MoveCore::kDrainMax, rig.effects);
        QVERIFY(all<ProposeAssignment>(rig.effects).empty());
        rig.commit(takeOver);
        rig.core.step(kNow + MoveCore::kDrainMax, rig.effects);
        QCOMPARE(rig.proposed().entry.shards.front().epoch, Epoch{3});
    }

    void move_thatTheLogRefuses_leavesTheShardWhereItIs()
    {
        Rig rig;
        rig.core.startMove(kNow, PlanId{1}, kShard, kOther, "operator", rig.effects);
        rig.core.step(kNow + MoveCore::kDrainMax, rig.effects);
        rig.core.committed(kNow, rig.proposed().ticket.number, Error{Errc::kStale, "epoch"},
                           rig.effects);
        QVERIFY(says(rig.effects, "stays: epoch"));
        QVERIFY(!fails(rig.effects));
        QVERIFY(rig.core.activeMove(kShard) == nullptr);
        rig.core.startMove(kNow, PlanId{2}, kShard, kOther, "operator", rig.effects);
        rig.core.step(kNow + MoveCore::kDrainMax, rig.effects);
        rig.core.committed(kNow, rig.proposed().ticket.number, Error{Errc::kIo, "disk"},
                           rig.effects);
        QVERIFY(fails(rig.effects));
    }

    void routes_areRepeatedEverySecond()
    {
        Rig rig;
        rig.core.sendRoutes(kNow, rig.effects);
        rig.core.repeatRoutes(kNow + 900ms, rig.effects);
        QCOMPARE(sent<RouteTable>(rig.effects).size(), std::size_t{1});
        rig.core.repeatRoutes(kNow + 1s, rig.effects);
        QCOMPARE(sent<RouteTable>(rig.effects).size(), std::size_t{2});
        QCOMPARE(sent<RouteTable>(rig.effects).front().shards.size(), std::size_t{2});
    }

    void shardThatIsSetBack_isAssignedAtOnceWithItsCause()
    {
        Rig rig;
        rig.reconcileEmpty();
        rig.take();
        rig.core.setBack(kNow, kShard);
        rig.core.assignNow(kNow + 10ms, kShard, rig.effects);
        QCOMPARE(sent<Assign>(rig.effects).front().cause, std::string("restore"));
    }
};

QTEST_GUILESS_MAIN(OwnershipCoreTest)
#include "tst_ownership_core.moc"
