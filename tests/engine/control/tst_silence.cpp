#include "engine/control/silence.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr Nanos kPeriod = 50ms;
constexpr NodePulse kUnseen{};

}  // namespace

class SilenceTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void silence_withoutAnySign_growsWithTheTimeControlRan();
    void silence_whenAReportComes_beginsAnew();
    void silence_whenTheBeatChanges_beginsAnew();
    void silence_whileTheStrandIsBehind_doesNotGrow();
    void silence_whenABeatStops_growsFromThen();
    void runningTime_ofALateTick_countsTwoPeriodsAtMost();
    void runningTime_ofTheFirstTick_isNothing();
};

void SilenceTest::silence_withoutAnySign_growsWithTheTimeControlRan()
{
    Silence silence;
    for (int i = 0; i < 20; ++i)
        silence.tick(kPeriod, kUnseen);
    QCOMPARE(silence.span(), Nanos(1s));
}

void SilenceTest::silence_whenAReportComes_beginsAnew()
{
    Silence silence;
    silence.tick(900ms, kUnseen);
    silence.end();
    silence.tick(kPeriod, kUnseen);
    QCOMPARE(silence.span(), kPeriod);
}

void SilenceTest::silence_whenTheBeatChanges_beginsAnew()
{
    Silence silence;
    for (std::uint64_t beat = 1; beat < 100; ++beat) {
        silence.tick(900ms, {beat, false});
        QCOMPARE(silence.span(), Nanos{0});
    }
}

void SilenceTest::silence_whileTheStrandIsBehind_doesNotGrow()
{
    Silence silence;
    for (int i = 0; i < 100; ++i)
        silence.tick(900ms, {7, true});
    QCOMPARE(silence.span(), Nanos{0});
}

void SilenceTest::silence_whenABeatStops_growsFromThen()
{
    Silence silence;
    silence.tick(kPeriod, {41, false});
    silence.tick(kPeriod, {42, false});
    for (int i = 0; i < 20; ++i)
        silence.tick(kPeriod, {42, false});
    QCOMPARE(silence.span(), Nanos(1s));
}

void SilenceTest::runningTime_ofALateTick_countsTwoPeriodsAtMost()
{
    RunningTime running(kPeriod);
    running.tick(Instant{0});
    QCOMPARE(running.tick(Instant{} + 60ms), Nanos(60ms));
    QCOMPARE(running.tick(Instant{} + 30s), Nanos(100ms));
    QCOMPARE(running.tick(Instant{} + 30s + 50ms), Nanos(50ms));
}

void SilenceTest::runningTime_ofTheFirstTick_isNothing()
{
    RunningTime running(kPeriod);
    QCOMPARE(running.tick(Instant{} + 3600s), Nanos{0});
}

QTEST_GUILESS_MAIN(SilenceTest)
#include "tst_silence.moc"
