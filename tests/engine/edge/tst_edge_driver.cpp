// A whole edge on a virtual disk and network; the test plays control and the one node.
#include "engine/base/result.h"
#include "engine/control/log/assignment_core.h"
#include "engine/control/log/single_control_log.h"
#include "engine/edge/edge_driver.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr ShardId kShard{0};
constexpr NodeId kNode{0};
constexpr std::uint64_t kRecords = 3000;

Bytes streamText(std::uint64_t records = kRecords)
{
    Bytes text = "key,value\n";
    for (std::uint64_t i = 0; i < records; ++i)
        text += "k" + std::to_string(i % 64) + "," + std::to_string(i) + ".25\n";
    return text;
}

EdgeOptions smallEdge()
{
    EdgeOptions options;
    options.dataDirectory = "data";
    options.schema.source = "csv:in.csv";
    options.schema.keyField = "key";
    options.schema.valueField = "value";
    options.finishAtEnd = true;
    options.batchBytes = 4096;
    options.frameBytes = 2048;
    return options;
}

// Boxes that keep nothing behind truncation.
EdgeOptions forgetful()
{
    EdgeOptions options = smallEdge();
    options.boxes.segmentBytesMax = 16U << 10U;
    options.boxes.retainBytes = 1;
    options.boxes.cacheBytesMax = 1;
    return options;
}

// An edge of one shard.
class EdgeRig : public SimRig {
public:
    explicit EdgeRig(EdgeOptions edgeOptions = smallEdge())
        : options(std::move(edgeOptions)), peers_(world.env(world.strand("peers")))
    {
        world.disk().putFile("in.csv", streamText());
        for (const char* place : {"control", "node/0"}) {
            const Status opened = peers_.network.open(
                place, peers_.strand, [this](const std::string&, const Bytes& m) { hear(m); });
            FS_CHECK(opened.ok());
        }
    }
    // The first life, or the next one on what a kill has left.
    Status boot()
    {
        if (edge) crash(sim::Ending::kKilled);
        edge.reset();
        edge = std::make_unique<EdgeDriver>(env(), options);
        return edge->start();
    }
    // The node owns the shard at the next epoch.
    void route()
    {
        ++epoch;
        say("control", table());
    }
    RouteTable table() const
    {
        RouteTable routes;
        routes.version = epoch;
        routes.shards.push_back({kShard, {{0, kSlotCount}}, kNode, BoxId{0}, Epoch{epoch}, 0});
        return routes;
    }
    void subscribe(FrameNo fromN, std::uint64_t window = 1U << 20U)
    {
        last = fromN - 1;
        say("node/0", Subscribe{kNode, 1, kShard, Epoch{epoch}, fromN, window, 0});
    }
    void begin()
    {
        FS_CHECK(boot().ok());
        route();
        subscribe(1);
    }
    void say(const char* from, const Message& message)
    {
        peers_.network.send(from, "edge", encode(message));
        run(5ms);
    }
    void truncate(FrameNo n, std::uint64_t fence = 0)
    {
        say("control", Truncate{kShard, n, n, fence});
    }
    void retain(FrameNo fromN, std::uint64_t fence, bool dryRun = false)
    {
        say("control", Retain{kShard, fence, fromN, dryRun});
    }
    bool drained(Nanos within = 10s)
    {
        return world.runUntil(world.now() + within, [this] { return report.drained; });
    }
    // Lists a checkpoint of the shard, as control would.
    void list(FrameNo n, Offset offset)
    {
        auto log = SingleControlLog::open(peers_, "data");
        FS_CHECK(log.ok());
        const auto ok = [](const Result<ControlLog::Applied>& done) { FS_CHECK(done.ok()); };
        if ((*log)->state().assignment.shards.empty())
            (*log)->propose(makeBootstrap(1, 1, RoutingMode::kKeyed, {}), 0, ok);
        CheckpointInfo info;
        info.shard = kShard;
        info.epoch = Epoch{1};
        info.n = n;
        info.offset = offset;
        info.file = "checkpoint/0/1.ckpt";
        bool listed = false;
        (*log)->propose(CheckpointListed{info}, 0,
                        [&listed](const Result<ControlLog::Applied>& done) {
                            FS_CHECK(done.ok());
                            listed = true;
                        });
        run(100ms);
        FS_CHECK(listed);
    }
    void removeBoxFile()
    {
        const auto names = peers_.disk.list("data/box/0");
        FS_CHECK(names.ok() && !names->empty());
        for (const std::string& name : *names) {
            if (!name.ends_with(".seg")) continue;
            const Status removed = peers_.disk.remove("data/box/0/" + name);
            FS_CHECK(removed.ok());
            return;
        }
    }
    std::uint64_t used() { return world.disk().usedBytes(); }

    EdgeOptions options;
    std::unique_ptr<EdgeDriver> edge;
    std::uint64_t epoch = 0;
    bool answers = true;  // the node confirms what it gets
    FrameNo last = 0;     // in order
    std::vector<FrameNo> frames;
    std::uint64_t records = 0;  // in order, each frame once
    EdgeReport report;
    std::vector<Retained> retained;
    std::vector<Subscribed> subscribed;

private:
    void hear(const Bytes& message)
    {
        if (const Result<Frame> frame = decodeFrame(message); frame.ok()) return take(*frame);
        const Result<Message> decoded = decode(message);
        FS_CHECK(decoded.ok());
        if (const auto* m = std::get_if<EdgeReport>(&*decoded)) report = *m;
        if (const auto* m = std::get_if<Retained>(&*decoded)) retained.push_back(*m);
        if (const auto* m = std::get_if<Subscribed>(&*decoded)) subscribed.push_back(*m);
    }
    void take(const Frame& frame)
    {
        frames.push_back(frame.header.n);
        if (frame.header.n == last + 1) {
            last = frame.header.n;
            records += frame.header.records;
        }
        if (answers)
            peers_.network.send("node/0", "edge",
                                encode(Applied{kNode, kShard, Epoch{epoch}, last}));
    }

    Env peers_;
};

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

}  // namespace

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

void EdgeDriverTest::truncatedFrames_areServedAgain_whileTheirSegmentIsThere()
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

void EdgeDriverTest::framesThatAreGone_stopTheEdge()
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

void EdgeDriverTest::retain_isAnsweredAgain_andALateTruncateIsIgnored()
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

void EdgeDriverTest::retainOfFramesThatAreGone_namesThem()
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

void EdgeDriverTest::retainThatOnlyLooks_raisesNoFence()
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

void EdgeDriverTest::retainThatCannotBeLookedUp_saysWhy()
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

void EdgeDriverTest::truncateBehindTheLastFrame_isIgnored()
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

void EdgeDriverTest::checkpointBehindTheBoxes_isRefused()
{
    EdgeRig rig;
    rig.begin();
    QVERIFY(rig.drained());
    rig.list(rig.last, kRecords + 2);
    const Status status = rig.boot();
    QVERIFY(!status.ok() && status.error().code == Errc::kCorrupt);
    QVERIFY(contains(status.error().message, "but a checkpoint of shard 0 contains records up to"));
}

void EdgeDriverTest::checkpointOfLostFrames_letsTheNumbersGoOnBehindIt()
{
    EdgeRig rig;
    rig.list(9, 0);
    rig.begin();
    rig.subscribe(10);
    QVERIFY(rig.drained());
    QCOMPARE(rig.frames.front(), FrameNo{10});
    QCOMPARE(rig.records, kRecords + 1);
}

void EdgeDriverTest::invalidatedCheckpoint_countsForNothing()
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
