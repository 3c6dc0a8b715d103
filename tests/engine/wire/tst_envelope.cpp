#include "engine/wire/envelope.h"

#include <QTest>

#include <cstring>

using namespace foreshard;

class EnvelopeTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void open_whatWasSealed_givesTypeAndPaddedPayload();
    void open_withMoreBehindIt_stopsAtItsEnd();
    void open_truncatedAnywhere_isAGap();
    void open_anyBitFlipped_isRefused();
    void open_oversizedLength_isRefusedBeforeReading();
    void peek_wholeHead_saysHowMuchToRead();
    void seal_layout_isTheDocumentedOne();
};

void EnvelopeTest::open_whatWasSealed_givesTypeAndPaddedPayload()
{
    const Bytes sealed = seal(7, "hello");
    QCOMPARE(sealed.size(), kEnvelopeHeadBytes + 8);
    const auto opened = openEnvelope(sealed);
    QVERIFY(opened.ok());
    QCOMPARE(opened.value().type, std::uint16_t{7});
    QVERIFY(opened.value().payload == BytesView("hello\0\0\0", 8));
    QCOMPARE(opened.value().size, sealed.size());
    QVERIFY(openEnvelope(seal(7, {})).ok());
}

void EnvelopeTest::open_withMoreBehindIt_stopsAtItsEnd()
{
    const Bytes first = seal(1, "first");
    const Bytes both = first + seal(2, "second");
    const auto one = openEnvelope(both);
    QVERIFY(one.ok());
    const auto two = openEnvelope(BytesView(both).substr(one.value().size));
    QVERIFY(two.ok());
    QCOMPARE(two.value().type, std::uint16_t{2});
}

void EnvelopeTest::open_truncatedAnywhere_isAGap()
{
    const Bytes sealed = seal(3, "0123456789abcdef");
    for (std::size_t length = 0; length < sealed.size(); ++length) {
        const auto opened = openEnvelope(BytesView(sealed).substr(0, length));
        QVERIFY(!opened.ok());
        QVERIFY(opened.error().code == Errc::kGap);
    }
}

void EnvelopeTest::open_anyBitFlipped_isRefused()
{
    const Bytes sealed = seal(3, "0123456789abcdef");
    for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
        Bytes damaged = sealed;
        damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << (i % 8)));
        QVERIFY(!openEnvelope(damaged).ok());
    }
}

void EnvelopeTest::open_oversizedLength_isRefusedBeforeReading()
{
    Bytes sealed = seal(3, "0123456789abcdef");
    const std::uint32_t huge = 0xFFFFFFF8U;
    std::memcpy(sealed.data() + 8, &huge, sizeof huge);
    QVERIFY(openEnvelope(sealed).error().code == Errc::kCorrupt);
    QVERIFY(peekEnvelope(sealed).error().code == Errc::kCorrupt);
    QVERIFY(openEnvelope(seal(3, "0123456789abcdef"), 8).error().code == Errc::kCorrupt);
}

void EnvelopeTest::peek_wholeHead_saysHowMuchToRead()
{
    const Bytes sealed = seal(300, "0123456789");
    const auto head = peekEnvelope(BytesView(sealed).substr(0, kEnvelopeHeadBytes));
    QVERIFY(head.ok());
    QCOMPARE(head.value().type, std::uint16_t{300});
    QCOMPARE(head.value().payloadLength, std::uint32_t{16});
    QCOMPARE(head.value().crc, openEnvelope(sealed).value().crc);
}

// What is on disk must stay readable: these bytes may never change.
void EnvelopeTest::seal_layout_isTheDocumentedOne()
{
    const Bytes sealed = seal(0x0102, "12345678");
    QVERIFY(BytesView(sealed).substr(0, 12) == BytesView("FSV1\x02\x01\0\0\x08\0\0\0", 12));
    QVERIFY(BytesView(sealed).substr(16) == "12345678");
}

QTEST_GUILESS_MAIN(EnvelopeTest)
#include "tst_envelope.moc"
