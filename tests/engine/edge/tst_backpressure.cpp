#include "engine/base/result.h"
#include "engine/edge/edge_driver.h"
#include "engine/model/addresses.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <map>
#include <memory>
#include <string>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr std::uint64_t kBacklog = 400'000;
constexpr std::uint64_t kWindow = 100'000;
constexpr std::uint64_t kRecords = 20'000;

// A CSV file whose records go to two shards in turn.
Bytes streamText()
{
    Bytes text = "key,value\n";
    for (std::uint64_t i = 0; i < kRecords; ++i)
        text += "k" + std::to_string(i % 64) + "," + std::to_string(i) + "." + std::string(59, '0')
                + "\n";
    return text;
}

// An edge with two shards on two nodes; the test plays control and both nodes.
class EdgeRig : public SimRig {
public:
    EdgeRig() : peers_(world.env(world.strand("peers")))
    {
        world.disk().putFile("in.csv", streamText());
        for (std::uint32_t node = 0; node < 2; ++node) {
            const Status opened = peers_.network.open(
                "node/" + std::to_string(node), peers_.strand,
                [this, node](const std::string&, const Bytes& message) { hear(node, message); });
            FS_CHECK(opened.ok());
        }
        start();
    }
    // A power cut, and the next edge on what the disk has kept.
    void restart()
    {
        crash();
        edge_.reset();
        start();
    }
    void subscribe()
    {
        route(++epoch_);
        for (std::uint32_t i = 0; i < 2; ++i)
            say(Subscribe{NodeId{i}, 1, ShardId{i}, Epoch{epoch_}, 1, kWindow});
    }
    // Both shards get this epoch.
    void route(std::uint64_t epoch)
    {
        RouteTable routes;
        routes.version = epoch;
        for (std::uint32_t i = 0; i < 2; ++i)
            routes.shards.push_back(
                {ShardId{i}, {{i * 2048, (i + 1) * 2048}}, NodeId{i}, BoxId{i}, Epoch{epoch}, 0});
        say(routes);
        run(10ms);
    }
    FrameNo last(std::uint32_t node) { return last_[node]; }
    void say(const Message& message)
    {
        std::string from = "control";
        if (const auto* m = std::get_if<Subscribe>(&message)) from = nodeAddress(m->node);
        if (const auto* m = std::get_if<Applied>(&message)) from = nodeAddress(m->node);
        peers_.network.send(from, "edge", encode(message));
    }

    std::map<std::uint32_t, bool> answers{{0, true}, {1, true}};
    std::map<std::uint32_t, std::uint64_t> records;  // in order, each frame once
    std::map<std::uint32_t, std::uint64_t> bytes;

private:
    void start()
    {
        EdgeOptions options;
        options.dataDirectory = "data";
        options.schema.source = "csv:in.csv";
        options.schema.keyField = "key";
        options.schema.valueField = "value";
        options.finishAtEnd = true;
        options.boxes.boxes = 2;
        options.batchBytes = 64U << 10U;
        options.backlogBytesMax = kBacklog;
        edge_ = std::make_unique<EdgeDriver>(env(), options);
        FS_CHECK(edge_->start().ok());
        subscribe();
    }
    void hear(std::uint32_t node, const Bytes& message)
    {
        const Result<Frame> frame = decodeFrame(message);
        if (!frame.ok()) return;  // the answer to the subscription
        FrameNo& last = last_[node];
        if (frame->header.n == last + 1) {
            last = frame->header.n;
            records[node] += frame->header.records;
            bytes[node] += message.size();
        }
        if (answers[node]) say(Applied{NodeId{node}, ShardId{node}, Epoch{epoch_}, last});
    }

    Env peers_;
    std::unique_ptr<EdgeDriver> edge_;
    std::uint64_t epoch_ = 0;
    std::map<std::uint32_t, FrameNo> last_;
};

}  // namespace

class BackpressureTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shard_thatStandsStill_slowsTheOthersOnlyAtTheSharedLimit()
    {
        EdgeRig rig;
        rig.answers[0] = false;
        rig.run(20s);
        // The one that stands still has its window and one frame; what it left lies in the box.
        QVERIFY2(rig.bytes[0] <= kWindow + 70'000, qPrintable(QString::number(rig.bytes[0])));
        QVERIFY2(rig.bytes[1] > kBacklog / 2, qPrintable(QString::number(rig.bytes[1])));
        QVERIFY(rig.records[0] + rig.records[1] < kRecords);
        rig.answers[0] = true;
        rig.run(60s);
        QCOMPARE(rig.records[0] + rig.records[1], kRecords + 1);  // and the header line
    }

    void frames_thatOnlyACheckpointConfirms_areNoBacklogAnyMore()
    {
        EdgeRig rig;
        rig.answers = {{0, false}, {1, false}};
        rig.run(20s);
        const std::uint64_t stuck = rig.world.disk().usedBytes();
        rig.run(1s);
        QCOMPARE(rig.world.disk().usedBytes(), stuck);
        rig.route(2);  // ends both subscriptions
        for (std::uint32_t i = 0; i < 2; ++i)
            rig.say(Truncate{ShardId{i}, rig.last(i), rig.last(i)});
        rig.run(1s);
        QVERIFY(rig.world.disk().usedBytes() > stuck);
    }

    void backlog_ofAnEarlierLife_countsInTheNext()
    {
        EdgeRig rig;
        rig.answers = {{0, false}, {1, false}};
        rig.run(20s);
        const std::uint64_t stuck = rig.world.disk().usedBytes();
        for (int life = 0; life < 4; ++life) {
            rig.restart();
            rig.run(5s);
        }
        // What a power cut tore is read again, and no more.
        QVERIFY2(rig.world.disk().usedBytes() <= stuck + 70'000,
                 qPrintable(QString::number(rig.world.disk().usedBytes() - stuck)));
        rig.answers = {{0, true}, {1, true}};
        rig.subscribe();
        rig.run(60s);
        QCOMPARE(rig.records[0] + rig.records[1], kRecords + 1);
    }
};

QTEST_GUILESS_MAIN(BackpressureTest)
#include "tst_backpressure.moc"
