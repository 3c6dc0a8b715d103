#include "engine/base/split_mix.h"
#include "engine/correlation/reassembler.h"
#include "tests/support/frame_builder.h"

#include <QTest>

#include <string>
#include <utility>
#include <vector>

using namespace foreshard;
using foreshard::test::makeFrame;
using foreshard::test::rawOf;

namespace {

// Everything that can be handed out now.
Bytes drain(Reassembler& stream)
{
    Bytes out;
    RecordView record;
    while (stream.next(record))
        out.append(record.raw);
    return out;
}

Bytes original(Offset first, Offset end)
{
    Bytes out;
    for (Offset offset = first; offset < end; ++offset)
        out += rawOf(offset);
    return out;
}

// 0..count-1 dealt out over `shards` by chance, in frames of up to 20, shuffled.
std::vector<Frame> shuffledFrames(Offset count, std::uint32_t shards, SplitMix64& chance)
{
    std::vector<std::vector<Offset>> open(shards);
    std::vector<Frame> frames;
    const auto close = [&](std::uint32_t shard) {
        if (!open[shard].empty())
            frames.push_back(makeFrame(ShardId{shard}, frames.size() + 1, open[shard]));
        open[shard].clear();
    };
    for (Offset offset = 0; offset < count; ++offset) {
        const auto shard = static_cast<std::uint32_t>(chance.below(shards));
        open[shard].push_back(offset);
        if (open[shard].size() == 20) close(shard);
    }
    for (std::uint32_t shard = 0; shard < shards; ++shard)
        close(shard);
    for (std::size_t i = frames.size(); i > 1; --i)
        std::swap(frames[i - 1], frames[chance.below(i)]);
    return frames;
}

}  // namespace

class ReassemblerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void next_framesInAnyOrder_givesTheOriginalBytes();
    void next_whileFramesArrive_givesTheSame();
    void duplicate_ofAWholeFrame_isDroppedAndCounted();
    void duplicate_waitingOrLate_isDropped();
    void gap_isNamedAndNeverSkipped();
    void next_fromTheMiddle_dropsWhatIsBefore();
    void next_viewsLiveUntilTheNextCall();
    void add_damagedFrame_isRefusedAndNothingKept();
};

void ReassemblerTest::next_framesInAnyOrder_givesTheOriginalBytes()
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SplitMix64 chance(seed);
        Reassembler stream;
        for (const Frame& frame : shuffledFrames(1000, 5, chance))
            QVERIFY(stream.add(frame).ok());
        QCOMPARE(stream.waiting(), std::size_t{1000});
        QVERIFY(drain(stream) == original(0, 1000));
        QCOMPARE(stream.expected(), Offset{1000});
        QCOMPARE(stream.waiting(), std::size_t{0});
        QVERIFY(!stream.firstWaiting());
        QCOMPARE(stream.duplicates(), std::uint64_t{0});
    }
}

void ReassemblerTest::next_whileFramesArrive_givesTheSame()
{
    SplitMix64 chance(7);
    Reassembler stream;
    Bytes out;
    for (const Frame& frame : shuffledFrames(1000, 3, chance)) {
        QVERIFY(stream.add(frame).ok());
        out += drain(stream);
        if (chance.chance(200)) QVERIFY(stream.add(frame).ok());
    }
    out += drain(stream);
    QVERIFY(out == original(0, 1000));
    QVERIFY(!stream.firstWaiting());
    QCOMPARE(stream.waiting(), std::size_t{0});
    QVERIFY(stream.duplicates() > 0);
}

void ReassemblerTest::duplicate_ofAWholeFrame_isDroppedAndCounted()
{
    Reassembler stream;
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0, 1, 2})).ok());
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0, 1, 2})).ok());
    QVERIFY(drain(stream) == original(0, 3));
    QCOMPARE(stream.duplicates(), std::uint64_t{3});
    QCOMPARE(stream.waiting(), std::size_t{0});
}

void ReassemblerTest::duplicate_waitingOrLate_isDropped()
{
    Reassembler stream;
    QVERIFY(stream.add(makeFrame(ShardId{1}, 2, {2, 3})).ok());
    QVERIFY(stream.add(makeFrame(ShardId{2}, 1, {3, 4})).ok());
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0, 1})).ok());
    QVERIFY(drain(stream) == original(0, 5));
    QCOMPARE(stream.duplicates(), std::uint64_t{1});
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0, 1})).ok());
    QVERIFY(drain(stream).empty());
    QCOMPARE(stream.duplicates(), std::uint64_t{3});
}

void ReassemblerTest::gap_isNamedAndNeverSkipped()
{
    Reassembler stream;
    QVERIFY(!stream.firstWaiting());
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0, 1})).ok());
    QVERIFY(stream.add(makeFrame(ShardId{2}, 1, {5, 6})).ok());
    QVERIFY(drain(stream) == original(0, 2));
    QCOMPARE(stream.expected(), Offset{2});
    QCOMPARE(*stream.firstWaiting(), Offset{5});
    QCOMPARE(stream.waiting(), std::size_t{2});
    QVERIFY(drain(stream).empty());
    QVERIFY(stream.add(makeFrame(ShardId{3}, 1, {2, 3, 4})).ok());
    QVERIFY(drain(stream) == original(2, 7));
}

void ReassemblerTest::next_fromTheMiddle_dropsWhatIsBefore()
{
    Reassembler stream(3);
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {1, 2, 3, 4})).ok());
    QVERIFY(drain(stream) == original(3, 5));
}

void ReassemblerTest::next_viewsLiveUntilTheNextCall()
{
    Reassembler stream;
    QVERIFY(stream.add(makeFrame(ShardId{1}, 1, {0}))
                .ok());  // its cursor is at its end after one record
    RecordView record;
    QVERIFY(stream.next(record));
    QCOMPARE(stream.waiting(), std::size_t{0});
    QVERIFY(record.raw == rawOf(0));
    Reassembler moved = std::move(stream);
    QVERIFY(record.raw == rawOf(0));
    QVERIFY(!moved.next(record));
}

void ReassemblerTest::add_damagedFrame_isRefusedAndNothingKept()
{
    const Frame good = makeFrame(ShardId{1}, 1, {0, 1, 2});
    std::vector<Frame> bad(5, good);
    bad[0].records.pop_back();
    bad[1].header.records = 2;
    bad[2].header.firstOffset = 1;
    bad[3].header.lastOffset = 9;
    bad[4].records[0] = 77;  // the first offset: no longer in order
    Reassembler stream;
    for (const Frame& frame : bad) {
        const Status status = stream.add(frame);
        QVERIFY(!status.ok());
        QVERIFY(status.error().code == Errc::kCorrupt);
    }
    QCOMPARE(stream.waiting(), std::size_t{0});
    QVERIFY(stream.add(Frame{}).ok());  // no records is no damage
    QVERIFY(!stream.firstWaiting());
}

QTEST_GUILESS_MAIN(ReassemblerTest)
#include "tst_reassembler.moc"
