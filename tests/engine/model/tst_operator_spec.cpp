#include "engine/base/result.h"
#include "engine/model/operator_spec.h"
#include "engine/model/work_cost.h"

#include <QtTest>

#include <string>

using namespace foreshard;

class OperatorSpecTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void operator_isReadFromItsText()
    {
        const auto aggregate = parseOperator("aggregate");
        QVERIFY(aggregate.ok());
        QVERIFY(!aggregate->work);
        const auto work = parseOperator("work?scale=2.5&mode=busy");
        QVERIFY(work.ok());
        QVERIFY(work->work && work->workBusy);
        QCOMPARE(work->workScale, 2.5);
        QVERIFY(!parseOperator("work")->workBusy);
    }

    void operator_thatMakesNoSense_isRefusedByName()
    {
        for (const char* text : {"sum", "", "aggregate?scale=1", "work?scale=-1", "work?scale=x",
                                 "work?scale=", "work?mode=idle", "work?speed=3"}) {
            const auto spec = parseOperator(text);
            QVERIFY2(!spec.ok(), text);
            QCOMPARE(spec.error().code, Errc::kInvalid);
        }
        QVERIFY(parseOperator("work?speed=3").error().message.find("speed=3") != std::string::npos);
    }

    void poisonDrills_nameHowAndWhere()
    {
        const auto spec = parseOperator("aggregate?poison=throw:a:b&poison=hang:");
        QVERIFY(spec.ok());
        QCOMPARE(spec->poison.size(), std::size_t{2});
        QVERIFY(spec->poison[0].kind == PoisonKind::kThrow && spec->poison[0].key == "a:b");
        QVERIFY(spec->poison[1].kind == PoisonKind::kHang && spec->poison[1].key.empty());
        QVERIFY(parseOperator("work?scale=2&poison=flaky:k")->poison[0].kind == PoisonKind::kFlaky);
        QVERIFY(!parseOperator("aggregate?poison=throw").ok());
        QVERIFY(!parseOperator("aggregate?poison=explode:k").ok());
    }

    void cost_isThatOfTypeAndSize_timesTheScale()
    {
        QCOMPARE(workCost("view", 0, 1), Nanos{15us});
        QCOMPARE(workCost("order", 100, 1), Nanos{122us});
        QCOMPARE(workCost("report", 0, 2), Nanos{700us});
        QCOMPARE(workCost("anything", 0, 1), Nanos{20us});
        QCOMPARE(workCost("view", 1000, 0), Nanos{0});
        RecordView record;
        record.type = "cart";
        QCOMPARE(parseOperator("work?scale=3")->declaredCost(record), Nanos{120us});
        QCOMPARE(parseOperator("aggregate")->declaredCost(record), Nanos{0});
    }

    void costBuckets_goFromCheapToDear()
    {
        QCOMPARE(costBucket("view", 0), 0);
        QCOMPARE(costBucket("cart", 0), 1);
        QCOMPARE(costBucket("order", 0), 2);
        QCOMPARE(costBucket("report", 0), 3);
        QCOMPARE(costBucket("view", 100'000), 3);
    }
};

QTEST_GUILESS_MAIN(OperatorSpecTest)
#include "tst_operator_spec.moc"
