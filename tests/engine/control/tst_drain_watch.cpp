#include "engine/control/drain_watch.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr Nanos kStep = 50ms;

// How long `sight`, as it stands, is waited for.
Nanos patienceFor(DrainWatch& watch, const DrainWatch::Sight& sight)
{
    for (Nanos waited{0}; waited < 200s; waited += kStep)
        if (watch.isStuck(sight, kStep)) return waited;
    return 200s;
}

}  // namespace

class DrainWatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nothingThatMoves_isStuckAfterItsPatience()
    {
        DrainWatch watch(0s);
        const Nanos patience = patienceFor(watch, {10, 0, 1, false});
        QVERIFY(patience >= DrainWatch::kPatience && patience < DrainWatch::kPatience + 2 * kStep);
    }

    void outputsThatGetAway_areProgress()
    {
        DrainWatch watch(0s);
        for (std::uint64_t left = 300; left > 0; --left)
            QVERIFY(!watch.isStuck({10, left, 1, false}, 1s));
        QVERIFY(patienceFor(watch, {10, 1, 1, false}) <= DrainWatch::kPatience);
    }

    void nodeThatStartedAgain_isProgressFromWhereItBegins()
    {
        DrainWatch watch(0s);
        QVERIFY(!watch.isStuck({100, 0, 1, true}, kStep));
        QVERIFY(!watch.isStuck({20, 0, 2, true}, 3s));
        for (FrameNo done = 21; done < 40; ++done)
            QVERIFY(!watch.isStuck({done, 0, 2, true}, 3s));
    }

    void nodesThatStartForEver_areStuckInTheEnd()
    {
        DrainWatch watch(0s);
        Nanos waited{0};
        std::uint64_t epoch = 1;
        while (waited < 200s && !watch.isStuck({10, 0, ++epoch, true}, 1s))
            waited += 1s;
        QVERIFY(waited >= 50s && waited <= DrainWatch::kPatienceInAll);
    }

    void checkpointsThatAreStruckAgainAndAgain_areNoProgress()
    {
        DrainWatch watch(0s);
        Nanos waited{0};
        for (int i = 0; waited < 200s; ++i, waited += 500ms)
            if (watch.isStuck({i % 2 == 0 ? FrameNo{20} : FrameNo{10}, 0, 1, false}, 500ms)) break;
        QVERIFY(waited <= DrainWatch::kPatience + 1s);
    }

    void recordThatMayTakeLong_isWaitedForWhileItsNodeIsBusy()
    {
        DrainWatch busy(10s);
        QVERIFY(patienceFor(busy, {10, 0, 1, true}) >= 10s);
        DrainWatch idle(10s);
        QVERIFY(patienceFor(idle, {10, 0, 1, false}) < 5s);
        DrainWatch forEver(std::chrono::hours(24));
        QVERIFY(patienceFor(forEver, {10, 0, 1, true}) <= DrainWatch::kPatienceInAll);
    }
};

QTEST_GUILESS_MAIN(DrainWatchTest)
#include "tst_drain_watch.moc"
