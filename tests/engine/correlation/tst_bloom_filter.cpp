#include "engine/correlation/bloom_filter.h"

#include <QTest>

#include <string>

using namespace foreshard;

namespace {

constexpr int kKeys = 20000;

Bytes keyNumber(int i) { return "user-" + std::to_string(i); }

BloomFilter filled()
{
    BloomFilter filter(kKeys);
    for (int i = 0; i < kKeys; ++i)
        filter.add(keyNumber(i));
    return filter;
}

}  // namespace

class BloomFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mayContain_addedKeys_isAlwaysTrue();
    void mayContain_absentKeys_isFalseForAllButOneAndAHalfPerCent();
    void mayContain_ofNoKeys_isFalse();
    void mayContain_oddKeys_isTrue();
    void decode_whatWasEncoded_answersTheSame();
    void decode_oddLength_isCorrupt();
};

void BloomFilterTest::mayContain_addedKeys_isAlwaysTrue()
{
    const BloomFilter filter = filled();
    for (int i = 0; i < kKeys; ++i)
        QVERIFY(filter.mayContain(keyNumber(i)));
}

void BloomFilterTest::mayContain_absentKeys_isFalseForAllButOneAndAHalfPerCent()
{
    const BloomFilter filter = filled();
    int maybe = 0;
    for (int i = kKeys; i < 6 * kKeys; ++i)
        maybe += filter.mayContain(keyNumber(i)) ? 1 : 0;
    const double share = static_cast<double>(maybe) / (5.0 * kKeys);
    qInfo("false positive rate %.3f %%", share * 100.0);
    QVERIFY(share < 0.015);
    QVERIFY(share > 0.001);  // less would mean that the probes are not what they should be
}

void BloomFilterTest::mayContain_ofNoKeys_isFalse()
{
    QVERIFY(!BloomFilter().mayContain("anything"));
    QVERIFY(!BloomFilter(3).mayContain(""));
}

void BloomFilterTest::mayContain_oddKeys_isTrue()
{
    BloomFilter filter(3);
    for (const BytesView key : {BytesView(), BytesView("a\0b", 3), BytesView("\xFF\xFE")}) {
        filter.add(key);
        QVERIFY(filter.mayContain(key));
    }
}

void BloomFilterTest::decode_whatWasEncoded_answersTheSame()
{
    const BloomFilter filter = filled();
    const auto back = BloomFilter::decode(filter.encode());
    QVERIFY(back.ok());
    for (int i = 0; i < 3 * kKeys; ++i)
        QCOMPARE(back.value().mayContain(keyNumber(i)), filter.mayContain(keyNumber(i)));
}

void BloomFilterTest::decode_oddLength_isCorrupt()
{
    QVERIFY(BloomFilter::decode("1234567").error().code == Errc::kCorrupt);
    QVERIFY(BloomFilter::decode("").ok());
}

QTEST_GUILESS_MAIN(BloomFilterTest)
#include "tst_bloom_filter.moc"
