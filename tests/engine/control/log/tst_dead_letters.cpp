#include "engine/control/log/dead_letter_store.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>

using namespace foreshard;
using namespace foreshard::test;

namespace {

RecordPlace placeOf(Offset offset) { return {ShardId{1}, offset / 10 + 1, 0, offset}; }

DeadLetter letterOf(Offset offset)
{
    DeadLetter letter;
    letter.place = placeOf(offset);
    letter.key = "k";
    letter.raw = "raw\n";
    letter.tries = kOperatorTriesMax;
    return letter;
}

OperatorMark markOf(Offset offset, std::uint64_t life)
{
    return {placeOf(offset), life, "crashed"};
}

std::unique_ptr<DeadLetterStore> openIn(SimRig& rig)
{
    Result<std::unique_ptr<DeadLetterStore>> store = DeadLetterStore::open(rig.env(), "data");
    FS_CHECK(store.ok());
    return std::move(store).value();
}

}  // namespace

class DeadLettersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void letter_countsOnceItIsDurable_andSurvivesAPowerCut()
    {
        SimRig rig;
        auto store = openIn(rig);
        int done = 0;
        const auto count = [&done](const Status& status) { done += status.ok() ? 1 : 0; };
        store->commit(letterOf(17), count);
        store->commit(letterOf(17), count);  // said again meanwhile
        QVERIFY(!store->core().has(17));
        rig.run();
        QCOMPARE(done, 1);
        QVERIFY(store->core().has(17));
        store->commit(letterOf(23), count);  // and the power goes
        store.reset();
        rig.crash();
        store = openIn(rig);
        QVERIFY(store->core().has(17));
        QCOMPARE(store->core().deadBehind(ShardId{1}, 1), std::vector<RecordPlace>{placeOf(17)});
        QVERIFY(store->core().deadBehind(ShardId{1}, 2).empty());
        const auto read = DeadLetterStore::read(rig.disk(), "data");
        QVERIFY(read.ok());
        QCOMPARE(read->size(), store->core().count());
        QCOMPARE(read->front().raw, Bytes("raw\n"));
    }

    void tries_areCountedOncePerLife_andSurvive()
    {
        SimRig rig;
        auto store = openIn(rig);
        QCOMPARE(store->note({markOf(5, 1), markOf(8, 1)})->size(), std::size_t{2});
        store.reset();
        rig.crash();
        store = openIn(rig);
        QVERIFY(store->note({markOf(5, 1)})->empty());  // the mark was not cleared in time
        QCOMPARE(store->note({markOf(5, 2)})->front().tries, 2U);
        QCOMPARE(store->core().suspectsBehind(ShardId{1}, 0).size(), std::size_t{2});
    }

    void suspicion_endsWithACheckpoint_withALetter_andOnAcquittal()
    {
        SimRig rig;
        auto store = openIn(rig);
        QVERIFY(store->note({markOf(5, 1), markOf(15, 1), markOf(25, 1)}).ok());
        QVERIFY(store->saved(ShardId{1}, 1).ok());
        QVERIFY(store->acquit(15).ok());
        QCOMPARE(store->core().suspects().suspects.size(), std::size_t{1});
        store->commit(letterOf(25), [](const Status&) {});
        rig.run();
        QVERIFY(store->core().suspects().suspects.empty());
        QVERIFY(store->note({markOf(25, 2)})->empty());
    }

    void core_isBounded()
    {
        DeadLetterCore core;
        for (Offset i = 0; i < DeadLetterCore::kLettersMax; ++i) {
            QVERIFY(!core.full());
            core.add(letterOf(i));
        }
        QVERIFY(core.full());
        for (Offset i = 0; i < DeadLetterCore::kSuspectsMax + 5; ++i)
            core.tried(markOf(DeadLetterCore::kLettersMax + i, 1));
        QCOMPARE(core.suspects().suspects.size(), DeadLetterCore::kSuspectsMax);
    }

    void damagedLog_isRefusedByName()
    {
        SimRig rig;
        auto store = openIn(rig);
        store->commit(letterOf(1), [](const Status&) {});
        store->commit(letterOf(2), [](const Status&) {});
        rig.run();
        QVERIFY(store->note({markOf(5, 1)}).ok());
        store.reset();
        rig.world.disk().flipByte("data/deadletter/suspects", 20);
        const auto damagedList = DeadLetterStore::open(rig.env(), "data");
        QCOMPARE(damagedList.error().code, Errc::kCorrupt);
        QVERIFY(damagedList.error().message.find("deadletter/suspects") != std::string::npos);
        rig.world.disk().flipByte("data/deadletter/000000000001.seg", 20);
        const auto damagedLog = DeadLetterStore::read(rig.disk(), "data");
        QCOMPARE(damagedLog.error().code, Errc::kCorrupt);
        QVERIFY(damagedLog.error().message.find("000000000001.seg") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(DeadLettersTest)
#include "tst_dead_letters.moc"
