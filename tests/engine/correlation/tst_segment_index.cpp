#include "engine/correlation/segment_index.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/support/frame_builder.h"

#include <QTest>

#include <map>
#include <string>
#include <vector>

using namespace foreshard;
using foreshard::test::keyOf;
using foreshard::test::makeFrame;

namespace {

constexpr Offset kFirst = 5000;
constexpr Offset kEnd = 8000;
constexpr std::uint64_t kKeys = 1000;

void addFrame(SegmentIndexBuilder& builder, const Frame& frame, std::uint64_t position)
{
    builder.add(frame.header, position, 100, frame.records);
}

// Offsets kFirst to kEnd - 1 dealt out over three shards, but for every 10th; frames of 50.
SegmentIndex interleaved()
{
    SegmentIndexBuilder builder;
    std::map<std::uint32_t, std::vector<Offset>> open;
    std::uint64_t position = 0;
    for (Offset offset = kFirst; offset < kEnd; ++offset) {
        if (offset % 10 == 0) continue;
        const auto shard = static_cast<std::uint32_t>(offset * 7 % 3);
        open[shard].push_back(offset);
        if (open[shard].size() < 50) continue;
        addFrame(builder, makeFrame(ShardId{shard}, position / 100 + 1, open[shard], kKeys),
                 position);
        open[shard].clear();
        position += 100;
    }
    return builder.build();
}

}  // namespace

class SegmentIndexTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void frameOfOffset_forEveryOffset_isExact();
    void mayHoldKey_forKeysInside_isTrueAndForOthersMostlyFalse();
    void frames_keepEveryHeaderFieldAndPlace();
    void decode_whatWasEncoded_answersTheSame();
    void decode_damagedOrCut_isRefused();
    void decode_damageUnderAGoodChecksum_neverCrashes();
    void decode_anotherTypeOrVersion_isUnsupported();
    void offsets_beyondFourBillionApart_areFound();
    void add_framesOutOfOrder_rebasesOnTheLowest();
    void add_recordsThatDoNotUnpack_makesEveryKeyPossible();
    void build_ofNothing_holdsNothing();
    void build_twice_startsAgain();
    void keyCount_withRepeats_countsEachOnce();
};

void SegmentIndexTest::frameOfOffset_forEveryOffset_isExact()
{
    const SegmentIndex index = interleaved();
    std::size_t found = 0;
    for (Offset offset = kFirst - 20; offset < kEnd + 20; ++offset) {
        const auto frame = index.frameOfOffset(offset);
        if (offset % 10 == 0) QVERIFY(!frame);
        if (!frame) continue;
        ++found;
        QCOMPARE(frame->shard.value, static_cast<std::uint32_t>(offset * 7 % 3));
        QVERIFY(frame->firstOffset <= offset && offset <= frame->lastOffset);
    }
    QCOMPARE(found, index.frames().size() * 50);
    QCOMPARE(index.firstOffset(), kFirst + 1);
}

void SegmentIndexTest::mayHoldKey_forKeysInside_isTrueAndForOthersMostlyFalse()
{
    const SegmentIndex index = interleaved();
    for (Offset offset = kFirst; offset < kFirst + 1000; ++offset)
        if (offset % 10 != 0) QVERIFY(index.mayHoldKey(keyOf(offset, kKeys)));
    int maybe = 0;
    for (int i = 0; i < 10000; ++i)
        maybe += index.mayHoldKey("other " + std::to_string(i)) ? 1 : 0;
    QVERIFY(maybe < 150);
}

void SegmentIndexTest::frames_keepEveryHeaderFieldAndPlace()
{
    Frame frame = makeFrame(ShardId{4}, 17, {100, 102, 110});
    frame.header.epoch = Epoch{2};
    frame.header.batch = 9;
    frame.header.part = 1;
    frame.header.parts = 3;
    SegmentIndexBuilder builder;
    builder.add(frame.header, 4096, 333, frame.records);
    const auto index = SegmentIndex::decode(builder.build().encode());
    QVERIFY(index.ok());
    const FrameEntry expected{.shard = ShardId{4},
                              .epoch = Epoch{2},
                              .n = 17,
                              .batch = 9,
                              .part = 1,
                              .parts = 3,
                              .firstOffset = 100,
                              .lastOffset = 110,
                              .records = 3,
                              .position = 4096,
                              .size = 333};
    QVERIFY(index.value().frames() == std::vector<FrameEntry>{expected});
    QCOMPARE(index.value().firstOffset(), Offset{100});
    QCOMPARE(index.value().lastOffset(), Offset{110});
}

void SegmentIndexTest::decode_whatWasEncoded_answersTheSame()
{
    const SegmentIndex index = interleaved();
    const auto back = SegmentIndex::decode(index.encode());
    QVERIFY(back.ok());
    QVERIFY(back.value().frames() == index.frames());
    QCOMPARE(back.value().keyCount(), index.keyCount());
    QCOMPARE(back.value().lastOffset(), index.lastOffset());
    for (Offset offset = kFirst - 5; offset < kEnd + 5; ++offset)
        QVERIFY(back.value().frameOfOffset(offset) == index.frameOfOffset(offset));
    for (int i = 0; i < 2000; ++i) {
        const Bytes key = "key " + std::to_string(i);
        QCOMPARE(back.value().mayHoldKey(key), index.mayHoldKey(key));
    }
    QVERIFY(back.value().encode() == index.encode());
}

