#include "engine/base/result.h"
#include "engine/control/load_tracker.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/move_core.h"

#include <QtTest>

#include <map>

using namespace foreshard;

namespace {

constexpr ShardId kShard{0};
constexpr NodeId kNode{0};
constexpr Instant kBegin{1'000'000'000};
const std::map<ShardId, NodeId> kOwners = {{kShard, kNode}};

NodeReport nodeReport(Nanos uptime, Nanos busy, std::uint32_t incarnation = 1)
{
    NodeReport report;
    report.node = kNode;
    report.incarnation = incarnation;
    report.uptimeNanos = uptime.count();
    report.busyNanos = busy.count();
    return report;
}

NodeShardReport shardReport(std::uint64_t records, Nanos busy, FrameNo applied)
{
    NodeShardReport report;
    report.shard = kShard;
    report.epoch = Epoch{1};
    report.recordsApplied = records;
    report.busyNanos = busy.count();
    report.applied = applied;
    return report;
}

EdgeReport edgeReport(std::uint32_t records, PerMille actual, FrameNo lastN)
{
    EdgeShardReport entry;
    entry.tick.shard = kShard;
    entry.tick.records = records;
    entry.tick.actual = actual;
    entry.lastN = lastN;
    EdgeReport report;
    report.shards = {entry};
    return report;
}

AssignmentState oneShard(std::uint32_t overrideMs = 0)
{
    AssignmentState state;
    AssignmentEntry entry = makeBootstrap(1, 1, RoutingMode::kKeyed, {});
    entry.index = 1;
    entry.shards.front().intervalOverrideMs = overrideMs;
    applyEntry(state, entry);
    return state;
}

// Offers the same load for three seconds.
void load(LoadTracker& tracker, PerMille actual, const AssignmentState& state)
{
    for (int i = 0; i < 30; ++i) {
        const Instant now = kBegin + i * Nanos{100ms};
        tracker.onEdgeReport(edgeReport(100, actual, 0), kOwners, now);
        tracker.decide(state, now);
    }
}

MoveCore moveCore() { return {PlanId{1}, kShard, NodeId{0}, NodeId{1}, Epoch{4}, kBegin}; }

}  // namespace

class LoadTrackerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nodeCpu_isTheBusyShareOfItsTime()
    {
        LoadTracker tracker({1, 1, 0});
        tracker.onNodeReport(nodeReport(1s, 0s));
        for (int i = 1; i <= 20; ++i)
            tracker.onNodeReport(nodeReport(1s + i * Nanos{50ms}, i * Nanos{20ms}));
        QVERIFY(tracker.nodeCpu(kNode) >= 395 && tracker.nodeCpu(kNode) <= 400);
        // A restarted node counts from zero again; that is no negative load.
        tracker.onNodeReport(nodeReport(10ms, 1ms, 2));
        tracker.onNodeReport(nodeReport(60ms, 21ms, 2));
        QVERIFY(tracker.nodeCpu(kNode) >= 395 && tracker.nodeCpu(kNode) <= 400);
        QCOMPARE(tracker.nodeCpu(NodeId{9}), 0);
    }

    void tick_isFilledIn_withTheMeasuredCostAndTheNode()
    {
        LoadTracker tracker({1, 1, 1000});
        NodeReport report = nodeReport(1s, 0s);
        report.rssBytes = 250;
        report.shards = {shardReport(0, 0s, 0)};
        tracker.onNodeReport(report);
        report = nodeReport(2s, 500ms);
        report.rssBytes = 250;
        report.shards = {shardReport(1000, 100ms, 10)};  // 100 us a record
        tracker.onNodeReport(report);
        const auto request = tracker.onEdgeReport(edgeReport(200, 0, 10), kOwners, kBegin);
        QCOMPARE(request.tick, std::uint64_t{1});
        QCOMPARE(request.shards.size(), std::size_t{1});
        QCOMPARE(request.shards[0].actual, 200);  // 200 records: 20 ms of the 100
        QCOMPARE(request.shards[0].backlog, 0);
        QCOMPARE(request.shards[0].nodeMemory, 250);
        QCOMPARE(request.shards[0].nodeCpu, tracker.nodeCpu(kNode));
    }

