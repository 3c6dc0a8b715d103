// A whole edge: what it reads, serves and reports, and what stops it.
#include "tests/engine/edge/edge_rig.h"

#include <QtTest>

#include <string>

using namespace foreshard;
using namespace foreshard::test;

class EdgeDriverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wholeStream_isDelivered_thenTheEdgeIsDrained();
    void noTable_nothingIsRead();
    void olderTable_isIgnored_andABadOneStopsTheEdge();
    void rejectedRows_areInTheReport();
    void stopped_readsNoMore_andIsDrained();
    void subscriberOfAnotherEpoch_isNotAnswered();
    void whatNobodyMaySay_isIgnored();
    void silentNode_isServedAgain();
    void nextLife_goesOnBehindTheBoxes();
    void lowSpace_stopsTheReading_untilThereIsRoom();
    void fullDisk_stopsTheReading_untilThereIsRoom();
    void fullDisk_doesNotLoseWhatAPipeHasSaid();
    void failedSync_stopsTheEdge();
    void sourceThatCannotBeRead_stopsTheEdge();
    void boxThatCannotBeRead_stopsTheEdge();
    void removedBoxFile_stopsTheEdge();
    void openRow_isNamedInTheReport();
    void pipeSentAgain_isSkipped_andAContinuationIsNoted();
    void damagedMemoryOfTheSource_isRefused();
};

void EdgeDriverTest::wholeStream_isDelivered_thenTheEdgeIsDrained()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, kRecords + 1);  // and the header line
    QCOMPARE(rig.report.source.recordsIn, kRecords);
    QCOMPARE(rig.report.shards.size(), std::size_t{1});
    QCOMPARE(rig.report.shards[0].recordsIn, kRecords);
    QCOMPARE(rig.report.shards[0].lastN, rig.last);
    QCOMPARE(rig.edge->memoryUse().backlogBytes, std::uint64_t{0});
    QCOMPARE(rig.edge->memoryUse().inFlightBytes, std::uint64_t{0});
    QVERIFY(rig.report.failure.empty());
}

void EdgeDriverTest::noTable_nothingIsRead()
{
    EdgeRig rig;
    QVERIFY(rig.boot().ok());
    rig.run();
    QCOMPARE(rig.report.source.nextOffset, Offset{0});
    QVERIFY(!rig.report.drained);
    QCOMPARE(EdgeDriver(rig.env(), rig.options).memoryUse().cacheBytes, std::uint64_t{0});
}

void EdgeDriverTest::olderTable_isIgnored_andABadOneStopsTheEdge()
{
    EdgeRig rig;
    rig.begin();
    RouteTable bad = rig.table();
    bad.shards[0].slots = {{1, kSlotCount}};
    rig.say("control", bad);
    rig.run(200ms);
    QVERIFY(rig.report.failure.empty());
    ++bad.version;
    rig.say("control", bad);
    rig.run(200ms);
    QVERIFY(rig.report.failure.starts_with("take over shard map 2: "));
    QCOMPARE(rig.report.failureCode, Errc::kInvalid);
    QCOMPARE(rig.report.routeVersion, LogIndex{1});
}

void EdgeDriverTest::rejectedRows_areInTheReport()
{
    EdgeRig rig;
    rig.world.disk().putFile("in.csv", "key,value\na,1\nb\nc,3\n");
    rig.begin();
    QVERIFY(rig.drained());
    QCOMPARE(rig.report.source.recordsRejected, std::uint64_t{1});
    QCOMPARE(rig.report.source.firstReject.line, std::uint64_t{3});
    QCOMPARE(rig.records, std::uint64_t{4});
}

void EdgeDriverTest::stopped_readsNoMore_andIsDrained()
{
    EdgeOptions options = smallEdge();
    options.ratePerSecond = 1000;
    EdgeRig rig(options);
    rig.begin();
    rig.run(500ms);
    rig.say("control", Stop{});
    QVERIFY(rig.drained());
    const std::uint64_t read = rig.report.source.recordsIn;
    QVERIFY(read > 100 && read < 1000);
    rig.run(2s);
    QCOMPARE(rig.report.source.recordsIn, read);
}

