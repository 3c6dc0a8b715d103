#include "engine/base/result.h"  // first: moc 6.4 cannot begin with <compare>, as ids.h does
#include "engine/predict/features.h"
#include "engine/predict/reactive_estimator.h"

#include <QTest>

#include <cmath>
#include <cstdint>
#include <limits>

using namespace foreshard;

namespace {

ShardTick tickOf(PerMille load, std::uint32_t records)
{
    ShardTick tick;
    tick.actual = load;
    tick.records = records;
    tick.bytes = records > 1000 ? records : records * 100;
    for (std::size_t i = 0; i < 4; ++i) {
        tick.types[i] = records / 4;
        tick.typeBytes[i] = tick.bytes / 4;
    }
    return tick;
}

std::vector<float> rowAfter(const std::vector<ShardTick>& ticks)
{
    FeatureBuilder features;
    for (const ShardTick& tick : ticks)
        features.push(tick);
    std::vector<float> row(kFeatureCount, std::numeric_limits<float>::quiet_NaN());
    features.row({}, row.data());
    return row;
}

}  // namespace

class FeaturesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void row_whenInputIsExtreme_isFiniteAndClipped_data();
    void row_whenInputIsExtreme_isFiniteAndClipped();
    void row_ofUnknownShard_isZero();
    void row_whenLoadIsTenTimesLarger_isTheSame();
    void columns_areAsManyAsNumbers();
    void estimate_whenLoadIsSteady_isTheLoadWithoutSpread();
    void estimate_whenLoadVaries_coversMostOfIt();
};

void FeaturesTest::row_whenInputIsExtreme_isFiniteAndClipped_data()
{
    QTest::addColumn<int>("load");
    QTest::addColumn<int>("jump");
    QTest::addColumn<quint32>("records");
    QTest::newRow("zero") << 0 << 0 << 0U;
    QTest::newRow("constant") << 250 << 0 << 20U;
    QTest::newRow("huge") << INT32_MAX << 0 << UINT32_MAX;
    QTest::newRow("zero to huge") << 0 << INT32_MAX << UINT32_MAX;
    QTest::newRow("negative") << INT32_MIN << 5 << 1U;
}

void FeaturesTest::row_whenInputIsExtreme_isFiniteAndClipped()
{
    QFETCH(int, load);
    QFETCH(int, jump);
    QFETCH(quint32, records);
    for (const int length : {1, 2, 40, 700}) {
        std::vector<ShardTick> ticks;
        for (int t = 0; t < length; ++t)
            ticks.push_back(tickOf(t % 7 == 0 ? load + jump : load, records));
        for (const float value : rowAfter(ticks)) {
            QVERIFY(std::isfinite(value));
            QVERIFY(std::abs(value) <= 8.0F);
        }
    }
}

void FeaturesTest::row_ofUnknownShard_isZero()
{
    for (const float value : rowAfter({}))
        QCOMPARE(value, 0.0F);
}

void FeaturesTest::row_whenLoadIsTenTimesLarger_isTheSame()
{
    std::vector<ShardTick> small;
    std::vector<ShardTick> large;
    for (int t = 0; t < 400; ++t) {
        const PerMille load = 200 + (t * 37) % 91;
        small.push_back(tickOf(load, 40));
        large.push_back(tickOf(load * 10, 40));
    }
    const auto a = rowAfter(small);
    const auto b = rowAfter(large);
    for (std::size_t i = 0; i < a.size(); ++i)
        QVERIFY2(std::abs(a[i] - b[i]) < 1e-3F, FeatureBuilder::columns()[i].c_str());
}

void FeaturesTest::columns_areAsManyAsNumbers()
{
    QCOMPARE(FeatureBuilder::columns().size(), static_cast<std::size_t>(kFeatureCount));
}

void FeaturesTest::estimate_whenLoadIsSteady_isTheLoadWithoutSpread()
{
    ReactiveEstimator reactive;
    for (int t = 0; t < 50; ++t)
        reactive.push(tickOf(300, 10));
    const LoadForecast forecast = reactive.estimate({});
    QCOMPARE(forecast.p10, 300);
    QCOMPARE(forecast.p50, 300);
    QCOMPARE(forecast.p90, 300);
}

void FeaturesTest::estimate_whenLoadVaries_coversMostOfIt()
{
    ReactiveEstimator reactive;
    for (int t = 0; t < 400; ++t)
        reactive.push(tickOf(300 + (t / 8 % 2) * 200, 10));
    const LoadForecast forecast = reactive.estimate({});
    QVERIFY(forecast.p10 < forecast.p50);
    QVERIFY(forecast.p90 > forecast.p50);
}

QTEST_GUILESS_MAIN(FeaturesTest)
#include "tst_features.moc"
