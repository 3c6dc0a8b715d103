#include "engine/env/real/process_stats.h"
#include "engine/env/real/system_random.h"

#include <QtTest>

#include <set>

using namespace foreshard;

class ProcessStatsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void figures_whenRead_areWithinTheMachine();
    void random_fromTwoObjects_differs();
};

void ProcessStatsTest::figures_whenRead_areWithinTheMachine()
{
    const ProcessStats first = readProcessStats();
    QVERIFY(first.rssBytes > 1'000'000);
    QVERIFY(first.rssBytes < memoryTotalBytes());
    QVERIFY(first.machineCpu >= 0 && first.machineCpu <= 1);
    // Work until a tick of the kernel's accounting has surely passed.
    QElapsedTimer timer;
    timer.start();
    while (!timer.hasExpired(50)) {
    }
    const ProcessStats second = readProcessStats();
    QVERIFY(second.cpuNanos > first.cpuNanos);
    QVERIFY(second.netBytes >= first.netBytes);
    QVERIFY(second.machineCpu > 0 && second.machineCpu <= 1);
}

void ProcessStatsTest::random_fromTwoObjects_differs()
{
    SystemRandom a;
    SystemRandom b;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1'000; ++i) {
        seen.insert(a.next());
        seen.insert(b.next());
    }
    QCOMPARE(seen.size(), std::size_t{2'000});
}

QTEST_GUILESS_MAIN(ProcessStatsTest)
#include "tst_process_stats.moc"
