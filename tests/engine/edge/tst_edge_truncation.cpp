// What an edge gives up of its boxes, what it gets back, and what checkpoints say of them at a
// start.
#include "tests/engine/edge/edge_rig.h"

#include <QtTest>

#include <string>

using namespace foreshard;
using namespace foreshard::test;

class EdgeTruncationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void truncatedFrames_areServedAgain_whileTheirSegmentIsThere();
    void framesThatAreGone_stopTheEdge();
    void retain_isAnsweredAgain_andALateTruncateIsIgnored();
    void retainOfFramesThatAreGone_namesThem();
    void retainThatOnlyLooks_raisesNoFence();
    void retainThatCannotBeLookedUp_saysWhy();
    void truncateBehindTheLastFrame_isIgnored();
    void checkpointBehindTheBoxes_isRefused();
    void checkpointOfLostFrames_letsTheNumbersGoOnBehindIt();
    void invalidatedCheckpoint_countsForNothing();
};

void EdgeTruncationTest::truncatedFrames_areServedAgain_whileTheirSegmentIsThere()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.truncate(rig.last - 1);
    rig.route();
    rig.frames.clear();
    rig.subscribe(3);
    QVERIFY(rig.drained());
    QCOMPARE(rig.frames.front(), FrameNo{3});
    QVERIFY(rig.report.failure.empty());
}

void EdgeTruncationTest::framesThatAreGone_stopTheEdge()
{
    EdgeRig rig(forgetful());
    rig.world.disk().putFile("in.csv", streamText(40'000));
    rig.begin();
    QVERIFY(rig.drained(60s));
    rig.truncate(rig.last - 1);
    rig.route();
    rig.subscribe(1);
    rig.run(200ms);
    QVERIFY(contains(rig.report.failure, "shard 0 needs its frames from 1 on"));
    QCOMPARE(rig.report.failureCode, Errc::kGap);
}

void EdgeTruncationTest::retain_isAnsweredAgain_andALateTruncateIsIgnored()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.truncate(rig.last - 1);
    rig.retain(2, 1);
    rig.retain(2, 1);
    QCOMPARE(rig.retained.size(), std::size_t{2});
    QCOMPARE(rig.retained[1].missingFirst, FrameNo{0});
    QCOMPARE(rig.retained[1].lastN, rig.last);
    rig.run(200ms);
    const std::uint64_t buffered = rig.report.shards[0].bufferedBytes;
    QVERIFY(buffered > 0);
    rig.truncate(rig.last, 0);
    rig.retain(2, 0);
    rig.run(200ms);
    QCOMPARE(rig.retained.size(), std::size_t{2});
    QCOMPARE(rig.report.shards[0].bufferedBytes, buffered);
    rig.truncate(rig.last, 1);
    rig.run(200ms);
    QCOMPARE(rig.report.shards[0].bufferedBytes, std::uint64_t{0});
}

void EdgeTruncationTest::retainOfFramesThatAreGone_namesThem()
{
    EdgeRig rig(forgetful());
    rig.world.disk().putFile("in.csv", streamText(40'000));
    rig.begin();
    QVERIFY(rig.drained(60s));
    rig.truncate(rig.last - 1);
    rig.retain(1, 1);
    QCOMPARE(rig.retained.size(), std::size_t{1});
    QCOMPARE(rig.retained[0].missingFirst, FrameNo{1});
    QVERIFY(rig.retained[0].missingLast > 1);
    rig.truncate(rig.last, 0);  // the fence was not raised
    rig.run(200ms);
    QCOMPARE(rig.report.shards[0].bufferedBytes, std::uint64_t{0});
}

void EdgeTruncationTest::retainThatOnlyLooks_raisesNoFence()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.truncate(rig.last - 1);
    rig.retain(1, 1, true);
    QCOMPARE(rig.retained.size(), std::size_t{1});
    QCOMPARE(rig.retained[0].missingFirst, FrameNo{0});
    rig.truncate(rig.last, 0);
    rig.run(200ms);
    QCOMPARE(rig.report.shards[0].bufferedBytes, std::uint64_t{0});
}

void EdgeTruncationTest::retainThatCannotBeLookedUp_saysWhy()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.truncate(rig.last - 1);
    rig.world.disk().failNext(sim::DiskCall::kRead, "data/box", 10);
    rig.retain(1, 1);
    QCOMPARE(rig.retained.size(), std::size_t{1});
    QVERIFY(!rig.retained[0].failure.empty());
    QVERIFY(rig.report.failure.empty());
}

void EdgeTruncationTest::truncateBehindTheLastFrame_isIgnored()
{
    EdgeRig rig;
    rig.answers = false;
    rig.begin();
    rig.run(500ms);
    const std::uint64_t buffered = rig.report.shards[0].bufferedBytes;
    rig.truncate(rig.last + 1);
    rig.run(200ms);
    QCOMPARE(rig.report.shards[0].bufferedBytes, buffered);
    // A checkpoint says as well as the node itself that frames are applied.
    rig.truncate(rig.last);
    QVERIFY(rig.drained());
}

void EdgeTruncationTest::checkpointBehindTheBoxes_isRefused()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.list(rig.last, kRecords + 2);
    const Status status = rig.boot();
    QVERIFY(!status.ok() && status.error().code == Errc::kCorrupt);
    QVERIFY(contains(status.error().message, "but a checkpoint of shard 0 contains records up to"));
}

void EdgeTruncationTest::checkpointOfLostFrames_letsTheNumbersGoOnBehindIt()
{
    EdgeRig rig;
    rig.list(9, 0);
    rig.begin();
    rig.subscribe(10);
    QVERIFY(rig.drained());
    QCOMPARE(rig.frames.front(), FrameNo{10});
    QCOMPARE(rig.records, kRecords + 1);
}

void EdgeTruncationTest::invalidatedCheckpoint_countsForNothing()
{
    EdgeRig rig;
    rig.list(9, 0);
    {
        auto log = SingleControlLog::open(rig.env(), "data");
        QVERIFY(log.ok());
        (*log)->propose(CheckpointsJudged{kShard, {CheckpointId{1}}, CheckpointState::kInvalidated},
                        0, [](const Result<ControlLog::Applied>& done) { FS_CHECK(done.ok()); });
        rig.run(100ms);
    }
    rig.begin();
    QVERIFY(rig.drained());
    QCOMPARE(rig.frames.front(), FrameNo{1});
}

QTEST_GUILESS_MAIN(EdgeTruncationTest)
#include "tst_edge_truncation.moc"
