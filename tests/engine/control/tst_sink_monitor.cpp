#include "engine/control/sink_monitor.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr Instant kBegin{1'000'000'000};

SinkStatus statusOf(const std::string& problem)
{
    SinkStatus status;
    status.problem = problem;
    return status;
}

}  // namespace

class SinkMonitorTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runWithoutASink_asksNobodyAndIsSettled()
    {
        SinkMonitor monitor("");
        QVERIFY(!monitor.tick(kBegin).ask);
        QVERIFY(!monitor.tick(kBegin + 60s).news);
        QVERIFY(monitor.settle(false, kBegin).settled);
    }

    void sink_isAskedTwiceASecond()
    {
        SinkMonitor monitor("csv:rows");
        int asked = 0;
        for (Nanos at{0}; at < 2s; at += 50ms)
            asked += monitor.tick(kBegin + at).ask ? 1 : 0;
        QCOMPARE(asked, 4);
    }

    void sinkThatIsSilent_isAProblemOnce_andGoodNewsWhenItAnswers()
    {
        SinkMonitor monitor("zmq:ipc:///rows");
        QVERIFY(!monitor.tick(kBegin).news);
        QVERIFY(!monitor.tick(kBegin + SinkMonitor::kSilence).news);
        const Instant late = kBegin + SinkMonitor::kSilence + 1ms;
        const auto effects = monitor.tick(late);
        QVERIFY(effects.news && effects.news->find("does not answer") != std::string::npos);
        QCOMPARE(monitor.problem(), *effects.news);
        QVERIFY(!monitor.tick(late + 1s).news);
        monitor.heard(statusOf(""), late + 2s);
        const auto again = monitor.tick(late + 2s);
        QVERIFY(again.news && again.news->empty());
        QVERIFY(monitor.problem().empty());
    }

    void sinkThatSaysItsProblem_isQuoted()
    {
        SinkMonitor monitor("csv:rows");
        monitor.heard(statusOf("the disk is full"), kBegin);
        const auto effects = monitor.tick(kBegin);
        QVERIFY(effects.news && effects.news->find("the disk is full") != std::string::npos);
    }

    void ending_waitsForAWordThatCameAfterTheLastOutput()
    {
        SinkMonitor monitor("csv:rows");
        monitor.heard(statusOf(""), kBegin);
        QVERIFY(!monitor.settle(true, kBegin + 1s).ask);  // outputs are on their way
        auto settled = monitor.settle(false, kBegin + 2s);
        QVERIFY(!settled.settled && settled.ask);
        monitor.heard(statusOf(""), kBegin + 2s);  // may have been said before
        QVERIFY(!monitor.settle(false, kBegin + 3s).settled);
        monitor.heard(statusOf(""), kBegin + 4s);
        QVERIFY(monitor.settle(false, kBegin + 4s).settled);
    }

    void outputsThatComeAgain_putOffTheEnd()
    {
        SinkMonitor monitor("csv:rows");
        QVERIFY(!monitor.settle(false, kBegin).settled);
        monitor.heard(statusOf(""), kBegin + 1s);
        QVERIFY(!monitor.settle(true, kBegin + 2s).settled);
        QVERIFY(!monitor.settle(false, kBegin + 3s).settled);
        monitor.heard(statusOf(""), kBegin + 4s);
        QVERIFY(monitor.settle(false, kBegin + 4s).settled);
    }
};

QTEST_GUILESS_MAIN(SinkMonitorTest)
#include "tst_sink_monitor.moc"
