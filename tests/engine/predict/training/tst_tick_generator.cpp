#include "engine/base/result.h"  // first: moc 6.4 cannot begin with <compare>, as ids.h does
#include "engine/predict/training/tick_generator.h"
#include "engine/predict/training/training_set.h"

#include <QTest>

#include <cmath>

using namespace foreshard;

namespace {

// Everything one tick says, mixed into one number.
std::uint64_t digest(const std::vector<ShardTick>& ticks, std::uint64_t seed)
{
    for (const ShardTick& tick : ticks) {
        for (const std::uint64_t value :
             {std::uint64_t{tick.shard.value}, std::uint64_t{tick.records},
              std::uint64_t{tick.bytes}, std::uint64_t{tick.types[3]},
              static_cast<std::uint64_t>(tick.actual), static_cast<std::uint64_t>(tick.backlog),
              static_cast<std::uint64_t>(tick.nodeMemory)})
            seed = SplitMix64(seed ^ value).next();
    }
    return seed;
}

std::uint64_t digestOfRun(std::uint64_t seed, int ticks)
{
    TickGenerator generator({.seed = seed});
    std::uint64_t hash = 0;
    for (int t = 0; t < ticks; ++t)
        hash = digest(generator.next(), hash);
    return hash;
}

}  // namespace

class TickGeneratorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameSeed_givesTheSameTicks();
    void ticks_addUpAndStayInRange();
    void withoutTypes_allRecordsAreInTheFirstBucket();
    void series_ofTheSameSeed_isTheSameAndFinite();
    void trainingSet_keepsTheLaterPartForValidation();
    void trainingSet_ofShortHistory_isEmpty();
};

void TickGeneratorTest::sameSeed_givesTheSameTicks()
{
    QCOMPARE(digestOfRun(7, 400), digestOfRun(7, 400));
    QVERIFY(digestOfRun(7, 400) != digestOfRun(8, 400));
}

void TickGeneratorTest::ticks_addUpAndStayInRange()
{
    TickGenerator generator({.seed = 3, .shards = 16, .nodes = 4});
    double load = 0;
    for (int t = 0; t < 600; ++t) {
        const auto ticks = generator.next();
        QCOMPARE(ticks.size(), std::size_t{16});
        for (const ShardTick& tick : ticks) {
            QCOMPARE(tick.records, tick.types[0] + tick.types[1] + tick.types[2] + tick.types[3]);
            QVERIFY(tick.actual >= 0 && tick.backlog >= 0);
            QVERIFY(tick.topKeyShare >= 0 && tick.topKeyShare <= 1000);
            QVERIFY(tick.nodeCpu >= 0 && tick.nodeCpu <= 1000);
            load += tick.actual;
        }
    }
    const double perNode = load / 600 / 4;
    QVERIFY2(perNode > 100 && perNode < 1500, std::to_string(perNode).c_str());
}

void TickGeneratorTest::withoutTypes_allRecordsAreInTheFirstBucket()
{
    TickGenerator generator({.seed = 3, .hasTypes = false});
    for (const ShardTick& tick : generator.next())
        QCOMPARE(tick.records, tick.types[0]);
}

void TickGeneratorTest::series_ofTheSameSeed_isTheSameAndFinite()
{
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const auto series = syntheticSeries(seed, 300);
        QCOMPARE(series, syntheticSeries(seed, 300));
        for (const double value : series)
            QVERIFY(std::isfinite(value) && value >= 0);
    }
}

void TickGeneratorTest::trainingSet_keepsTheLaterPartForValidation()
{
    std::vector<ShardTick> history(1000);
    for (std::size_t t = 0; t < history.size(); ++t)
        history[t].actual = static_cast<PerMille>(100 + t);
    TrainingSetBuilder builder;
    builder.add(history, ForecastTarget::kMean, 1);
    const TrainingSet set = builder.take();
    QCOMPARE(set.validationRows, std::size_t{70});  // the last 30 have no answer yet
    QCOMPARE(set.inputs.size(), set.rows * kFeatureCount);
    QCOMPARE(set.targets.size(), set.rows * kHorizonCount);
    // The load grows by one a tick: the mean of the next five lies three ticks ahead.
    const float step = set.targets[0];
    QCOMPARE(set.targets[1], 3 * step);
}

void TickGeneratorTest::trainingSet_ofShortHistory_isEmpty()
{
    TrainingSetBuilder builder;
    builder.add(std::vector<ShardTick>(40), ForecastTarget::kMean, 1);
    QCOMPARE(builder.take().rows, std::size_t{0});
}

QTEST_GUILESS_MAIN(TickGeneratorTest)
#include "tst_tick_generator.moc"
