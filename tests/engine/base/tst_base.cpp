#include "engine/base/crc32c.h"
#include "engine/base/latency_histogram.h"
#include "engine/base/result.h"
#include "engine/base/split_mix.h"

#include <QtTest>

#include <cstdint>

using namespace foreshard;

namespace {

Bytes rising(int first, int step)
{
    Bytes bytes;
    for (int i = 0; i < 32; ++i)
        bytes += static_cast<char>(first + i * step);
    return bytes;
}

Status failing() { return Error{Errc::kNoSpace, "write x: the disk is full: make room"}; }

Result<int> twice(Result<int> number)
{
    FS_TRY(const int value, std::move(number));
    return 2 * value;
}

}  // namespace

class BaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void crc32c_givesTheValuesOfRfc3720()
    {
        QCOMPARE(crc32c(Bytes(32, '\0')), 0x8A9136AAU);
        QCOMPARE(crc32c(Bytes(32, '\xff')), 0x62A8AB43U);
        QCOMPARE(crc32c(rising(0, 1)), 0x46DD794EU);
        QCOMPARE(crc32c(rising(31, -1)), 0x113FDB5CU);
        QCOMPARE(crc32c("123456789"), 0xE3069283U);
        QCOMPARE(crc32c(""), 0U);
    }

    void crc32c_ofPieces_isThatOfTheWhole()
    {
        const Bytes data = rising(3, 7) + rising(5, 11) + "tail";
        for (std::size_t cut = 0; cut <= data.size(); ++cut)
            QCOMPARE(crc32c(data.substr(cut), crc32c(data.substr(0, cut))), crc32c(data));
    }

    void latencyBucket_holdsItsValues_withinItsBound()
    {
        for (std::int64_t micros = 4; micros < 4'000'000'000; micros += 1 + micros / 37) {
            const int bucket = LatencyHistogram::bucketOf(micros);
            QVERIFY(micros <= LatencyHistogram::upperBound(bucket));
            QVERIFY(bucket == 0 || micros > LatencyHistogram::upperBound(bucket - 1));
        }
        QCOMPARE(LatencyHistogram::bucketOf(-5), 0);
        QCOMPARE(LatencyHistogram::bucketOf(INT64_MAX), LatencyHistogram::kBuckets - 1);
    }

    void quantiles_comeFromTheCounts_andCountsAdd()
    {
        LatencyHistogram histogram;
        QCOMPARE(histogram.quantile(0.5), std::int64_t{0});
        histogram.record(100, 99);
        histogram.record(50'000);
        const std::int64_t low = LatencyHistogram::upperBound(LatencyHistogram::bucketOf(100));
        const std::int64_t high = LatencyHistogram::upperBound(LatencyHistogram::bucketOf(50'000));
        QCOMPARE(histogram.quantile(0.5), low);
        QCOMPARE(histogram.quantile(0.98), low);
        QCOMPARE(histogram.quantile(0.995), high);
        QCOMPARE(histogram.quantile(1.0), high);
        LatencyHistogram sum;
        sum.add(histogram.counts());
        sum.add(histogram.counts());
        QCOMPARE(sum.quantile(1.0), high);
        QCOMPARE(sum.counts()[0]
                     + sum.counts()[static_cast<std::size_t>(LatencyHistogram::bucketOf(100))],
                 std::uint64_t{198});
    }

    void splitMix64_isTheSameEverywhere()
    {
        SplitMix64 random(0);  // values of the reference implementation
        QCOMPARE(random.next(), std::uint64_t{0xE220A8397B1DCDAFULL});
        QCOMPARE(random.next(), std::uint64_t{0x6E789E6AA1B965F4ULL});
        QCOMPARE(random.next(), std::uint64_t{0x06C45D188009454FULL});
        for (int i = 0; i < 1000; ++i) {
            QVERIFY(random.below(7) < 7);
            const double unit = random.unit();
            QVERIFY(unit >= 0 && unit < 1);
        }
        QVERIFY(!random.chance(0));
        QVERIFY(random.chance(1000));
    }

    void result_carriesAValueOrAnError()
    {
        QCOMPARE(*twice(21), 42);
        const auto failed = twice(Error{Errc::kNotFound, "read y: gone: look elsewhere"});
        QCOMPARE(failed.error().code, Errc::kNotFound);
        const Status wider = failing().during("restore shard 7");
        QCOMPARE(wider.error().code, Errc::kNoSpace);
        QCOMPARE(wider.error().message,
                 std::string("restore shard 7: write x: the disk is full: make room"));
        QVERIFY(Status{}.during("anything").ok());
        QCOMPARE(std::string(errcName(Errc::kCorrupt)), std::string("corrupt"));
    }
};

QTEST_GUILESS_MAIN(BaseTest)
#include "tst_base.moc"
