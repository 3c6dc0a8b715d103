#include "engine/wire/record_codec.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <vector>

using namespace foreshard;

namespace {

RecordView plainRecord()
{
    RecordView record;
    record.offset = 0x0102030405060708ULL;
    record.eventTimeMs = -5;
    record.value = 2.5;
    record.type = "order";
    record.key = "user-1";
    record.raw = "a,b,c\r\n";
    return record;
}

bool sameRecord(const RecordView& a, const RecordView& b)
{
    const bool valueSame = a.value == b.value || (std::isnan(a.value) && std::isnan(b.value));
    return a.offset == b.offset && a.kind == b.kind && a.reason == b.reason && valueSame
           && a.eventTimeMs == b.eventTimeMs && a.type == b.type && a.key == b.key
           && a.raw == b.raw;
}

std::vector<RecordView> oddRecords()
{
    std::vector<RecordView> records(5, plainRecord());
    records[1].key = {};
    records[1].type = {};
    records[2].raw = BytesView("nul\0inside\0", 11);
    records[2].value = std::numeric_limits<double>::quiet_NaN();
    records[3].key = "\xFF\xFE\x80";
    records[3].kind = RecordKind::kRejected;
    records[3].reason = RejectReason::kPatternMismatch;
    records[4].raw = {};
    records[4].kind = RecordKind::kHeader;
    return records;
}

}  // namespace

class RecordCodecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void unpack_whatWasPacked_isTheSame();
    void unpack_nothing_endsAtOnceAndWell();
    void unpack_truncatedAnywhere_endsOrIsCorrupt();
    void unpack_lengthsBeyondTheEnd_areRefused();
    void unpack_unknownKindReasonOrReserved_isCorrupt();
    void take_afterAdd_startsAgain();
    void layout_ofOneRecord_isTheDocumentedOne();
};

void RecordCodecTest::unpack_whatWasPacked_isTheSame()
{
    RecordPacker packer;
    for (const auto& record : oddRecords())
        packer.add(record);
    QCOMPARE(packer.count(), 5U);
    const Bytes packed = "x" + packer.take();  // at an odd address
    RecordUnpacker unpacker(BytesView(packed).substr(1));
    RecordView record;
    for (const auto& expected : oddRecords()) {
        QVERIFY(unpacker.next(record));
        QVERIFY(sameRecord(record, expected));
    }
    QVERIFY(!unpacker.next(record));
    QVERIFY(unpacker.status().ok());
}

void RecordCodecTest::unpack_nothing_endsAtOnceAndWell()
{
    RecordUnpacker unpacker({});
    RecordView record;
    QVERIFY(!unpacker.next(record));
    QVERIFY(unpacker.status().ok());
}

void RecordCodecTest::unpack_truncatedAnywhere_endsOrIsCorrupt()
{
    RecordPacker packer;
    packer.add(plainRecord());
    const std::size_t border = packer.bytes();
    packer.add(plainRecord());
    const Bytes packed = packer.take();
    for (std::size_t length = 0; length < packed.size(); ++length) {
        RecordUnpacker unpacker(BytesView(packed).substr(0, length));
        RecordView record;
        std::size_t seen = 0;
        while (unpacker.next(record))
            ++seen;
        QCOMPARE(seen, length / border);
        QCOMPARE(unpacker.status().ok(), length % border == 0);
    }
}

void RecordCodecTest::unpack_lengthsBeyondTheEnd_areRefused()
{
    RecordPacker packer;
    packer.add(plainRecord());
    const Bytes packed = packer.take();
    for (const std::size_t at : {24U, 28U, 34U}) {  // rawLength, keyLength, typeLength
        Bytes damaged = packed;
        damaged[at] = '\xFF';
        RecordUnpacker unpacker(damaged);
        RecordView record;
        QVERIFY(!unpacker.next(record));
        QVERIFY(unpacker.status().error().code == Errc::kCorrupt);
        QVERIFY(!unpacker.next(record));
    }
}

void RecordCodecTest::unpack_unknownKindReasonOrReserved_isCorrupt()
{
    RecordPacker packer;
    packer.add(plainRecord());
    const Bytes packed = packer.take();
    for (const std::size_t at : {32U, 33U, 35U}) {
        Bytes damaged = packed;
        damaged[at] = 77;
        RecordUnpacker unpacker(damaged);
        RecordView record;
        QVERIFY(!unpacker.next(record));
        QVERIFY(unpacker.status().error().code == Errc::kCorrupt);
    }
}

void RecordCodecTest::take_afterAdd_startsAgain()
{
    RecordPacker packer;
    packer.add(plainRecord());
    QVERIFY(!packer.take().empty());
    QCOMPARE(packer.bytes(), std::size_t{0});
    QCOMPARE(packer.count(), 0U);
    QVERIFY(packer.take().empty());
}

// What is on disk must stay readable: these bytes may never change.
void RecordCodecTest::layout_ofOneRecord_isTheDocumentedOne()
{
    RecordPacker packer;
    auto one = plainRecord();
    one.kind = RecordKind::kRejected;
    one.reason = RejectReason::kTooLong;
    packer.add(one);
    const Bytes expected(
        "\x08\x07\x06\x05\x04\x03\x02\x01"
        "\xFB\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
        "\0\0\0\0\0\0\x04\x40"
        "\x07\0\0\0"
        "\x06\0\0\0"
        "\x02\x06\x05\0"
        "order"
        "user-1"
        "a,b,c\r\n",
        54);
    QVERIFY(packer.take() == expected);
}

QTEST_GUILESS_MAIN(RecordCodecTest)
#include "tst_record_codec.moc"
