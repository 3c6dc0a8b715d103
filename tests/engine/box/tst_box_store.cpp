#include "engine/base/result.h"
#include "engine/base/split_mix.h"
#include "engine/box/box_store.h"
#include "engine/box/indexed_segment.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/engine/box/box_feeder.h"
#include "tests/support/sim_rig.h"

#include <QtTest>

#include <map>
#include <memory>
#include <string>

using namespace foreshard;
using namespace foreshard::test;

namespace {

constexpr ShardId kA{0};
constexpr ShardId kB{1};

BoxStore::Options boxOptions()
{
    BoxStore::Options options;
    options.directory = "data/box";
    options.boxes = 2;
    options.segmentBytesMax = 1040;
    options.cacheBytesMax = 1;  // so that nearly every read goes to the disk
    return options;
}

std::unique_ptr<BoxStore> openStore(SimRig& rig, const BoxStore::Options& options = boxOptions())
{
    auto store = BoxStore::open(rig.env(), options);
    if (!store.ok()) {
        qWarning("%s", store.error().message.c_str());
        return nullptr;
    }
    return std::move(store).value();
}

// Appends `count` batches, one part to each of the two boxes, each durable before the next.
void fill(SimRig& rig, BoxStore& store, Offset& next, int count)
{
    for (int i = 0; i < count; ++i) {
        const Status status = feed(store, next, {{0, kA.value, 3}, {1, kB.value, 2}},
                                   [](const Status& done) { FS_CHECK(done.ok()); });
        FS_CHECK(status.ok());
        rig.run(100ms);
    }
}

std::string segment(int box, std::uint64_t number)
{
    return segmentPath("data/box/" + std::to_string(box), number);
}
std::string sidecar(int box, std::uint64_t number)
{
    return indexPath("data/box/" + std::to_string(box), number);
}

// The same segment with marks that prove nothing.
Bytes unproven(const Bytes& content)
{
    Bytes changed = content.substr(0, kSegmentHeaderBytes);
    while (changed.size() < content.size()) {
        const BytesView rest = BytesView(content).substr(changed.size());
        const Result<SegmentMark> mark = decodeMark(rest);
        changed += mark.ok() ? encodeMark({mark->position, 0, mark->salt, 0})
                             : Bytes(rest.substr(0, openEnvelope(rest).value().size));
    }
    return changed;
}

// Every held frame reads back, and the offsets of all of them together have no gap and no repeat.
// Returns the number of records.
std::uint64_t checkFrames(BoxStore& store)
{
    std::map<Offset, std::uint32_t> pieces;
    for (const ShardId shard : {kA, kB}) {
        const BoxCore& core = store.core();
        for (FrameNo n = core.firstRetained(shard); n <= core.lastDurable(shard); ++n) {
            const FrameRef* ref = core.find(shard, n);
            FS_CHECK(ref != nullptr);
            const auto sealed = store.read(*ref);
            FS_CHECK(sealed.ok());
            const auto frame = decodeFrame(*sealed);
            FS_CHECK(frame.ok() && frame->header.shard == shard && frame->header.n == n);
            FS_CHECK(frame->header.batch == ref->batch && frame->header.records == ref->records);
            pieces[frame->header.firstOffset] = frame->header.records;
        }
    }
    Offset expected = pieces.empty() ? 0 : pieces.begin()->first;
    const Offset begin = expected;
    for (const auto& [first, records] : pieces) {
        FS_CHECK(first == expected);
        expected += records;
    }
    FS_CHECK(store.sourcePosition() == SourcePosition{} || expected == begin
             || store.sourcePosition() == positionAt(expected));
    return expected - begin;
}

}  // namespace

class BoxStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frame_readsBackAsAppended_fromMemoryAndFromDisk()
    {
        for (const std::uint64_t cache : {std::uint64_t{1}, std::uint64_t{1} << 20U}) {
            SimRig rig;
            BoxStore::Options options = boxOptions();
            options.cacheBytesMax = cache;
            const auto store = openStore(rig, options);
            QVERIFY(store->empty());
            Offset next = 0;
            fill(rig, *store, next, 5);
            const auto sealed = store->read(*store->core().find(kB, 1));
            QVERIFY(sealed.ok());
            const auto frame = decodeFrame(*sealed);
            QVERIFY(frame.ok());
            QCOMPARE(frame->records, makeFrame(kB, 1, 3, 2).records);
            QCOMPARE(frame->header.part, 1U);
            QCOMPARE(frame->header.parts, 2U);
        }
    }

    void reopen_overSeveralSegments_findsEveryFrameAndTheSource()
    {
        SimRig rig;
        Offset next = 0;
        fill(rig, *openStore(rig), next, 20);
        QVERIFY(rig.exists(segment(0, 3)));
        rig.crash();
        const auto store = openStore(rig);
        QVERIFY(store != nullptr);
        QVERIFY(!store->empty());
        QCOMPARE(store->core().lastDurable(kA), FrameNo{20});
        QCOMPARE(store->core().lastDurable(kB), FrameNo{20});
        QCOMPARE(checkFrames(*store), std::uint64_t{100});
        QCOMPARE(store->sourcePosition(), positionAt(100));
        fill(rig, *store, next, 3);
        QCOMPARE(openStore(rig)->core().lastDurable(kA), FrameNo{23});
    }

    void reopen_whenABatchLacksAPartInAnotherBox_cutsAllBoxesBehindTheLastWholeOne()
    {
        SimRig rig;
        Offset next = 0;
        {
            const auto store = openStore(rig);
            fill(rig, *store, next, 4);
            const FrameRef torn = *store->core().find(kB, 4);
            const Bytes content = rig.file(segment(1, torn.segment));
            rig.world.disk().putFile(segment(1, torn.segment), content.substr(0, torn.position));
        }
        const std::size_t before = rig.file(segment(0, 1)).size() + rig.file(segment(0, 2)).size();
        auto store = openStore(rig);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{3});
        QCOMPARE(store->core().lastDurable(kB), FrameNo{3});
        QCOMPARE(store->sourcePosition(), positionAt(15));
        QVERIFY(rig.file(segment(0, 1)).size() + rig.file(segment(0, 2)).size() < before);
        next = 15;
        fill(rig, *store, next, 2);
        store = openStore(rig);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{5});
        QCOMPARE(checkFrames(*store), std::uint64_t{25});
    }

    void reopen_whenAnotherBoxProvesThatAMissingEndWasDurable_namesIt()
    {
        SimRig rig;
        Offset next = 0;
        std::string path;
        {
            const auto store = openStore(rig);
            fill(rig, *store, next, 4);
            const FrameRef torn = *store->core().find(kB, 3);
            path = segment(1, torn.segment);
            rig.world.disk().putFile(path, rig.file(path).substr(0, torn.position));
        }
        const auto refused = BoxStore::open(rig.env(), boxOptions());
        QVERIFY(!refused.ok());
        QCOMPARE(refused.error().code, Errc::kGap);
        QVERIFY(refused.error().message.find(path) != std::string::npos);
    }

    void sealedSegment_withASoundIndex_isNotReadAgain()
    {
        SimRig rig;
        Offset next = 0;
        fill(rig, *openStore(rig), next, 20);
        QVERIFY(rig.exists(sidecar(0, 1)) && rig.exists(sidecar(1, 1))
                && rig.exists(sidecar(0, 2)));
        rig.world.disk().flipByte(segment(0, 1), kSegmentHeaderBytes + kMarkBytes + 40);
        const auto store = openStore(rig);
        QVERIFY(store != nullptr);
        const auto damaged = store->read(*store->core().find(kA, 1));
        QVERIFY(!damaged.ok());
        QCOMPARE(damaged.error().code, Errc::kCorrupt);
        QVERIFY(damaged.error().message.find(segment(0, 1)) != std::string::npos);
    }

    // Of simulation seed 605251: the last mark of a segment is durable after its last frame.
    void index_isNotWritten_beforeAllOfItsSegmentIsDurable()
    {
        SimRig rig;
        Offset next = 0;
        const auto store = openStore(rig);
        while (rig.file(segment(0, 1)).size() < boxOptions().segmentBytesMax)
            fill(rig, *store, next, 1);
        rig.world.disk().slowSyncs("box/0", 5s, 6s);
        rig.run(300ms);  // quiet: a mark of its own proves the last frame
        bool durable = false;
        const Status status = feed(*store, next, {{0, kA.value, 3}, {1, kB.value, 2}},
                                   [&durable](const Status& done) { durable = done.ok(); });
        QVERIFY(status.ok());
        rig.run(1s);
        QVERIFY(!rig.exists(sidecar(0, 1)));
        rig.run(20s);
        QVERIFY(durable && rig.exists(sidecar(0, 1)));
        const Result<SegmentIndex> index = SegmentIndex::decode(rig.file(sidecar(0, 1)));
        QVERIFY(index.ok());
        QCOMPARE(index->segmentBytes(), rig.file(segment(0, 1)).size());
    }

    void index_thatIsMissingOrDamagedOrOfAnotherSegment_isMadeAgain()
    {
        SimRig rig;
        Offset next = 0;
        fill(rig, *openStore(rig), next, 30);
        const Bytes first = rig.file(sidecar(0, 1));
        const Bytes second = rig.file(sidecar(0, 2));
        const Bytes third = rig.file(sidecar(0, 3));
        QVERIFY(!first.empty() && !second.empty() && !third.empty());
        QVERIFY(rig.disk().remove(sidecar(0, 1)).ok());
        rig.world.disk().flipByte(sidecar(0, 2), 30);
        // Of a segment that was longer: what a cut must not leave behind.
        SegmentIndexBuilder builder;
        QVERIFY(scanSegment(rig.disk(), segment(0, 3), 3, indexing(builder)).ok());
        const std::uint64_t longer = rig.file(segment(0, 3)).size() + 8;
        rig.world.disk().putFile(sidecar(0, 3), builder.build(longer).encode());
        const auto store = openStore(rig);
        QVERIFY(store != nullptr);
        QCOMPARE(checkFrames(*store), std::uint64_t{150});
        QCOMPARE(rig.file(sidecar(0, 1)), first);
        QCOMPARE(rig.file(sidecar(0, 2)), second);
        QCOMPARE(rig.file(sidecar(0, 3)), third);
    }

    void cut_removesTheIndexesOfWhatItCuts()
    {
        SimRig rig;
        Offset next = 0;
        fill(rig, *openStore(rig), next, 7);  // fewer than can be in flight
        const Bytes stale = rig.file(sidecar(0, 1));
        QVERIFY(!stale.empty() && rig.exists(segment(0, 2)));
        // As if all had been under way together and nothing of box 1 had become durable.
        for (std::uint64_t number = 1; number < 9; ++number) {
            if (rig.exists(segment(0, number)))
                rig.world.disk().putFile(segment(0, number),
                                         unproven(rig.file(segment(0, number))));
        }
        rig.world.disk().putFile(segment(1, 1),
                                 rig.file(segment(1, 1)).substr(0, kSegmentHeaderBytes));
        QVERIFY(rig.disk().remove(segment(1, 2)).ok());
        const auto store = openStore(rig);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{0});
        QVERIFY(!rig.exists(sidecar(0, 1)));
        QCOMPARE(store->sourcePosition(), SourcePosition{});
    }

    void crashes_atAnyMoment_loseNothingAcknowledgedAndLeaveWholeBatches()
    {
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            sim::WorldOptions options;
            options.disk.reorderSectors = seed % 2 == 0;
            SimRig rig(seed, options);
            SplitMix64 random(seed);
            Offset acknowledged = 0;
            for (int life = 0; life < 4; ++life) {
                const auto store = openStore(rig);
                QVERIFY2(store != nullptr, std::to_string(seed).c_str());
                Offset next = store->sourcePosition().nextOffset;
                QVERIFY2(next >= acknowledged, std::to_string(seed).c_str());
                QCOMPARE(checkFrames(*store), next);
                for (std::uint64_t turn = random.below(40); turn > 0; --turn) {
                    if (store->batchesInFlight() < kBatchesInFlightMax) {
                        std::vector<Part> parts = {{static_cast<std::uint32_t>(random.below(2)),
                                                    kA.value, 1 + random.below(20)}};
                        if (random.chance(600)) parts.push_back({1, kB.value, 1 + random.below(9)});
                        Offset after = next;
                        for (const Part& part : parts)
                            after += part.records;
                        QVERIFY(feed(*store, next, parts, [&acknowledged, after](const Status& s) {
                                    FS_CHECK(s.ok());
                                    acknowledged = after;
                                }).ok());
                    }
                    rig.run(Nanos{static_cast<std::int64_t>(random.below(200'000))});
                }
                rig.crash();
            }
        }
    }

    void retention_removesOldSegmentsThatRecoveryDoesNotNeed()
    {
        SimRig rig;
        BoxStore::Options options = boxOptions();
        options.retainBytes = 6000;
        auto store = openStore(rig, options);
        Offset next = 0;
        fill(rig, *store, next, 60);
        const std::uint64_t before = store->diskBytes();
        store->truncate(kA, 5);
        store->truncate(kB, 5);
        QVERIFY(rig.exists(segment(0, 3)));  // a frame of it is still needed
        store->truncate(kA, 58);
        store->truncate(kB, 58);
        QVERIFY(!rig.exists(segment(0, 1)));
        QVERIFY(!rig.exists(sidecar(0, 1)));
        QVERIFY(store->diskBytes() < before);
        rig.crash();
        store = openStore(rig, options);
        QVERIFY(store != nullptr);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{60});
        QCOMPARE(store->core().lastDurable(kB), FrameNo{60});
        QVERIFY(store->core().firstRetained(kA) <= FrameNo{59});
        QCOMPARE(store->sourcePosition(), positionAt(next));
        checkHeldRead(*store);
    }

    void retention_takesTheOldestOfAllBoxes_soThatEachKeepsItsShare()
    {
        SimRig rig;
        BoxStore::Options options = boxOptions();
        options.retainBytes = 12000;
        auto store = openStore(rig, options);
        Offset next = 0;
        for (int i = 0; i < 200; ++i) {
            fill(rig, *store, next, 1);
            const FrameNo n = store->core().lastAppended(kA);
            store->truncate(kA, n - 1);
            store->truncate(kB, n - 1);
        }
        const auto bytesOf = [&](int box) {
            std::uint64_t bytes = 0;
            const auto segments = listSegments(rig.env().disk, "data/box/" + std::to_string(box));
            FS_CHECK(segments.ok());
            for (const SegmentFile& file : *segments)
                bytes += file.bytes;
            return bytes;
        };
        const std::uint64_t total = bytesOf(0) + bytesOf(1);
        QVERIFY2(total <= 2 * options.retainBytes, qPrintable(QString::number(total)));
        // Both got about as many bytes.
        QVERIFY2(bytesOf(0) * 10 >= total * 4, qPrintable(QString::number(bytesOf(0))));
        QVERIFY2(bytesOf(1) * 10 >= total * 3, qPrintable(QString::number(bytesOf(1))));
    }

    void segment_thatSomebodyRemoved_isNamed()
    {
        SimRig rig;
        const auto store = openStore(rig);
        Offset next = 0;
        fill(rig, *store, next, 60);
        QVERIFY(store->filesThere().ok());
        QVERIFY(rig.env().disk.remove(segment(1, 2)).ok());
        const Status status = store->filesThere();
        QVERIFY(!status.ok());
        QCOMPARE(status.error().code, Errc::kCorrupt);
        QVERIFY(status.error().message.find(segment(1, 2)) != std::string::npos);
    }

    void retentionByAge_removesWhatIsOldAndUnneeded_alsoAfterARestart()
    {
        SimRig rig;
        BoxStore::Options options = boxOptions();
        options.retainAge = 60s;
        auto store = openStore(rig, options);
        Offset next = 0;
        for (int i = 0; i < 60; ++i) {
            QVERIFY(feed(
                        *store, next, {{0, kA.value, 3}, {1, kB.value, 2}}, [](const Status&) {},
                        rig.env().strand.wallNow())
                        .ok());
            rig.run(2s);
        }
        QVERIFY(rig.exists(segment(0, 1)));
        store->truncate(kA, 1);
        store->truncate(kB, 58);
        store->applyRetention();
        QVERIFY(rig.exists(segment(0, 1)));  // old, but recovery needs it
        QVERIFY(!rig.exists(segment(1, 1)));
        rig.crash();
        store = openStore(rig, options);
        store->truncate(kA, 58);
        store->truncate(kB, 58);
        QVERIFY(!rig.exists(segment(0, 1)));
        QVERIFY(rig.disk().list("data/box/0")->size() > 4);  // the others are young enough
        const std::size_t before = rig.disk().list("data/box/0")->size();
        rig.run(120s);
        store->applyRetention();
        QVERIFY(rig.disk().list("data/box/0")->size() < before);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{60});
        checkHeldRead(*store);
    }

    void retainFrom_truncatedFrames_areRetainedAndReadAgain()
    {
        SimRig rig;
        const auto store = openStore(rig);
        Offset next = 0;
        fill(rig, *store, next, 40);
        store->truncate(kA, 38);
        QCOMPARE(store->core().firstRetained(kA), FrameNo{39});
        QCOMPARE(store->retainFrom(kA, 3, true)->first, FrameNo{0});
        QCOMPARE(store->core().firstRetained(kA), FrameNo{39});  // it has only looked
        QCOMPARE(store->retainFrom(kA, 3, false)->first, FrameNo{0});
        QCOMPARE(store->core().firstRetained(kA), FrameNo{3});
        QCOMPARE(store->core().buffered(kA).records, std::uint64_t{38 * 3});
        for (FrameNo n = 3; n <= 40; ++n) {
            const auto frame = decodeFrame(*store->read(*store->core().find(kA, n)));
            QVERIFY(frame.ok());
            QCOMPARE(frame->header.n, n);
        }
        fill(rig, *store, next, 2);
        store->truncate(kA, 41);
        QCOMPARE(store->core().firstRetained(kA), FrameNo{42});
    }

    void retainFrom_framesThatRetentionTook_areNamed()
    {
        SimRig rig;
        BoxStore::Options options = boxOptions();
        options.retainBytes = 6000;
        const auto store = openStore(rig, options);
        Offset next = 0;
        fill(rig, *store, next, 60);
        store->truncate(kA, 58);
        store->truncate(kB, 58);
        QVERIFY(!rig.exists(segment(0, 1)));
        const auto missing = store->retainFrom(kA, 3, false);
        QVERIFY(missing.ok());
        QCOMPARE(missing->first, FrameNo{3});
        QVERIFY(missing->last > 3 && missing->last < 58);
        QCOMPARE(store->core().firstRetained(kA), FrameNo{59});
        QCOMPARE(store->retainFrom(kA, missing->last + 1, false)->first, FrameNo{0});
    }

    void shard_whoseFramesAreGone_startsBehindItsCheckpoint()
    {
        SimRig rig;
        const auto store = openStore(rig);
        store->startBehind(kA, 12);
        Offset next = 0;
        fill(rig, *store, next, 1);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{13});
        const auto again = openStore(rig);
        QCOMPARE(again->core().firstRetained(kA), FrameNo{13});
        QCOMPARE(again->core().lastDurable(kB), FrameNo{1});
    }

    void failedSync_failsItsBatchAndAllBehindIt()
    {
        SimRig rig;
        const auto store = openStore(rig);
        Offset next = 0;
        fill(rig, *store, next, 2);
        rig.world.disk().failNextSync("box/1");
        int failed = 0;
        const auto count = [&failed](const Status& status) { failed += status.ok() ? 0 : 1; };
        QVERIFY(feed(*store, next, {{0, kA.value, 1}, {1, kB.value, 1}}, count).ok());
        QVERIFY(feed(*store, next, {{0, kA.value, 1}}, count).ok());
        QVERIFY(feed(*store, next, {{0, kA.value, 1}}, count).ok());
        rig.run();
        QCOMPARE(failed, 3);
        QCOMPARE(store->core().lastDurable(kA), FrameNo{2});
    }

private:
    static void checkHeldRead(BoxStore& store)
    {
        for (const ShardId shard : {kA, kB}) {
            const BoxCore& core = store.core();
            for (FrameNo n = core.firstRetained(shard); n <= core.lastDurable(shard); ++n)
                QVERIFY(store.read(*core.find(shard, n)).ok());
        }
    }
};

QTEST_GUILESS_MAIN(BoxStoreTest)
#include "tst_box_store.moc"
