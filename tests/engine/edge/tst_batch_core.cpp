// Records to frames: which shard, which frame, which number, and what of it is counted.
#include "engine/edge/batch_core.h"
#include "engine/model/key_hash.h"

#include <QtTest>

#include <deque>
#include <set>
#include <string>

using namespace foreshard;

namespace {

constexpr std::uint64_t kFrameBytes = 500;

// Two shards with half of the slots each, shard i in box 10 + i at epoch 20 + i.
RouteTable twoShards()
{
    RouteTable routes;
    routes.version = 1;
    for (std::uint32_t i = 0; i < 2; ++i)
        routes.shards.push_back(
            {ShardId{i}, {{i * 2048, (i + 1) * 2048}}, NodeId{i}, BoxId{10 + i}, Epoch{20 + i}, 0});
    return routes;
}

// Records 0..count-1 with keys "k0", "k1"...
class Records {
public:
    explicit Records(std::size_t count)
    {
        for (std::size_t i = 0; i < count; ++i) {
            RecordView record;
            record.offset = i;
            record.key = texts_.emplace_back("k" + std::to_string(i));
            record.raw = "some raw bytes\n";
            all.push_back(record);
        }
    }

    std::vector<RecordView> all;

private:
    std::deque<std::string> texts_;
};

BatchCore assigned()
{
    BatchCore core(kFrameBytes, OperatorSpec{});
    const Status status = core.assign(twoShards());
    FS_CHECK(status.ok());
    return core;
}

std::vector<RecordView> unpack(const BoxFrame& frame)
{
    std::vector<RecordView> records;
    RecordUnpacker unpacker(frame.frame.records);
    RecordView record;
    while (unpacker.next(record))
        records.push_back(record);
    FS_CHECK(unpacker.status().ok());
    return records;
}

}  // namespace

class BatchCoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRecord_isOnceInAFrameOfItsShard()
    {
        BatchCore core = assigned();
        const Records records(200);
        const BatchCore::Cut cut = core.cut(records.all);
        std::set<Offset> seen;
        for (const BoxFrame& frame : cut.frames) {
            const FrameHeader& header = frame.frame.header;
            const std::vector<RecordView> inside = unpack(frame);
            QCOMPARE(inside.size(), std::size_t{header.records});
            QCOMPARE(inside.front().offset, header.firstOffset);
            QCOMPARE(inside.back().offset, header.lastOffset);
            for (const RecordView& record : inside) {
                QVERIFY(seen.insert(record.offset).second);
                QCOMPARE(slotOf(record.key) / 2048, header.shard.value);
            }
        }
        QCOMPARE(seen.size(), std::size_t{200});
        QCOMPARE(cut.dataRecords, std::uint64_t{200});
    }
    void frame_hasTheBoxAndEpochOfItsShardsOwner()
    {
        BatchCore core = assigned();
        const BatchCore::Cut cut = core.cut(Records(50).all);
        for (const BoxFrame& frame : cut.frames) {
            const ShardId shard = frame.frame.header.shard;
            QCOMPARE(frame.box, BoxId{10 + shard.value});
            QCOMPARE(frame.frame.header.epoch, Epoch{20 + shard.value});
        }
    }
    void frame_isCut_byTheRecordThatFillsIt_andAtTheEndOfTheBatch()
    {
        BatchCore core = assigned();
        const BatchCore::Cut cut = core.cut(Records(200).all);
        std::map<ShardId, std::vector<std::size_t>> sizes;
        for (const BoxFrame& frame : cut.frames)
            sizes[frame.frame.header.shard].push_back(frame.frame.records.size());
        QCOMPARE(sizes.size(), std::size_t{2});
        for (const auto& [shard, of] : sizes) {
            QVERIFY(of.size() > 2);
            for (std::size_t i = 0; i + 1 < of.size(); ++i)
                QVERIFY(of[i] >= kFrameBytes && of[i] < kFrameBytes + 100);
        }
        QVERIFY(core.cut({}).frames.empty());  // nothing is left over
    }
    void keyHashes_goWithTheFrame_oneForEachRecord()
    {
        BatchCore core = assigned();
        Records records(50);
        records.all[7].kind = RecordKind::kRejected;
        const BatchCore::Cut cut = core.cut(records.all);
        for (const BoxFrame& frame : cut.frames) {
            const std::vector<RecordView> inside = unpack(frame);
            QCOMPARE(frame.keyHashes.size(), inside.size());
            for (std::size_t i = 0; i < inside.size(); ++i)
                QCOMPARE(frame.keyHashes[i], keyHash(inside[i].key));
        }
    }
    void rejectedRecords_areKept_butNotCounted()
    {
        BatchCore core = assigned();
        Records records(3);
        records.all[1].kind = RecordKind::kRejected;
        records.all[2].kind = RecordKind::kHeader;
        const BatchCore::Cut cut = core.cut(records.all);
        QCOMPARE(cut.dataRecords, std::uint64_t{1});
        std::uint32_t kept = 0;
        for (const BoxFrame& frame : cut.frames)
            kept += frame.frame.header.records;
        QCOMPARE(kept, 3U);
        std::uint64_t counted = 0;
        for (const EdgeShardReport& report : core.closeTick(100ms))
            counted += report.recordsIn;
        QCOMPARE(counted, std::uint64_t{1});
    }
    void report_namesEveryKnownShard_alsoBeforeATableCame()
    {
        BatchCore core(kFrameBytes, OperatorSpec{});
        core.know(ShardId{1});
        core.know(ShardId{1});
        QCOMPARE(core.closeTick(100ms).size(), std::size_t{1});
        QCOMPARE(core.closeTick(100ms).front().tick.shard, ShardId{1});
        QVERIFY(core.assign(twoShards()).ok());
        QCOMPARE(core.closeTick(100ms).size(), std::size_t{2});
    }
    void mostFrequentKey_isSoughtInEachTickAnew()
    {
        BatchCore core = assigned();
        Records records(4);
        for (RecordView& record : records.all)
            record.key = "same";
        core.cut(records.all);
        const std::size_t shard = slotOf("same") / 2048;
        QCOMPARE(core.closeTick(100ms)[shard].tick.topKeyShare, PerMille{1000});
        core.cut(Records(100).all);
        QVERIFY(core.closeTick(100ms)[shard].tick.topKeyShare < 100);
    }
    void declaredWork_isTheLoadOfTheTick()
    {
        OperatorSpec work;
        work.work = true;
        BatchCore core(kFrameBytes, work);
        QVERIFY(core.assign(twoShards()).ok());
        Records records(4);
        Nanos cost{0};
        for (RecordView& record : records.all) {
            record.key = "same";
            cost += work.declaredCost(record);
        }
        core.cut(records.all);
        const ShardTick tick = core.closeTick(cost * 2)[slotOf("same") / 2048].tick;
        QCOMPARE(tick.actual, PerMille{500});
    }
    void tableWithAGap_isRefused_andTheFormerStays()
    {
        BatchCore core = assigned();
        RouteTable gap = twoShards();
        gap.shards.pop_back();
        QCOMPARE(core.assign(gap).error().code, Errc::kInvalid);
        QCOMPARE(core.cut(Records(50).all).dataRecords, std::uint64_t{50});
    }
    void stamp_numbersEachShardOnBehindTheBoxes()
    {
        BoxCore boxes;
        FrameRef known;
        known.shard = ShardId{1};
        known.n = 1;
        boxes.add(known);
        std::vector<BoxFrame> frames(4);
        for (std::size_t i = 0; i < frames.size(); ++i)
            frames[i].frame.header.shard = ShardId{static_cast<std::uint32_t>(i % 2)};
        const BatchStamp stamp{{100, 4, 4, 9}, 1234, Instant{} + 5s};
        stampFrames(frames, boxes, stamp);
        const std::vector<FrameNo> expected{1, 2, 2, 3};
        for (std::size_t i = 0; i < frames.size(); ++i) {
            const FrameHeader& header = frames[i].frame.header;
            QCOMPARE(header.n, expected[i]);
            QCOMPARE(header.sourceAfter, stamp.sourceAfter);
            QCOMPARE(header.wallMs, stamp.wallMs);
            QVERIFY(header.cutAt == stamp.cutAt);
        }
    }
};

QTEST_GUILESS_MAIN(BatchCoreTest)
#include "tst_batch_core.moc"
