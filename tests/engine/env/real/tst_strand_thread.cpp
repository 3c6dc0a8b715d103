#include "engine/env/real/strand_thread.h"

#include <QtTest>

#include <atomic>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace foreshard;

namespace {

// Waits until everything posted to `strand` so far has run.
void drain(StrandThread& strand)
{
    std::promise<void> done;
    strand.post([&done] { done.set_value(); });
    done.get_future().wait();
}

}  // namespace

class StrandThreadTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tasks_whenPostedFromOneThread_runInOrder();
    void tasks_whenPostedFromTwoThreads_keepTheOrderOfEach();
    void timers_whenDue_runByTimeThenByCall();
    void timer_whenEarlierThanTheSleep_wakesTheStrand();
    void stop_whenTasksWait_runsThemAndDropsTimers();
    void post_afterStop_isDropped();
    void spend_whenBusyOrWaiting_takesItsTime();
    void now_onTwoStrands_isOneClock();
    void onThisThread_whenAsked_knowsItsThread();
    void behind_whileATaskRunsOrWaits_isSeenFromOutside();
    void behind_whenNothingIsDue_isFalse();
};

void StrandThreadTest::tasks_whenPostedFromOneThread_runInOrder()
{
    constexpr int kTasks = 20'000;
    StrandThread strand("test-order");
    std::vector<int> seen;
    for (int i = 0; i < kTasks; ++i)
        strand.post([&seen, i] { seen.push_back(i); });
    drain(strand);
    QCOMPARE(seen.size(), std::size_t{kTasks});
    QVERIFY(std::is_sorted(seen.begin(), seen.end()));
}

void StrandThreadTest::tasks_whenPostedFromTwoThreads_keepTheOrderOfEach()
{
    constexpr int kTasks = 5'000;
    StrandThread strand("test-two");
    std::vector<int> seen[2];
    const auto poster = [&strand, &seen](std::size_t who) {
        for (int i = 0; i < kTasks; ++i)
            strand.post([&seen, who, i] { seen[who].push_back(i); });
    };
    std::thread first(poster, 0);
    std::thread second(poster, 1);
    first.join();
    second.join();
    drain(strand);
    for (const auto& one : seen) {
        QCOMPARE(one.size(), std::size_t{kTasks});
        QVERIFY(std::is_sorted(one.begin(), one.end()));
    }
}

void StrandThreadTest::timers_whenDue_runByTimeThenByCall()
{
    StrandThread strand("test-timers");
    std::vector<int> seen;
    std::promise<void> done;
    // From one task with the strand busy past both times, so that all are due together.
    strand.post([&] {
        strand.postAfter(9ms, [&seen] { seen.push_back(3); });
        strand.postAfter(2ms, [&seen] { seen.push_back(1); });
        strand.postAfter(5ms, [&seen] { seen.push_back(2); });
        strand.postAfter(20ms, [&done] { done.set_value(); });
        strand.postAfter(-1ms, [&seen] { seen.push_back(0); });
        strand.spend(12ms, false);
    });
    done.get_future().wait();
    QCOMPARE(seen, (std::vector<int>{0, 1, 2, 3}));
}

void StrandThreadTest::timer_whenEarlierThanTheSleep_wakesTheStrand()
{
    StrandThread strand("test-wake");
    strand.postAfter(1h, [] {});
    std::promise<Instant> ran;
    const Instant start = strand.now();
    strand.postAfter(5ms, [&] { ran.set_value(strand.now()); });
    auto outcome = ran.get_future();
    QCOMPARE(outcome.wait_for(10s), std::future_status::ready);
    QVERIFY(outcome.get() - start >= 5ms);
}

void StrandThreadTest::stop_whenTasksWait_runsThemAndDropsTimers()
{
    StrandThread strand("test-stop");
    const auto token = std::make_shared<int>(0);
    std::atomic<int> ran{0};
    strand.postAfter(1h, [&ran, token] { ran += 1000; });
    strand.post([&strand] { strand.spend(10ms, false); });
    for (int i = 0; i < 5; ++i)
        strand.post([&ran] { ++ran; });
    strand.stop();
    QCOMPARE(ran.load(), 5);
    QCOMPARE(token.use_count(), 1L);
    strand.stop();
}

void StrandThreadTest::post_afterStop_isDropped()
{
    StrandThread strand("test-after");
    strand.stop();
    const auto token = std::make_shared<int>(0);
    strand.post([token] { QFAIL("a task ran on a stopped strand"); });
    strand.postAfter(0ms, [token] { QFAIL("a timer ran on a stopped strand"); });
    QCOMPARE(token.use_count(), 1L);
}

void StrandThreadTest::spend_whenBusyOrWaiting_takesItsTime()
{
    StrandThread strand("test-spend");
    std::promise<Nanos> took;
    strand.post([&] {
        const Instant start = strand.now();
        strand.spend(3ms, true);
        strand.spend(4ms, false);
        took.set_value(strand.now() - start);
    });
    QVERIFY(took.get_future().get() >= 7ms);
}

void StrandThreadTest::now_onTwoStrands_isOneClock()
{
    StrandThread a("test-a");
    StrandThread b("test-b");
    const Instant first = a.now();
    const Instant second = b.now();
    const Instant third = a.now();
    QVERIFY(Instant{} <= first && first <= second && second <= third);
    QVERIFY(a.wallNow() > 0);
}

void StrandThreadTest::onThisThread_whenAsked_knowsItsThread()
{
    StrandThread strand("test-which");
    QVERIFY(!strand.onThisThread());
    std::promise<bool> inside;
    strand.post([&] { inside.set_value(strand.onThisThread()); });
    QVERIFY(inside.get_future().get());
}

void StrandThreadTest::behind_whileATaskRunsOrWaits_isSeenFromOutside()
{
    StrandThread strand("test-behind");
    std::promise<void> begun;
    std::promise<void> mayEnd;
    strand.post([&] {
        begun.set_value();
        mayEnd.get_future().wait();
    });
    strand.postAfter(1h, [] {});
    begun.get_future().wait();
    QVERIFY(strand.behind());
    strand.post([] {});
    mayEnd.set_value();
    QTRY_VERIFY(!strand.behind());
}

void StrandThreadTest::behind_whenNothingIsDue_isFalse()
{
    StrandThread strand("test-idle");
    QTRY_VERIFY(!strand.behind());
    strand.postAfter(1h, [] {});
    QTRY_VERIFY(!strand.behind());
}

QTEST_GUILESS_MAIN(StrandThreadTest)
#include "tst_strand_thread.moc"
