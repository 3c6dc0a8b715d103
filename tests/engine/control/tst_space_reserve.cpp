#include "engine/control/space_reserve.h"
#include "engine/env/sim/world.h"

#include <QtTest>

using namespace foreshard;

class SpaceReserveTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void update_onAFullDisk_givesItUpAndMakesItAgain()
    {
        sim::World world(1, {});
        Env env = world.env(world.strand(world.startProcess("engine"), "control"));
        const std::string path = "data/reserve";
        QVERIFY(env.disk.createDirectories("data").ok());
        SpaceReserve reserve(env.disk, path, 1000);
        reserve.start();
        QVERIFY(!reserve.update(4000));
        QVERIFY(!reserve.present());  // not at the cost of what little there is
        QVERIFY(!reserve.update(5000));
        QVERIFY(reserve.present());
        QCOMPARE(world.disk().fileBytes(path)->size(), std::size_t{1000});
        QVERIFY(!reserve.update(1000));
        QVERIFY(reserve.update(999));
        QVERIFY(!world.disk().fileBytes(path).has_value());
        QVERIFY(!reserve.update(5000));
        SpaceReserve next(env.disk, path, 1000);
        next.start();
        QVERIFY(next.present());
    }
};

QTEST_GUILESS_MAIN(SpaceReserveTest)
#include "tst_space_reserve.moc"
