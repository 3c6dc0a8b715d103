#include "engine/box/indexed_segment.h"
#include "tests/engine/box/box_feeder.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <memory>
#include <string>
#include <vector>

using namespace foreshard;
using namespace foreshard::test;

namespace {

const std::string kBox = "data/box/0";

// One box of a few segments, closed again.
void fillBox(SimRig& rig)
{
    BoxStore::Options options;
    options.directory = "data/box";
    options.boxes = 1;
    options.segmentBytesMax = 1040;
    const auto store = BoxStore::open(rig.env(), options);
    FS_CHECK(store.ok());
    Offset next = 0;
    for (int i = 0; i < 20; ++i) {
        const auto done = [](const Status& status) { FS_CHECK(status.ok()); };
        FS_CHECK(feed(**store, next, {{0, 0, 3}}, done).ok());
        rig.run(100ms);
    }
}

IndexedSegment segmentAt(SimRig& rig, std::size_t place)
{
    return {rig.disk(), kBox, listSegments(rig.disk(), kBox).value().at(place)};
}

}  // namespace

class IndexedSegmentTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void read_ofASealedSegment_isWhatAScanFinds();
    void read_ofTheNewestSegment_isNotFoundAndAScanFindsItsFrames();
    void read_ofADamagedIndex_isCorrupt();
    void read_ofAnIndexOfALongerSegment_isCorruptAndSaysBothLengths();
};

void IndexedSegmentTest::read_ofASealedSegment_isWhatAScanFinds()
{
    SimRig rig;
    fillBox(rig);
    const IndexedSegment first = segmentAt(rig, 0);
    const Result<SegmentIndex> index = first.read();
    QVERIFY(index.ok() && !index->frames().empty());
    const Result<IndexedSegment::Scanned> scanned = first.scan();
    QVERIFY(scanned.ok() && !scanned->end.torn);
    QVERIFY(scanned->index.encode() == index->encode());
}

void IndexedSegmentTest::read_ofTheNewestSegment_isNotFoundAndAScanFindsItsFrames()
{
    SimRig rig;
    fillBox(rig);
    const std::size_t last = listSegments(rig.disk(), kBox).value().size() - 1;
    const IndexedSegment newest = segmentAt(rig, last);
    QVERIFY(newest.read().error().code == Errc::kNotFound);
    QVERIFY(newest.scan().ok());
}

void IndexedSegmentTest::read_ofADamagedIndex_isCorrupt()
{
    SimRig rig;
    fillBox(rig);
    const IndexedSegment first = segmentAt(rig, 0);
    rig.world.disk().flipByte(first.indexFile(), 30);
    QVERIFY(first.read().error().code == Errc::kCorrupt);
}

void IndexedSegmentTest::read_ofAnIndexOfALongerSegment_isCorruptAndSaysBothLengths()
{
    SimRig rig;
    fillBox(rig);
    const IndexedSegment first = segmentAt(rig, 0);
    const std::uint64_t bytes = rig.file(first.segmentFile()).size();
    SegmentIndexBuilder builder;
    rig.world.disk().putFile(first.indexFile(), builder.build(bytes + 8).encode());
    const Result<SegmentIndex> index = first.read();
    QVERIFY(!index.ok());
    QVERIFY(index.error().code == Errc::kCorrupt);
    QVERIFY(index.error().message.find(std::to_string(bytes + 8)) != std::string::npos);
    QVERIFY(index.error().message.find("the segment has " + std::to_string(bytes))
            != std::string::npos);
}

QTEST_GUILESS_MAIN(IndexedSegmentTest)
#include "tst_indexed_segment.moc"
