#include "engine/env/real/side_thread.h"

#include <QtTest>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

using namespace foreshard;

namespace {

// Work that goes on until the test lets it go.
struct Gate {
    std::atomic<bool> open{false};
    std::atomic<bool> entered{false};
};

std::function<void()> endless(const std::shared_ptr<Gate>& gate)
{
    return [gate] {
        gate->entered = true;
        while (!gate->open)
            std::this_thread::sleep_for(1ms);
    };
}

}  // namespace

class SideThreadTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void run_whenTheWorkEnds_givesWhatItLeft();
    void run_whenTheWorkNeverEnds_comesBackAfterItsPatience();
    void run_whileAnEarlierWorkGoesOn_isRefusedAtOnce();
    void run_afterALateEnd_worksAgain();
    void callOff_whileSomebodyWaits_bringsHimBack();
    void end_whenTheWorkNeverEnds_saysSoAndWaitsNoLonger();
    void destructor_whenTheWorkNeverEnds_leavesItBehind();
};

void SideThreadTest::run_whenTheWorkEnds_givesWhatItLeft()
{
    SideThread side("test", "the work");
    int value = 0;
    QVERIFY(side.run([&value] { value = 7; }, 10s).ok());
    QCOMPARE(value, 7);
    QVERIFY(side.end(10s));
    QCOMPARE(side.run([] {}, 10s).error().code, Errc::kUnavailable);
}

void SideThreadTest::run_whenTheWorkNeverEnds_comesBackAfterItsPatience()
{
    const auto gate = std::make_shared<Gate>();
    SideThread side("test", "the work");
    const Status status = side.run(endless(gate), 50ms);
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Errc::kUnavailable);
    QVERIFY(status.error().message.starts_with("the work does not answer: "));
    gate->open = true;
}

void SideThreadTest::run_whileAnEarlierWorkGoesOn_isRefusedAtOnce()
{
    const auto gate = std::make_shared<Gate>();
    SideThread side("test", "the work");
    QVERIFY(!side.run(endless(gate), 20ms).ok());
    bool ran = false;
    const auto begin = std::chrono::steady_clock::now();
    QVERIFY(!side.run([&ran] { ran = true; }, 60s).ok());
    QVERIFY(std::chrono::steady_clock::now() - begin < 10s);
    gate->open = true;
    QVERIFY(side.end(10s));
    QVERIFY(!ran);
}

void SideThreadTest::run_afterALateEnd_worksAgain()
{
    const auto gate = std::make_shared<Gate>();
    SideThread side("test", "the work");
    QVERIFY(!side.run(endless(gate), 20ms).ok());
    gate->open = true;
    QTRY_VERIFY(side.run([] {}, 10s).ok());
}

void SideThreadTest::callOff_whileSomebodyWaits_bringsHimBack()
{
    const auto gate = std::make_shared<Gate>();
    SideThread side("test", "the work");
    std::thread other([&] {
        while (!gate->entered)
            std::this_thread::sleep_for(1ms);
        side.callOff();
    });
    const Status status = side.run(endless(gate), 60s);
    other.join();
    QVERIFY(!status.ok());
    QVERIFY(!side.end(0ms));
    gate->open = true;
    QVERIFY(side.end(10s));
}

void SideThreadTest::end_whenTheWorkNeverEnds_saysSoAndWaitsNoLonger()
{
    const auto gate = std::make_shared<Gate>();
    SideThread side("test", "the work");
    QVERIFY(!side.run(endless(gate), 20ms).ok());
    const auto begin = std::chrono::steady_clock::now();
    QVERIFY(!side.end(50ms));
    QVERIFY(std::chrono::steady_clock::now() - begin < 10s);
    gate->open = true;
}

void SideThreadTest::destructor_whenTheWorkNeverEnds_leavesItBehind()
{
    const auto gate = std::make_shared<Gate>();
    {
        SideThread side("test", "the work");
        QVERIFY(!side.run(endless(gate), 20ms).ok());
    }
    QVERIFY(gate.use_count() > 1);
    gate->open = true;
    QTRY_COMPARE(gate.use_count(), 1L);
}

QTEST_GUILESS_MAIN(SideThreadTest)
#include "tst_side_thread.moc"
