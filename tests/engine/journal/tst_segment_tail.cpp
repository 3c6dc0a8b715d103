#include "engine/journal/segment_tail.h"

#include <QtTest>

using namespace foreshard;

class SegmentTailTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void openedFile_isDurableAndProvenToItsEnd()
    {
        SegmentTail tail;
        tail.adopt(7, 64);
        QCOMPARE(tail.salt(), std::uint64_t{7});
        QCOMPARE(tail.end(), std::uint64_t{64});
        QCOMPARE(tail.durable(), std::uint64_t{64});
        QVERIFY(tail.isProven());
    }

    void mark_tellsItsPlaceAndHowFarTheFileWasDurable()
    {
        SegmentTail tail;
        tail.adopt(7, 64);
        tail.sent(100, true);
        const SegmentMark mark = tail.mark(9);
        QCOMPARE(mark.position, std::uint64_t{164});
        QCOMPARE(mark.durable, std::uint64_t{64});
        QCOMPARE(mark.salt, std::uint64_t{7});
        QCOMPARE(mark.durableBatch, std::uint64_t{9});
    }

    void lastAppend_isProvenByAMarkAloneBehindIt()
    {
        SegmentTail tail;
        tail.adopt(7, 64);
        tail.sent(100, true);
        tail.becameDurable(100);
        QVERIFY(!tail.isProven());  // the only mark was written before it was durable
        tail.sent(40, false);
        QVERIFY(tail.isProven());
        QCOMPARE(tail.end(), std::uint64_t{204});
    }

    void fullDisk_takesBackWhatIsNotDurable()
    {
        SegmentTail tail;
        tail.adopt(7, 64);
        tail.sent(100, true);
        tail.becameDurable(100);
        tail.sent(100, true);
        tail.cutBack();
        QCOMPARE(tail.end(), std::uint64_t{164});
        QCOMPARE(tail.mark(0).position, tail.durable());
    }
};

QTEST_GUILESS_MAIN(SegmentTailTest)
#include "tst_segment_tail.moc"
