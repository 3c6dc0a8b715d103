// The bridge and the history it keeps.
#include "tests/support/scripted_link.h"
#include "ui/bridge/engine_bridge.h"

#include <QTest>

using namespace foreshard;
using namespace foreshard::ui;

class BridgeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manyWakeUps_giveOneSnapshot()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        QCoreApplication::processEvents();
        int seen = 0;
        connect(&bridge, &EngineBridge::snapshotChanged, this, [&] { ++seen; });
        link.advance(5000);
        link.wake();
        QCoreApplication::processEvents();
        QCOMPARE(seen, 1);
        QCOMPARE(bridge.snapshot()->seq, 50U);
        link.wake();  // nothing new
        QCoreApplication::processEvents();
        QCOMPARE(seen, 1);
        link.advance(100);
        QCoreApplication::processEvents();
        QCOMPARE(seen, 2);
    }

    void paused_keepsThePicture_butRemembersOn()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        link.advance(100);
        QCoreApplication::processEvents();
        bridge.setPaused(true);
        link.advance(100);
        QCoreApplication::processEvents();
        QCOMPARE(bridge.snapshot()->seq, 1U);
        QCOMPARE(bridge.history().samples(ShardId{0}).size(), std::size_t{2});
        bridge.checkpointNow({0});
        QVERIFY(!bridge.paused());
        QCOMPARE(bridge.snapshot()->seq, 2U);
    }

    void fullQueue_isAnsweredBusy()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        link.fillQueue();
        bool busy = false;
        connect(&bridge, &EngineBridge::replyArrived, this,
                [&](const CommandReply& reply) { busy = !reply.ok && reply.code == Errc::kBusy; });
        QCOMPARE(bridge.moveShards({{1}}, {2}), 0U);
        QVERIFY(busy);
    }

    void reply_carriesTheCommandsWords()
    {
        ScriptedLink link;
        EngineBridge bridge(link);
        std::uint64_t answered = 0;
        connect(&bridge, &EngineBridge::replyArrived, this,
                [&](const CommandReply& reply) { answered = reply.id; });
        const auto id = bridge.moveShards({{17 % 16}}, {2});
        QCoreApplication::processEvents();
        QCOMPARE(answered, id);
        QCOMPARE(bridge.commandText(id), QStringLiteral("Move shard 1 to node 2"));
    }

    void history_isBoundedAndStartsAnewWithANewEngine()
    {
        SnapshotHistory history;
        ClusterSnapshot snapshot;
        snapshot.shards.resize(1);
        for (std::uint64_t i = 1; i <= SnapshotHistory::kSamples + 10; ++i) {
            snapshot.seq = i;
            history.add(snapshot);
            history.add(snapshot);  // the same again
        }
        QCOMPARE(history.samples(ShardId{0}).size(), SnapshotHistory::kSamples);
        const auto generation = history.generation();
        snapshot.seq = 1;
        history.add(snapshot);
        QCOMPARE(history.samples(ShardId{0}).size(), std::size_t{1});
        QCOMPARE(history.generation(), generation + 1);
    }

    void history_keepsEveryCheckpointOnce()
    {
        ScriptedLink link;
        SnapshotHistory history;
        for (int i = 0; i < 100; ++i) {
            link.advance(100);
            history.add(*link.latest());
        }
        QCOMPARE(history.checkpoints().size(), std::size_t{link.latest()->checkpointCount});
        QCOMPARE(history.checkpoints().back().id, link.latest()->checkpoints.back().id);
    }
};

QTEST_MAIN(BridgeTest)
#include "tst_bridge.moc"
