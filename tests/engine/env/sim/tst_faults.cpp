#include "engine/env/sim/faults.h"
#include "engine/env/sim/world.h"

#include <QtTest>

#include <algorithm>
#include <set>
#include <string>

using namespace foreshard;
using namespace foreshard::sim;

class FaultsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void plan_dependsOnTheSeedAlone()
    {
        QCOMPARE(describe(drawFaults(3, 60s)), describe(drawFaults(3, 60s)));
        QVERIFY(describe(drawFaults(3, 60s)) != describe(drawFaults(4, 60s)));
    }

    void events_areOrdered_andLeaveAQuietEnd()
    {
        std::set<FaultKind> kinds;
        std::size_t without = 0;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            const FaultPlan plan = drawFaults(seed, 60s);
            QVERIFY(std::is_sorted(plan.events.begin(), plan.events.end(),
                                   [](const auto& a, const auto& b) { return a.at < b.at; }));
            bool crash = false;
            for (const FaultEvent& event : plan.events) {
                QVERIFY(event.at >= plan.duration / 50 && event.at <= plan.duration);
                kinds.insert(event.kind);
                crash = crash || event.kind == FaultKind::kCrashEngine;
            }
            if (!crash) ++without;
        }
        QCOMPARE(kinds.size(), kFaultKinds.size());
        QVERIFY(without > 20 && without < 180);
    }

    void someSeeds_haveNoFault_andSomeHaveAllOfThem()
    {
        std::size_t none = 0;
        std::size_t all = 0;
        for (std::uint64_t seed = 0; seed < 500; ++seed) {
            std::set<FaultKind> kinds;
            for (const FaultEvent& event : drawFaults(seed, 15s).events)
                kinds.insert(event.kind);
            if (kinds.empty()) ++none;
            if (kinds.size() == kFaultKinds.size()) ++all;
        }
        QVERIFY(none > 5 && none < 150);
        QVERIFY(all > 10 && all < 60);
    }

    void apply_handsTheRunItsEvents_andCalmsTheWorldAtTheEnd()
    {
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const FaultPlan plan = drawFaults(seed, 20s);
            World world(seed);
            std::size_t handed = 0;
            applyFaults(world, plan, [&](const FaultEvent& event) {
                QVERIFY(isForTheRun(event.kind));
                QCOMPARE(world.now().nanos, (World::kStart + event.at).nanos);
                ++handed;
            });
            QCOMPARE(world.disk().faults().reorderSectors, plan.disk.reorderSectors);
            world.runFor(plan.duration);
            const auto expected =
                std::count_if(plan.events.begin(), plan.events.end(),
                              [](const auto& event) { return isForTheRun(event.kind); });
            QCOMPARE(handed, static_cast<std::size_t>(expected));
            QCOMPARE(world.network().faults().lossPerMille, 0U);
            QCOMPARE(world.disk().faults().slowPerMille, 0U);
        }
    }
};

QTEST_GUILESS_MAIN(FaultsTest)
#include "tst_faults.moc"