void SegmentIndexTest::decode_damagedOrCut_isRefused()
{
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, {3, 4, 5}), 0);
    const Bytes bytes = builder.build().encode();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        QVERIFY(!SegmentIndex::decode(BytesView(bytes).substr(0, i)).ok());
        Bytes damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
        QVERIFY(!SegmentIndex::decode(damaged).ok());
    }
}

// The checksum stops chance; this is about bytes that somebody has sealed again.
void SegmentIndexTest::decode_damageUnderAGoodChecksum_neverCrashes()
{
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, {3, 4, 5, 900, 70000}), 0);
    const Bytes sealed = builder.build().encode();
    const Bytes payload(openEnvelope(sealed).value().payload);
    const auto type = static_cast<std::uint16_t>(WireType::kSegmentIndex);
    for (std::size_t i = 0; i < payload.size(); ++i) {
        for (const int pattern : {0x01, 0x80, 0xFF}) {
            Bytes damaged = payload;
            damaged[i] = static_cast<char>(damaged[i] ^ pattern);
            const auto index = SegmentIndex::decode(seal(type, damaged));
            if (index.ok()) static_cast<void>(index.value().frameOfOffset(4));
        }
        const auto cut = SegmentIndex::decode(seal(type, BytesView(payload).substr(0, i)));
        if (cut.ok()) static_cast<void>(cut.value().frameOfOffset(4));
    }
}

void SegmentIndexTest::decode_anotherTypeOrVersion_isUnsupported()
{
    QVERIFY(SegmentIndex::decode(encodeFrame({})).error().code == Errc::kUnsupported);
    Bytes payload(openEnvelope(interleaved().encode()).value().payload);
    payload[0] = 3;
    const auto type = static_cast<std::uint16_t>(WireType::kSegmentIndex);
    QVERIFY(SegmentIndex::decode(seal(type, payload)).error().code == Errc::kUnsupported);
}

void SegmentIndexTest::offsets_beyondFourBillionApart_areFound()
{
    const Offset far = (Offset{5} << 32U) + 7;
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, {1, 2, far}), 0);
    const auto index = SegmentIndex::decode(builder.build().encode());
    QVERIFY(index.ok());
    QVERIFY(index.value().frameOfOffset(far));
    QVERIFY(index.value().frameOfOffset(1));
    QVERIFY(!index.value().frameOfOffset(7));
    QVERIFY(!index.value().frameOfOffset((Offset{5} << 32U) + 1));
}

void SegmentIndexTest::add_framesOutOfOrder_rebasesOnTheLowest()
{
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, {500, 501}), 0);
    addFrame(builder, makeFrame(ShardId{2}, 1, {100, 700}), 100);
    const SegmentIndex index = builder.build();
    QCOMPARE(index.firstOffset(), Offset{100});
    QCOMPARE(index.lastOffset(), Offset{700});
    QCOMPARE(index.frameOfOffset(500)->shard.value, 1U);
    QCOMPARE(index.frameOfOffset(700)->shard.value, 2U);
    QVERIFY(!index.frameOfOffset(600));
}

void SegmentIndexTest::add_recordsThatDoNotUnpack_makesEveryKeyPossible()
{
    Frame frame = makeFrame(ShardId{1}, 1, {1, 2});
    frame.records.pop_back();
    SegmentIndexBuilder builder;
    addFrame(builder, frame, 0);
    const auto index = SegmentIndex::decode(builder.build().encode());
    QVERIFY(index.ok());
    QVERIFY(index.value().mayHoldKey("never seen"));
    QVERIFY(index.value().frameOfOffset(1));
    QVERIFY(!index.value().frameOfOffset(2));
}

void SegmentIndexTest::build_ofNothing_holdsNothing()
{
    const auto index = SegmentIndex::decode(SegmentIndexBuilder{}.build().encode());
    QVERIFY(index.ok());
    QVERIFY(index.value().frames().empty());
    QVERIFY(!index.value().mayHoldKey("a"));
    QVERIFY(!index.value().frameOfOffset(0));
}

void SegmentIndexTest::build_twice_startsAgain()
{
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, {1, 2}), 0);
    QCOMPARE(builder.build().frames().size(), std::size_t{1});
    QVERIFY(builder.build().frames().empty());
}

void SegmentIndexTest::keyCount_withRepeats_countsEachOnce()
{
    std::vector<Offset> offsets(100000);
    for (std::size_t i = 0; i < offsets.size(); ++i)
        offsets[i] = i;
    SegmentIndexBuilder builder;
    addFrame(builder, makeFrame(ShardId{1}, 1, offsets, kKeys), 0);
    QCOMPARE(builder.build().keyCount(), std::uint64_t{1000});
}

QTEST_GUILESS_MAIN(SegmentIndexTest)
#include "tst_segment_index.moc"