    void declaredCost_isKept_andBacklogGrowsWithTheFramesThatWait()
    {
        LoadTracker tracker({1, 1, 0});
        const auto first = tracker.onEdgeReport(edgeReport(100, 640, 10), kOwners, kBegin);
        QCOMPARE(first.shards[0].actual, 640);
        const auto second = tracker.onEdgeReport(edgeReport(100, 640, 20), kOwners, kBegin + 100ms);
        QVERIFY(first.shards[0].backlog > 0);
        QVERIFY(second.shards[0].backlog > first.shards[0].backlog);
    }

    void shard_withoutAnOwner_isNotAskedAbout()
    {
        LoadTracker tracker({1, 1, 0});
        QVERIFY(tracker.onEdgeReport(edgeReport(1, 1, 1), {}, kBegin).shards.empty());
    }

    void costs_areNotReadFromAShardThatBeganAnew()
    {
        LoadTracker tracker({1, 1, 0});
        NodeReport report = nodeReport(1s, 0s);
        report.shards = {shardReport(1000, 500ms, 10)};
        tracker.onNodeReport(report);
        // Restored at a later record, with its time counted from zero.
        report.shards = {shardReport(2000, 1ms, 20)};
        tracker.onNodeReport(report);
        const auto request = tracker.onEdgeReport(edgeReport(1000, 0, 20), kOwners, kBegin);
        QCOMPARE(request.shards[0].actual, 0);
    }

    void heavyShard_becomesHigh_andCheckpointsOften()
    {
        LoadTracker tracker({1, 1, 0});
        load(tracker, 900, oneShard());
        QCOMPARE(tracker.of(kShard).loadClass, LoadClass::kHigh);
        QCOMPARE(tracker.of(kShard).interval.ms, 100U);
        QVERIFY(tracker.status(kBegin + 3s).gate.find("reactive") != std::string::npos);
    }

    void lightShard_staysLow_andAnOverrideWins()
    {
        LoadTracker tracker({1, 1, 0});
        load(tracker, 20, oneShard());
        QCOMPARE(tracker.of(kShard).loadClass, LoadClass::kLow);
        QCOMPARE(tracker.of(kShard).interval.ms, 1000U);
        LoadTracker overridden({1, 1, 0});
        load(overridden, 20, oneShard(333));
        QCOMPARE(overridden.of(kShard).interval.ms, 333U);
    }

    void idleShard_ofVeryMany_isLow()
    {
        LoadTracker tracker({1, 4096, 0});
        load(tracker, 0, oneShard());
        QCOMPARE(tracker.of(kShard).loadClass, LoadClass::kLow);
    }

    void move_commitsOnce_whenTheSourceHasReleased()
    {
        MoveCore move = moveCore();
        QVERIFY(!move.takeCommit(kBegin + 100ms));
        move.released();
        QVERIFY(move.takeCommit(kBegin + 150ms));
        QVERIFY(!move.takeCommit(kBegin + 160ms));
        QVERIFY(move.phase() == MoveCore::Phase::kCommitting);
        move.live(kBegin + 170ms);  // before its commit nobody is live
        QVERIFY(!move.over());
        move.committed(9);
        move.live(kBegin + 400ms);
        QVERIFY(move.over());
        QVERIFY(move.phase() == MoveCore::Phase::kDone);
        QCOMPARE(move.committedAt(), LogIndex{9});
        QCOMPARE(move.pause(kBegin + 10s), Nanos{400ms});
    }

    void move_whoseSourceDoesNotRelease_isCommittedAllTheSame()
    {
        MoveCore move = moveCore();
        QVERIFY(!move.takeCommit(kBegin + MoveCore::kDrainMax - 1ms));
        QVERIFY(move.takeCommit(kBegin + MoveCore::kDrainMax));
    }

    void move_thatFailed_isOver()
    {
        MoveCore move = moveCore();
        move.released();
        QVERIFY(move.takeCommit(kBegin));
        move.failed(kBegin + 30ms);
        QVERIFY(move.over());
        move.live(kBegin + 1s);
        QVERIFY(move.phase() == MoveCore::Phase::kFailed);
        QCOMPARE(move.pause(kBegin + 5s), Nanos{30ms});
        QCOMPARE(std::string(movePhaseName(move.phase())), std::string("failed"));
    }
};

QTEST_GUILESS_MAIN(LoadTrackerTest)
#include "tst_load_tracker.moc"
