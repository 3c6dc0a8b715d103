#include "engine/box/frame_cache.h"

#include <QtTest>

using namespace foreshard;

class FrameCacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frame_thatWasAdded_isFoundUnderItsShardAlone()
    {
        FrameCache cache(100);
        cache.add(ShardId{1}, 5, "five");
        QVERIFY(cache.find(ShardId{1}, 5) != nullptr);
        QCOMPARE(*cache.find(ShardId{1}, 5), Bytes("five"));
        QVERIFY(cache.find(ShardId{2}, 5) == nullptr);
        QVERIFY(cache.find(ShardId{1}, 6) == nullptr);
    }

    void oldestFrames_leaveFirst_whenTheBoundIsPassed()
    {
        FrameCache cache(25);
        for (FrameNo n = 1; n <= 4; ++n)
            cache.add(ShardId{n % 2 == 0 ? 2U : 1U}, n, Bytes(10, 'x'));
        QCOMPARE(cache.bytes(), std::uint64_t{20});
        QVERIFY(cache.find(ShardId{1}, 1) == nullptr);
        QVERIFY(cache.find(ShardId{2}, 2) == nullptr);
        QVERIFY(cache.find(ShardId{1}, 3) != nullptr);
        QVERIFY(cache.find(ShardId{2}, 4) != nullptr);
    }

    void newestFrame_staysEvenWhenItAloneIsLargerThanTheBound()
    {
        FrameCache cache(25);
        cache.add(ShardId{1}, 1, Bytes(10, 'x'));
        cache.add(ShardId{1}, 2, Bytes(90, 'x'));
        QVERIFY(cache.find(ShardId{1}, 1) == nullptr);
        QVERIFY(cache.find(ShardId{1}, 2) != nullptr);
        QCOMPARE(cache.bytes(), std::uint64_t{90});
    }
};

QTEST_GUILESS_MAIN(FrameCacheTest)
#include "tst_frame_cache.moc"