void EdgeDriverTest::subscriberOfAnotherEpoch_isNotAnswered()
{
    EdgeRig rig;
    QVERIFY(rig.boot().ok());
    rig.route();
    rig.say("node/0", Subscribe{kNode, 1, kShard, Epoch{2}, 1, 1000, 0});
    rig.run();
    QVERIFY(rig.subscribed.empty() && rig.frames.empty());
    rig.subscribe(1);
    rig.run();
    QCOMPARE(rig.subscribed.size(), std::size_t{1});
    QVERIFY(!rig.frames.empty());
}

void EdgeDriverTest::whatNobodyMaySay_isIgnored()
{
    EdgeRig rig;
    rig.answers = false;
    rig.begin();
    rig.say("node/1", Stop{});                                       // not control
    rig.say("node/1", Applied{kNode, kShard, Epoch{rig.epoch}, 1});  // not itself
    rig.say("control", CheckpointNow{kShard, Epoch{1}, "not to an edge"});
    rig.say("node/0", Applied{kNode, kShard, Epoch{9}, 1});
    rig.run();
    QVERIFY(rig.report.source.end);
    QVERIFY(!rig.report.drained);
}

void EdgeDriverTest::silentNode_isServedAgain()
{
    EdgeRig rig;
    rig.answers = false;
    rig.begin();
    rig.run(500ms);
    const std::size_t once = rig.frames.size();
    QCOMPARE(rig.frames.front(), FrameNo{1});
    rig.answers = true;
    rig.run(2s);
    QCOMPARE(rig.frames[once], FrameNo{1});
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, kRecords + 1);
}

void EdgeDriverTest::nextLife_goesOnBehindTheBoxes()
{
    EdgeOptions options = smallEdge();
    options.ratePerSecond = 2000;
    EdgeRig rig(options);
    rig.begin();
    rig.run(700ms);
    QVERIFY(rig.boot().ok());
    QVERIFY(rig.edge->memoryUse().backlogAtStart > 0);
    rig.route();
    rig.subscribe(rig.last + 1);
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, kRecords + 1);
    QVERIFY(rig.report.source.startOffset > 0);
    QVERIFY(rig.exists("data/source.fingerprint"));
}

void EdgeDriverTest::lowSpace_stopsTheReading_untilThereIsRoom()
{
    EdgeOptions options = smallEdge();
    options.lowSpaceBytes = 8U << 20U;
    EdgeRig rig(options);
    QVERIFY(rig.boot().ok());
    rig.world.disk().setCapacity(rig.used() + (2U << 20U));
    rig.route();
    rig.subscribe(1);
    rig.run();
    QVERIFY(contains(rig.report.source.problem, "8 MiB are kept for checkpoints"));
    QCOMPARE(rig.report.source.nextOffset, Offset{0});
    rig.world.disk().setCapacity({});
    QVERIFY(rig.drained());
    QVERIFY(rig.report.source.problem.empty());
}

void EdgeDriverTest::fullDisk_stopsTheReading_untilThereIsRoom()
{
    EdgeRig rig;
    QVERIFY(rig.boot().ok());
    rig.world.disk().setCapacity(rig.used() + 20'000);
    rig.route();
    rig.subscribe(1);
    rig.run();
    QVERIFY(contains(rig.report.source.problem, "is full"));
    QVERIFY(rig.report.failure.empty());
    rig.world.disk().setCapacity({});
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, kRecords + 1);
}

void EdgeDriverTest::fullDisk_doesNotLoseWhatAPipeHasSaid()
{
    EdgeOptions options = smallEdge();
    options.schema.source = "-?format=csv";
    EdgeRig rig(options);
    rig.world.disk().putFile("-", streamText());
    QVERIFY(rig.boot().ok());
    rig.world.disk().setCapacity(rig.used());
    rig.route();
    rig.subscribe(1);
    rig.run();
    QVERIFY(!rig.report.source.problem.empty());
    rig.say("control", Stop{});
    rig.world.disk().setCapacity({});
    QVERIFY(rig.drained());
    QVERIFY(rig.records > 0);
    QVERIFY(rig.exists("data/source.prefix"));
}

