#include "app/cli/predictor_watch.h"

#include <QtTest>

using namespace foreshard;
using std::chrono::milliseconds;

class PredictorWatchTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void silence_isSaidOnceAfterThreeSeconds_andTheAnswerThen()
    {
        PredictorWatch watch("ipc:///nope");
        QCOMPARE(watch.saw(milliseconds(2'999), 0), std::string());
        QVERIFY(watch.saw(milliseconds(1), 0).find("ipc:///nope does not answer")
                != std::string::npos);
        QCOMPARE(watch.saw(milliseconds(60'000), 0), std::string());
        QVERIFY(watch.watches());
        QVERIFY(watch.saw(milliseconds(500), 1).ends_with("ipc:///nope answers"));
        QVERIFY(!watch.watches());
        QCOMPARE(watch.saw(milliseconds(60'000), 1), std::string());
        QCOMPARE(watch.atTheEnd(9, 1), std::string());
    }

    void answerInTime_isNotWorthAWord()
    {
        PredictorWatch watch("ipc:///there");
        QCOMPARE(watch.saw(milliseconds(2'500), 0), std::string());
        QCOMPARE(watch.saw(milliseconds(500), 3), std::string());
        QVERIFY(!watch.watches());
    }

    void end_withoutAnyAnswer_isSaid_butNotWhenNothingWasAsked()
    {
        const PredictorWatch watch("ipc:///nope");
        QVERIFY(watch.atTheEnd(1, 0).find("never answered") != std::string::npos);
        QCOMPARE(watch.atTheEnd(0, 0), std::string());
        QCOMPARE(PredictorWatch("").atTheEnd(5, 0), std::string());
        QVERIFY(!PredictorWatch("").watches());
    }
};

QTEST_GUILESS_MAIN(PredictorWatchTest)
#include "tst_predictor_watch.moc"
