#include "engine/edge/space_watch.h"

#include <QtTest>

using namespace foreshard;

class SpaceWatchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void update_belowTheMark_waitsUntilAQuarterAboveIt()
    {
        SpaceWatch watch(1000);
        QVERIFY(!watch.update(1000));
        QVERIFY(watch.update(999));
        QVERIFY(watch.update(1249));
        QVERIFY(!watch.update(1250));
        QVERIFY(!watch.update(1000));
    }
    void update_withoutAMark_neverWaits() { QVERIFY(!SpaceWatch(0).update(0)); }
};

QTEST_GUILESS_MAIN(SpaceWatchTest)
#include "tst_space_watch.moc"
