#include "engine/env/sim/world.h"

#include <QtTest>

#include <algorithm>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::sim;

namespace {

// Two processes; what "b" hears is kept.
struct Rig {
    explicit Rig(const NetworkFaults& faults = {}) : world(1, {.network = faults})
    {
        left = world.startProcess("left");
        right = world.startProcess("right");
        a = &world.strand(left, "a");
        b = &world.strand(right, "b");
        listen();
    }
    void listen()
    {
        const Status status = net(*b).open("b", *b, [this](const std::string& from, Bytes message) {
            heard.push_back(from + ":" + message);
        });
        FS_CHECK(status.ok());
    }
    Network& net(SimStrand& strand) { return world.env(strand).network; }
    void send(int count)
    {
        for (int i = 0; i < count; ++i)
            net(*a).send("a", "b", std::to_string(1000 + i));
    }

    World world;
    ProcessId left;
    ProcessId right;
    SimStrand* a = nullptr;
    SimStrand* b = nullptr;
    std::vector<std::string> heard;
};

}  // namespace

class SimNetworkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void messages_withoutFaults_arriveOnceInOrderAndLater()
    {
        Rig rig;
        rig.send(500);
        QVERIFY(rig.heard.empty());
        rig.world.runFor(19us);
        QVERIFY(rig.heard.empty());
        rig.world.runFor(181us);
        QCOMPARE(rig.heard.size(), std::size_t{500});
        QCOMPARE(rig.heard.front(), std::string("a:1000"));
        QVERIFY(std::is_sorted(rig.heard.begin(), rig.heard.end()));
    }

    void loss_losesAboutItsShare()
    {
        Rig rig({.lossPerMille = 300});
        rig.send(1000);
        rig.world.runFor(1s);
        QVERIFY(rig.heard.size() > 600 && rig.heard.size() < 800);
    }

    void duplicates_areTheSameMessageAgain()
    {
        Rig rig({.duplicatePerMille = 1000});
        rig.send(10);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard.size(), std::size_t{20});
        QCOMPARE(std::count(rig.heard.begin(), rig.heard.end(), "a:1003"), std::ptrdiff_t{2});
    }

    void reorder_breaksTheOrder_andLateDoesNot()
    {
        Rig reordered({.reorderPerMille = 100});
        reordered.send(200);
        reordered.world.runFor(1s);
        QCOMPARE(reordered.heard.size(), std::size_t{200});
        QVERIFY(!std::is_sorted(reordered.heard.begin(), reordered.heard.end()));
        Rig late({.latePerMille = 100});
        late.send(200);
        late.world.runFor(1ms);
        QVERIFY(late.heard.size() < 200);
        late.world.runFor(1s);
        QCOMPARE(late.heard.size(), std::size_t{200});
        QVERIFY(std::is_sorted(late.heard.begin(), late.heard.end()));
    }

    void cut_stopsOneDirection_andHealEndsIt()
    {
        Rig rig;
        int answers = 0;
        QVERIFY(rig.net(*rig.a).open("a", *rig.a, [&](const auto&, Bytes) { ++answers; }).ok());
        rig.world.network().cutOneWay("a", "b");
        rig.send(3);
        rig.net(*rig.b).send("b", "a", "x");
        rig.world.runFor(1s);
        QVERIFY(rig.heard.empty());
        QCOMPARE(answers, 1);
        rig.world.network().heal("a", "b");
        rig.send(3);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard.size(), std::size_t{3});
    }

    void isolate_stopsEverything_evenWhatIsUnderWay()
    {
        Rig rig;
        rig.send(3);
        rig.world.network().isolate("b");
        rig.world.runFor(1s);
        QVERIFY(rig.heard.empty());
        rig.world.network().healAll();
        rig.send(1);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard.size(), std::size_t{1});
    }

    void sender_thatDiesBeforeItsMessageIsSent_doesNotHoldUpTheNextOne()
    {
        Rig rig;
        rig.a->post([&] {
            rig.a->spend(std::chrono::hours(1), true);
            rig.send(1);
        });
        rig.world.runFor(1s);
        rig.world.crash(rig.left, Ending::kKilled);
        rig.left = rig.world.startProcess("left again");
        rig.a = &rig.world.strand(rig.left, "a");
        rig.send(2);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard, (std::vector<std::string>{"a:1000", "a:1001"}));
    }

    void open_hasOneOwnerPerName()
    {
        Rig rig;
        QCOMPARE(rig.net(*rig.a).open("b", *rig.a, [](const auto&, Bytes) {}).error().code,
                 Errc::kBusy);
        rig.net(*rig.a).close("b");
        QVERIFY(rig.world.network().isOpen("b"));
        rig.net(*rig.b).close("b");
        QVERIFY(!rig.world.network().isOpen("b"));
        QVERIFY(rig.net(*rig.a).open("b", *rig.a, [](const auto&, Bytes) {}).ok());
    }

    void close_stopsHandlersThatAreAlreadyQueued()
    {
        Rig rig;
        rig.send(5);
        rig.b->post([&] { rig.b->spend(10ms, false); });
        rig.b->postAfter(0ms, [&] { rig.net(*rig.b).close("b"); });
        rig.world.runFor(1s);
        QVERIFY(rig.heard.empty());
        rig.send(5);
        rig.listen();
        rig.world.runFor(1s);
        QVERIFY(rig.heard.empty());  // nobody was there when they were sent
    }

    void close_fromTheHandlerItself_isSafe()
    {
        Rig rig;
        int heard = 0;
        QVERIFY(rig.net(*rig.a)
                    .open("once", *rig.a,
                          [&rig, &heard, text = std::string(100, 'x')](const auto&, Bytes) {
                              rig.net(*rig.a).close("once");
                              if (text.size() == 100) ++heard;
                          })
                    .ok());
        rig.net(*rig.b).send("b", "once", "1");
        rig.net(*rig.b).send("b", "once", "2");
        rig.world.runFor(1s);
        QCOMPARE(heard, 1);
    }

    void messages_toACrashedProcess_vanish()
    {
        Rig rig;
        rig.send(5);
        rig.world.crash(rig.right);
        rig.send(5);
        rig.world.runFor(1s);
        QVERIFY(rig.heard.empty());
        QVERIFY(!rig.world.network().isOpen("b"));
    }

    void messages_ofACrashedProcess_areUnderWayOnlyIfSentBefore()
    {
        Rig rig;
        rig.a->post([&] {
            rig.net(*rig.a).send("a", "b", "before");
            rig.a->spend(10ms, true);
            rig.net(*rig.a).send("a", "b", "never");
        });
        rig.world.at(rig.world.now() + 5ms, [&] { rig.world.crash(rig.left); });
        rig.world.runFor(1s);
        QCOMPARE(rig.heard, (std::vector<std::string>{"a:before"}));
        rig.send(1);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard.size(), std::size_t{1});
    }

    void messages_beyondTheBound_areDropped()
    {
        Rig rig({.waitingMax = 10});
        rig.world.pause(rig.right, 1s);
        rig.send(50);
        rig.world.runFor(2s);
        QCOMPARE(rig.heard.size(), std::size_t{10});
        rig.send(5);
        rig.world.runFor(1s);
        QCOMPARE(rig.heard.size(), std::size_t{15});
    }
};

QTEST_GUILESS_MAIN(SimNetworkTest)
#include "tst_sim_network.moc"
