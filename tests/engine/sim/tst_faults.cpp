#include "engine/sim/faults.h"
#include "engine/sim/world.h"

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
            QVERIFY(plan.quietFrom < plan.duration);
            QVERIFY(std::is_sorted(plan.events.begin(), plan.events.end(),
                                   [](const auto& a, const auto& b) { return a.at < b.at; }));
            bool crash = false;
            for (const FaultEvent& event : plan.events) {
                QVERIFY(event.at >= plan.duration / 20 && event.at <= plan.quietFrom);
                kinds.insert(event.kind);
                crash = crash || event.kind == FaultKind::kCrashEngine;
            }
            if (!crash) ++without;
        }
        QCOMPARE(kinds.size(), std::size_t{8});
        QVERIFY(without > 20 && without < 180);
    }

    void syncFaults_canBeLeftOut()
    {
        for (std::uint64_t seed = 0; seed < 100; ++seed)
            for (const FaultEvent& event : drawFaults(seed, 60s, false).events)
                QVERIFY(event.kind != FaultKind::kSyncFails);
    }

    void apply_handsTheRunItsEvents_andCalmsTheWorldAtTheEnd()
    {
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
            const FaultPlan plan = drawFaults(seed, 20s);
            World world(seed);
            std::size_t handed = 0;
            applyFaults(world, plan, [&](const FaultEvent& event) {
                QVERIFY(event.kind <= FaultKind::kPauseEngine);
                QCOMPARE(world.now().nanos, (World::kStart + event.at).nanos);
                ++handed;
            });
            QCOMPARE(world.disk().faults().reorderSectors, plan.disk.reorderSectors);
            world.runFor(plan.duration);
            const auto expected = std::count_if(
                plan.events.begin(), plan.events.end(),
                [](const auto& event) { return event.kind <= FaultKind::kPauseEngine; });
            QCOMPARE(handed, static_cast<std::size_t>(expected));
            QCOMPARE(world.network().faults().lossPerMille, 0U);
            QCOMPARE(world.disk().faults().slowPerMille, 0U);
        }
    }
};

QTEST_GUILESS_MAIN(FaultsTest)
#include "tst_faults.moc"
