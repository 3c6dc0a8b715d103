#include "engine/base/result.h"  // first: moc 6.4 cannot begin with <compare>, as ids.h does
#include "engine/predict/forecast_core.h"
#include "engine/predict/forecast_gate.h"

#include <QTest>

using namespace foreshard;

namespace {

LoadForecast forecastOf(PerMille p10, PerMille p50, PerMille p90)
{
    return {.shard = ShardId{1}, .p10 = p10, .p50 = p50, .p90 = p90};
}

LoadForecast around(PerMille p50) { return forecastOf(p50 - 20, p50, p50 + 20); }

// Feeds `ticks` of 100 ms in which the reactive estimate is off by 50 and the model by
// `modelError`.
void feed(ForecastGate& gate, Instant& now, int ticks, PerMille modelError)
{
    for (int t = 0; t < ticks; ++t) {
        now = now + 100ms;
        gate.answered(now, {});
        gate.observe(now, 500, around(550), around(500 + modelError));
    }
}

}  // namespace

class ForecastGateTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void gate_beforeTheFirstAnswer_isReactive();
    void gate_afterItsTrial_letsAGoodModelSpeak();
    void gate_whenTheModelGoesStale_benchesItAndTakesItBack();
    void gate_whenNoAnswerComes_isReactiveAtOnce();
    void gate_whenAForecastIsSenseless_isReactiveAtOnce();
    void gate_whenThePredictorFails_saysWhy();
    void coverage_countsLoadsBelowP90();
    void core_whenTheModelIsRight_usesIt();
    void core_whenRepliesAreLostOrDoubled_staysSound();
};

void ForecastGateTest::gate_beforeTheFirstAnswer_isReactive()
{
    const ForecastGate gate;
    QVERIFY(!gate.useModel({}));
    QCOMPARE(gate.text({}), std::string("reactive (model loading)"));
}

void ForecastGateTest::gate_afterItsTrial_letsAGoodModelSpeak()
{
    ForecastGate gate;
    Instant now;
    feed(gate, now, 20, 10);
    QVERIFY(!gate.useModel(now));
    QCOMPARE(gate.text(now), std::string("reactive (model on trial)"));
    feed(gate, now, 20, 10);
    QVERIFY(gate.useModel(now));
    QCOMPARE(gate.text(now), std::string("model"));
    QVERIFY(gate.maeRatio() < 0.3);
}

void ForecastGateTest::gate_whenTheModelGoesStale_benchesItAndTakesItBack()
{
    ForecastGate gate;
    Instant now;
    feed(gate, now, 600, 10);
    QVERIFY(gate.useModel(now));
    feed(gate, now, 400, 150);
    QVERIFY(!gate.useModel(now));
    QVERIFY(gate.text(now).find("reactive (model benched: error ") == 0);
    QVERIFY(gate.text(now).find("x reactive)") != std::string::npos);
    feed(gate, now, 700, 10);
    QVERIFY(gate.useModel(now));
}

void ForecastGateTest::gate_whenNoAnswerComes_isReactiveAtOnce()
{
    ForecastGate gate;
    Instant now;
    feed(gate, now, 100, 10);
    QVERIFY(gate.useModel(now + 250ms));
    QVERIFY(!gate.useModel(now + 251ms));
    QCOMPARE(gate.text(now + 300ms), std::string("reactive (no answer for 250 ms)"));
}

void ForecastGateTest::gate_whenAForecastIsSenseless_isReactiveAtOnce()
{
    ForecastGate gate;
    Instant now;
    feed(gate, now, 100, 10);
    gate.observe(now, 500, around(550), forecastOf(600, 500, 400));
    QVERIFY(!gate.useModel(now));
    QCOMPARE(gate.text(now), std::string("reactive (model benched: senseless forecast)"));
    QVERIFY(!ForecastGate::isSane(forecastOf(-1, 0, 0)));
    QVERIFY(!ForecastGate::isSane(forecastOf(0, 0, INT32_MAX)));
}

void ForecastGateTest::gate_whenThePredictorFails_saysWhy()
{
    ForecastGate gate;
    Instant now;
    feed(gate, now, 100, 10);
    gate.answered(now, "model loading");
    QVERIFY(!gate.useModel(now));
    QCOMPARE(gate.text(now), std::string("reactive (model loading)"));
}

void ForecastGateTest::coverage_countsLoadsBelowP90()
{
    ForecastGate gate;
    for (int i = 0; i < 10; ++i)
        gate.observe({}, 500, around(500), around(i < 9 ? 500 : 400));
    QCOMPARE(gate.coverageP90(), 0.9);
}

void ForecastGateTest::core_whenTheModelIsRight_usesIt()
{
    // The load switches every second; the model knows, the mean of the last ticks does not.
    ForecastCore core;
    const auto loadAt = [](std::uint64_t t) { return t / 10 % 2 == 0 ? 100 : 400; };
    Instant now;
    for (std::uint64_t t = 1; t <= 100; ++t) {
        now = now + 100ms;
        core.tick(now, t, {{.shard = ShardId{3}, .actual = loadAt(t)}});
        int sum = 0;
        for (std::uint64_t ahead = 1; ahead <= 10; ++ahead)
            sum += loadAt(t + ahead);
        LoadForecast load = around(sum / 10);
        load.shard = ShardId{3};
        PredictReply reply;
        reply.tick = t;
        reply.model = "shard_predictor 1";
        reply.loads = {load};
        core.reply(now + 5ms, reply);
    }
    QCOMPARE(core.status(now).gate, std::string("model"));
    QCOMPARE(core.status(now).model, std::string("shard_predictor 1"));
    QCOMPARE(core.status(now).answered, std::uint64_t{100});
    QVERIFY(core.status(now).maeRatio < 0.1);
    QVERIFY(core.forecast(ShardId{3}, now).p90 == core.forecast(ShardId{3}, now).p50 + 20);
    // Half a second of silence, and the reactive estimate decides.
    core.tick(now + 100ms, 101, {{.shard = ShardId{3}, .actual = 100}});
    QCOMPARE(core.status(now + 500ms).gate, std::string("reactive (no answer for 250 ms)"));
}

void ForecastGateTest::core_whenRepliesAreLostOrDoubled_staysSound()
{
    ForecastCore core;
    Instant now;
    for (std::uint64_t t = 1; t <= 60; ++t) {
        now = now + 100ms;
        core.tick(now, t, {{.shard = ShardId{1}, .actual = 200}});
        PredictReply reply;
        reply.tick = t % 3 == 0 ? t - 1 : t + 5;  // doubled, late, or of a future that cannot be
        reply.loads = {{.shard = ShardId{1}, .p10 = 1, .p50 = 2, .p90 = 3},
                       {.shard = ShardId{99}, .p10 = 1, .p50 = 2, .p90 = 3}};
        core.reply(now, reply);
        core.reply(now, reply);
    }
    QCOMPARE(core.status(now).answered, std::uint64_t{20});
    QCOMPARE(core.forecast(ShardId{1}, now).p50, 200);
    QCOMPARE(core.forecast(ShardId{99}, now).p50, 0);
}

QTEST_GUILESS_MAIN(ForecastGateTest)
#include "tst_forecast_gate.moc"
