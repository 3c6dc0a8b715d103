#include "engine/base/result.h"  // first: moc 6.4 cannot begin with <compare>, as ids.h does
#include "engine/predict/interval_policy.h"
#include "engine/predict/load_classifier.h"

#include <QTest>

using namespace foreshard;

class LoadPolicyTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void classify_withinTheMargin_keepsTheClass();
    void classify_beforeASecondHasPassed_keepsTheClass();
    void classify_firstTime_takesTheClassAtOnce();
    void classify_withScaledThresholds_usesThem();
    void decide_byClass_isTheClassInterval();
    void decide_whenOverridden_isTheOverride();
    void decide_whenFixed_isTheFixedInterval();
    void promise_whenLoadGrows_shortensTheInterval();
    void promise_whenIdle_isTheLongestInterval();
    void promise_whenOverloaded_saysItCannotBeKept();
    void promise_whenCheckpointsAreDear_keepsTheCostFloor();
};

void LoadPolicyTest::classify_withinTheMargin_keepsTheClass()
{
    LoadClassifier classifier;
    Instant now;
    QCOMPARE(classifier.classify({}, 690, now), LoadClass::kMedium);
    now = now + 5s;
    QCOMPARE(classifier.classify({}, 740, now), LoadClass::kMedium);
    QCOMPARE(classifier.classify({}, 760, now), LoadClass::kHigh);
    now = now + 5s;
    QCOMPARE(classifier.classify({}, 660, now), LoadClass::kHigh);
    QCOMPARE(classifier.classify({}, 640, now), LoadClass::kMedium);
    now = now + 5s;
    QCOMPARE(classifier.classify({}, 310, now), LoadClass::kMedium);
    QCOMPARE(classifier.classify({}, 290, now), LoadClass::kLow);
    now = now + 5s;
    QCOMPARE(classifier.classify({}, 390, now), LoadClass::kLow);
    QCOMPARE(classifier.classify({}, 900, now), LoadClass::kHigh);
}

void LoadPolicyTest::classify_beforeASecondHasPassed_keepsTheClass()
{
    LoadClassifier classifier;
    Instant now;
    QCOMPARE(classifier.classify({}, 100, now), LoadClass::kLow);
    QCOMPARE(classifier.classify({}, 900, now + 999ms), LoadClass::kLow);
    QCOMPARE(classifier.classify({}, 900, now + 1s), LoadClass::kHigh);
    QCOMPARE(classifier.classify({}, 0, now + 1900ms), LoadClass::kHigh);
    QCOMPARE(classifier.classify({}, 0, now + 2s), LoadClass::kLow);
}

void LoadPolicyTest::classify_firstTime_takesTheClassAtOnce()
{
    LoadClassifier classifier;
    QCOMPARE(classifier.classify(ShardId{1}, 700, {}), LoadClass::kHigh);
    QCOMPARE(classifier.classify(ShardId{2}, 350, {}), LoadClass::kMedium);
    QCOMPARE(classifier.classify(ShardId{3}, 349, {}), LoadClass::kLow);
}

void LoadPolicyTest::classify_withScaledThresholds_usesThem()
{
    LoadClassifier classifier({.high = 175, .medium = 87, .margin = 12});
    QCOMPARE(classifier.classify({}, 180, {}), LoadClass::kHigh);
}

void LoadPolicyTest::decide_byClass_isTheClassInterval()
{
    const auto decide = [](LoadClass loadClass, PerMille predicted) {
        return decideInterval({}, {.loadClass = loadClass, .predicted = predicted, .share = 250});
    };
    QCOMPARE(decide(LoadClass::kHigh, 203).ms, 100U);
    QCOMPARE(decide(LoadClass::kHigh, 203).reason,
             std::string("high: predicted 81 % of its share"));
    QCOMPARE(decide(LoadClass::kMedium, 100).ms, 500U);
    QCOMPARE(decide(LoadClass::kLow, 10).ms, 1000U);
}

void LoadPolicyTest::decide_whenOverridden_isTheOverride()
{
    const auto decision = decideInterval({}, {.overrideMs = 250, .loadClass = LoadClass::kHigh});
    QCOMPARE(decision.ms, 250U);
    QVERIFY(decision.reason.find("override") != std::string::npos);
}

void LoadPolicyTest::decide_whenFixed_isTheFixedInterval()
{
    const auto decision = decideInterval({.kind = PolicyKind::kFixed, .fixedMs = 300}, {});
    QCOMPARE(decision.ms, 300U);
    QCOMPARE(decision.reason, std::string("fixed: 300 ms"));
}

void LoadPolicyTest::promise_whenLoadGrows_shortensTheInterval()
{
    // (1.3 - 0.35) * 0.5 - 0.5 * 0.35 = 0.3 s of work at half load: every 600 ms.
    const auto half = decidePromise({.predicted = 500});
    QVERIFY(half.ms == 599U || half.ms == 600U);
    QVERIFY(half.reachable);
    QVERIFY(decidePromise({.predicted = 300}).ms > half.ms);
    QVERIFY(decidePromise({.predicted = 600}).ms < half.ms);
}

void LoadPolicyTest::promise_whenIdle_isTheLongestInterval()
{
    QCOMPARE(decidePromise({.predicted = 0}).ms, 10000U);
    QCOMPARE(decidePromise({.predicted = 1}).ms, 10000U);
}

void LoadPolicyTest::promise_whenOverloaded_saysItCannotBeKept()
{
    const auto decision = decidePromise({.predicted = 950});
    QVERIFY(!decision.reachable);
    QVERIFY(decision.ms >= 50U);
    QVERIFY(decision.reason.find("cannot be kept") != std::string::npos);
}

void LoadPolicyTest::promise_whenCheckpointsAreDear_keepsTheCostFloor()
{
    // 100 ms a checkpoint: at least a second of work between two.
    const auto decision = decidePromise({.predicted = 900, .checkpointCost = 100ms});
    QVERIFY(decision.ms >= 1100U);
}

QTEST_GUILESS_MAIN(LoadPolicyTest)
#include "tst_load_policy.moc"
