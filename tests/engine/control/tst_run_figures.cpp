#include "engine/control/run_figures.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr ShardId kShard{3};
constexpr NodeId kNode{1};

std::vector<std::uint64_t> countsOf(std::int64_t micros, std::uint64_t times)
{
    LatencyHistogram histogram;
    histogram.record(micros, times);
    return histogram.counts();
}

}  // namespace

class RunFiguresTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rate_ofAFreshShard_countsFromItsFirstRecord();
    void rate_whenARestoredShardCountsAgain_neitherFallsBelowZeroNorJumps();
    void rate_whenAShardIsReplayedAtTheStart_countsForTheRunAlone();
    void rate_whenNothingComes_fallsToZeroAfterASecond();
    void latency_whenANodeStartsAgain_keepsWhatTheOldOneSaw();
    void latency_ofLate_forgetsWhatIsOlderThanTenSeconds();
    void latency_whenAReportComesLateOrTwice_countsOnce();
    void latency_ofTooManyBuckets_isBounded();
    void mostApplied_whenAShardIsRestored_doesNotFall();
};

void RunFiguresTest::rate_ofAFreshShard_countsFromItsFirstRecord()
{
    RunFigures figures;
    figures.sample(Instant{0}, 0);
    figures.begin(kShard, 0, 0);
    figures.applied(kShard, 500);
    figures.sample(Instant{} + 500ms, 5000);
    QCOMPARE(figures.recordsPerSecond(), 1000.0);
    QCOMPARE(figures.bytesPerSecond(), 10'000.0);
    QCOMPARE(figures.recordsOfRun(), std::uint64_t{500});
}

void RunFiguresTest::rate_whenARestoredShardCountsAgain_neitherFallsBelowZeroNorJumps()
{
    RunFigures figures;
    figures.begin(kShard, 0, 0);
    Instant now;
    for (std::uint64_t i = 1; i <= 20; ++i) {
        figures.applied(kShard, i * 100);
        figures.sample(now, 0);
        now = now + 100ms;
    }
    QCOMPARE(figures.recordsPerSecond(), 1000.0);
    // It goes back to its checkpoint and applies again what it had, at once.
    for (const std::uint64_t records : {300U, 1900U, 2100U}) {
        figures.applied(kShard, records);
        figures.sample(now, 0);
        QVERIFY(figures.recordsPerSecond() >= 0 && figures.recordsPerSecond() <= 1000);
        now = now + 100ms;
    }
    figures.begin(kShard, 300, 1600);  // not the first time: changes nothing
    QCOMPARE(figures.recordsOfRun(), std::uint64_t{2100});
}

void RunFiguresTest::rate_whenAShardIsReplayedAtTheStart_countsForTheRunAlone()
{
    RunFigures figures;
    figures.sample(Instant{0}, 0);
    figures.applied(kShard, 900'000);  // not live yet
    figures.begin(kShard, 100'000, 1'000'000);
    figures.applied(kShard, 1'100'050);
    figures.sample(Instant{} + 100ms, 0);
    QCOMPARE(figures.recordsPerSecond(), 500.0);
    QCOMPARE(figures.recordsOfRun(), std::uint64_t{1'000'050});
}

void RunFiguresTest::rate_whenNothingComes_fallsToZeroAfterASecond()
{
    RunFigures figures;
    figures.sample(Instant{0}, 0);
    figures.begin(kShard, 0, 0);
    figures.applied(kShard, 500);
    for (int i = 1; i <= 12; ++i)
        figures.sample(Instant{} + i * 100ms, 0);
    QCOMPARE(figures.recordsPerSecond(), 0.0);
}

void RunFiguresTest::latency_whenANodeStartsAgain_keepsWhatTheOldOneSaw()
{
    RunFigures figures;
    figures.latency(kNode, 1, countsOf(1000, 99));
    figures.latency(kNode, 2, countsOf(80'000, 1));
    figures.latency(kNode, 2, countsOf(80'000, 1));
    QVERIFY(figures.latencyOfRun().p50 < 2000);
    QVERIFY(figures.latencyOfRun().max >= 80'000);
}

void RunFiguresTest::latency_ofLate_forgetsWhatIsOlderThanTenSeconds()
{
    RunFigures figures;
    Instant now;
    figures.sample(now, 0);
    LatencyHistogram node;
    node.record(5'000'000, 100);  // a slow first second
    for (int i = 0; i < 130; ++i) {
        node.record(1000);
        figures.latency(kNode, 1, node.counts());
        now = now + 100ms;
        figures.sample(now, 0);
        if (i == 50) QVERIFY(figures.latencyOfLate().p99 >= 5'000'000);
    }
    QVERIFY(figures.latencyOfLate().max < 2000);
    QVERIFY(figures.latencyOfRun().p99 >= 5'000'000);
}

void RunFiguresTest::latency_whenAReportComesLateOrTwice_countsOnce()
{
    RunFigures figures;
    figures.latency(kNode, 1, countsOf(1000, 10));
    figures.latency(kNode, 1, countsOf(1000, 4));
    figures.latency(kNode, 1, countsOf(1000, 10));
    figures.latency(NodeId{2}, 1, countsOf(80'000, 11));
    QVERIFY(figures.latencyOfRun().p50 >= 80'000);  // 11 of 21, not of 31
}

void RunFiguresTest::latency_ofTooManyBuckets_isBounded()
{
    RunFigures figures;
    figures.latency(kNode, 1, std::vector<std::uint64_t>(100'000, 1));
    QVERIFY(figures.latencyOfRun().max > 0);
}

void RunFiguresTest::mostApplied_whenAShardIsRestored_doesNotFall()
{
    RunFigures figures;
    QCOMPARE(figures.mostApplied(ShardId{1}), std::uint64_t{0});
    figures.begin(ShardId{1}, 100, 20);
    figures.applied(ShardId{1}, 150);
    figures.applied(ShardId{1}, 90);  // its node was killed: it is back at its checkpoint
    QCOMPARE(figures.mostApplied(ShardId{1}), std::uint64_t{150});
}

QTEST_GUILESS_MAIN(RunFiguresTest)
#include "tst_run_figures.moc"
