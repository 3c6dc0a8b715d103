#include "engine/control/log/dead_letter_core.h"
#include "engine/control/log/suspect_store.h"
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

std::unique_ptr<SuspectStore> openIn(SimRig& rig, const DeadLetterCore& letters = {})
{
    Result<std::unique_ptr<SuspectStore>> store = SuspectStore::open(rig.env(), "data", letters);
    FS_CHECK(store.ok());
    return std::move(store).value();
}

}  // namespace

class DeadLettersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void letter_isLeftOutBehindEveryFrameBeforeIts()
    {
        DeadLetterCore core;
        core.add(letterOf(17));
        QVERIFY(core.has(17) && !core.has(18));
        QCOMPARE(core.deadBehind(ShardId{1}, 1), std::vector<RecordPlace>{placeOf(17)});
        QVERIFY(core.deadBehind(ShardId{1}, 2).empty());
        QVERIFY(core.deadBehind(ShardId{2}, 0).empty());
    }

    void letters_areBoundedByNumberAndByBytes()
    {
        DeadLetterCore many;
        for (Offset i = 0; i < DeadLetterCore::kLettersMax; ++i) {
            QVERIFY(!many.full());
            many.add(letterOf(i));
        }
        QVERIFY(many.full());
        DeadLetterCore large;
        DeadLetter letter = letterOf(0);
        letter.raw = Bytes(DeadLetterCore::kBytesMax / 4, 'x');
        for (Offset i = 0; i < 4; ++i) {
            QVERIFY(!large.full());
            letter.place = placeOf(i);
            large.add(letter);
            large.add(letter);  // counts once
        }
        QVERIFY(large.full());
    }

    void suspects_areBounded()
    {
        SuspectCore core;
        for (Offset i = 0; i < SuspectCore::kSuspectsMax + 5; ++i)
            QVERIFY(core.tried(markOf(i, 1)));
        QCOMPARE(core.all().suspects.size(), SuspectCore::kSuspectsMax);
    }

    void tries_areCountedOncePerLife_andSurvive()
    {
        SimRig rig;
        auto store = openIn(rig);
        QCOMPARE(store->note({markOf(5, 1), markOf(8, 1)}, {})->size(), std::size_t{2});
        store.reset();
        rig.crash();
        store = openIn(rig);
        QVERIFY(store->note({markOf(5, 1)}, {})->empty());  // the mark was not cleared in time
        QCOMPARE(store->note({markOf(5, 2)}, {})->front().tries, 2U);
        QCOMPARE(store->core().behind(ShardId{1}, 0).size(), std::size_t{2});
    }

    void suspicion_endsWithACheckpoint_onAcquittal_andWhenTheRecordIsGivenUp()
    {
        SimRig rig;
        auto store = openIn(rig);
        QVERIFY(store->note({markOf(5, 1), markOf(15, 1), markOf(25, 1)}, {}).ok());
        QVERIFY(store->saved(ShardId{1}, 1).ok());
        QVERIFY(store->acquit(15).ok());
        QCOMPARE(store->core().all().suspects.size(), std::size_t{1});
        store->givenUp(25);
        QVERIFY(store->core().all().suspects.empty());
        // The file names it still; whoever opens it knows better.
        DeadLetterCore letters;
        letters.add(letterOf(25));
        rig.crash();
        QVERIFY(openIn(rig, letters)->core().all().suspects.empty());
        QVERIFY(store->note({markOf(25, 2)}, letters)->empty());
    }

    void damagedList_isRefusedByName()
    {
        SimRig rig;
        auto store = openIn(rig);
        QVERIFY(store->note({markOf(5, 1)}, {}).ok());
        store.reset();
        rig.world.disk().flipByte("data/deadletter/suspects", 20);
        const auto damaged = SuspectStore::open(rig.env(), "data", {});
        QCOMPARE(damaged.error().code, Errc::kCorrupt);
        QVERIFY(damaged.error().message.find("deadletter/suspects") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(DeadLettersTest)
#include "tst_dead_letters.moc"