void EdgeDriverTest::failedSync_stopsTheEdge()
{
    EdgeRig rig;
    QVERIFY(rig.boot().ok());
    rig.world.disk().failNextSync("data/box");
    rig.route();
    rig.run();
    QVERIFY(rig.report.failure.starts_with("make a batch durable: "));
    QCOMPARE(rig.report.source.nextOffset, Offset{0});
}

void EdgeDriverTest::sourceThatCannotBeRead_stopsTheEdge()
{
    EdgeRig rig;
    QVERIFY(rig.boot().ok());
    rig.world.disk().failNext(sim::DiskCall::kRead, "in.csv");
    rig.route();
    rig.run();
    QVERIFY(rig.report.failure.starts_with("read csv:in.csv"));
}

void EdgeDriverTest::boxThatCannotBeRead_stopsTheEdge()
{
    EdgeOptions options = smallEdge();
    options.boxes.cacheBytesMax = 1;
    EdgeRig rig(options);
    QVERIFY(rig.boot().ok());
    rig.route();
    rig.run();
    rig.world.disk().failNext(sim::DiskCall::kRead, "data/box");
    rig.subscribe(1);
    rig.run(200ms);
    QVERIFY(rig.report.failure.starts_with("replay shard 0: "));
}

void EdgeDriverTest::removedBoxFile_stopsTheEdge()
{
    EdgeRig rig;
    rig.answers = false;
    rig.begin();
    rig.run();
    rig.removeBoxFile();
    rig.run(1100ms);
    QVERIFY(rig.report.failure.starts_with("look after the buffer boxes: "));
}

void EdgeDriverTest::openRow_isNamedInTheReport()
{
    EdgeOptions options = smallEdge();
    options.finishAtEnd = false;
    EdgeRig rig(options);
    rig.world.disk().putFile("in.csv", "key,value\na,1\n\"b,2\n");
    rig.begin();
    rig.run(5s);
    QVERIFY(contains(rig.report.source.problem, "the row at line 3 of csv:in.csv"));
}

void EdgeDriverTest::pipeSentAgain_isSkipped_andAContinuationIsNoted()
{
    EdgeOptions options = smallEdge();
    options.schema.source = "-?format=csv";
    EdgeRig rig(options);
    rig.world.disk().putFile("-", streamText(1000));
    rig.begin();
    QVERIFY(rig.drained());
    rig.world.disk().putFile("-", streamText(1500));
    QVERIFY(rig.boot().ok());
    rig.route();
    rig.subscribe(rig.last + 1);
    rig.report = {};
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, std::uint64_t{1501});
    rig.world.disk().putFile("-", "new,7\n");
    QVERIFY(rig.boot().ok());
    rig.route();
    rig.subscribe(rig.last + 1);
    rig.report = {};
    QVERIFY(rig.drained());
    QCOMPARE(rig.records, std::uint64_t{1502});
    QVERIFY(!rig.report.source.note.empty());
}

void EdgeDriverTest::damagedMemoryOfTheSource_isRefused()
{
    for (const char* path : {"data/source.prefix", "data/source.fingerprint"}) {
        EdgeOptions options = smallEdge();
        options.schema.source = "-?format=csv";
        EdgeRig rig(options);
        rig.world.disk().putFile("-", streamText(100));
        rig.begin();
        QVERIFY(rig.drained());
        QVERIFY(rig.exists(path));
        rig.world.disk().flipByte(path, 20);
        const Status status = rig.boot();
        QVERIFY(!status.ok());
        QVERIFY(contains(status.error().message, path));
    }
}

QTEST_GUILESS_MAIN(EdgeDriverTest)
#include "tst_edge_driver.moc"
