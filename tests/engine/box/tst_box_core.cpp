#include "engine/base/result.h"
#include "engine/box/box_core.h"
#include "engine/box/whole_batches.h"

#include <QtTest>

using namespace foreshard;

namespace {

constexpr ShardId kShard{3};

FrameRef ref(FrameNo n, std::uint64_t batch, std::uint64_t segment = 1, BoxId box = BoxId{0})
{
    return {kShard, n, box, segment, 0, 100, batch, n * 10, n * 10 + 9, 10};
}

}  // namespace

class BufferCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frame_isFound_fromItsAppendToItsTruncation()
    {
        BoxCore core;
        QCOMPARE(core.find(kShard, 1), nullptr);
        QCOMPARE(core.lastAppended(kShard), FrameNo{0});
        core.add(ref(1, 1));
        core.add(ref(2, 2));
        core.batchesDurable(2);
        QVERIFY(core.find(kShard, 2) != nullptr);
        QCOMPARE(core.find(kShard, 2)->firstOffset, Offset{20});
        QCOMPARE(core.find(kShard, 3), nullptr);
        core.truncate(kShard, 1);
        QCOMPARE(core.find(kShard, 1), nullptr);
        QCOMPARE(core.firstRetained(kShard), FrameNo{2});
        core.truncate(kShard, 7);
        QCOMPARE(core.firstRetained(kShard), FrameNo{3});
        QCOMPARE(core.lastAppended(kShard), FrameNo{2});
    }

    void buffered_countsWhatIsHeld()
    {
        BoxCore core;
        for (FrameNo n = 1; n <= 4; ++n)
            core.add(ref(n, n));
        core.batchesDurable(4);
        QCOMPARE(core.buffered(kShard).bytes, std::uint64_t{400});
        QCOMPARE(core.buffered(kShard).records, std::uint64_t{40});
        core.truncate(kShard, 3);
        QCOMPARE(core.buffered(kShard).bytes, std::uint64_t{100});
        QCOMPARE(core.buffered(kShard).records, std::uint64_t{10});
    }

    void frame_thatIsNotDurable_isNeitherDeliverableNorTruncated()
    {
        BoxCore core;
        core.add(ref(1, 1));
        core.add(ref(2, 2));
        core.batchesDurable(1);
        QCOMPARE(core.lastDurable(kShard), FrameNo{1});
        QCOMPARE(core.nextOffset(kShard), Offset{20});
        core.truncate(kShard, 2);
        QCOMPARE(core.firstRetained(kShard), FrameNo{2});
        core.batchesDurable(2);
        QCOMPARE(core.lastDurable(kShard), FrameNo{2});
        QCOMPARE(core.nextOffset(kShard), Offset{30});
    }

    void heldFrames_areCountedBySegmentOfABox()
    {
        BoxCore core;
        core.add(ref(1, 1, 1));
        core.add(ref(2, 1, 1));
        core.add(ref(3, 2, 2));
        core.add(ref(4, 3, 1, BoxId{1}));
        core.batchesDurable(3);
        QCOMPARE(core.retainedFrames(BoxId{0}, 1), std::uint64_t{2});
        QCOMPARE(core.retainedFrames(BoxId{1}, 1), std::uint64_t{1});
        core.truncate(kShard, 2);
        QCOMPARE(core.retainedFrames(BoxId{0}, 1), std::uint64_t{0});
        QCOMPARE(core.retainedFrames(BoxId{0}, 2), std::uint64_t{1});
    }

    void shard_startedBehindItsCheckpoint_goesOnThere()
    {
        BoxCore core;
        core.startBehind(kShard, 41);
        QCOMPARE(core.lastAppended(kShard), FrameNo{41});
        QCOMPARE(core.firstRetained(kShard), FrameNo{42});
        core.add(ref(42, 1));
        core.batchesDurable(1);
        QCOMPARE(core.lastDurable(kShard), FrameNo{42});
        QVERIFY(core.find(kShard, 42) != nullptr);
        QCOMPARE(core.find(kShard, 41), nullptr);
    }

    void batches_withAllParts_areWhole()
    {
        WholeBatches batches;
        QCOMPARE(batches.last(), std::uint64_t{0});
        batches.saw(1, 2);
        QCOMPARE(batches.last(), std::uint64_t{0});
        batches.saw(2, 1);
        batches.saw(1, 2);  // boxes are read one after the other
        QCOMPARE(batches.last(), std::uint64_t{2});
    }

    void batch_thatLacksAPart_endsWhatCounts()
    {
        WholeBatches batches;
        for (std::uint64_t batch = 1; batch <= 5; ++batch)
            batches.saw(batch, batch == 4 ? 2 : 1);
        QCOMPARE(batches.last(), std::uint64_t{3});
    }

    void batch_thatIsMissingWholly_endsWhatCounts()
    {
        WholeBatches batches;
        batches.saw(1, 1);
        batches.saw(3, 1);
        QCOMPARE(batches.last(), std::uint64_t{1});
    }

    void batches_olderThanThoseInFlight_areWholeByConstruction()
    {
        WholeBatches batches;
        batches.saw(100, 2);  // its other part is in a segment that was removed
        for (std::uint64_t batch = 101; batch <= 120; ++batch)
            batches.saw(batch, 1);
        QCOMPARE(batches.last(), std::uint64_t{120});
    }
};

QTEST_GUILESS_MAIN(BufferCoreTest)
#include "tst_box_core.moc"
