// The figures of the real program are so: what a run did in all stands in its final report and
// line, a start that recovers nothing counts no recovery, and a replay is no rate.
#include "tests/e2e/program.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <memory>

using namespace Qt::StringLiterals;

namespace foreshard::e2e {
namespace {

constexpr int kRate = 10'000;

}  // namespace

class FiguresTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }

    void finalReport_afterARun_tellsOfAllOfIt();
    void recoveries_ofAFreshStart_areNone();
    void recoveries_afterACleanEnd_areRestores();
    void recoveries_afterAKill_areCounted();
    void rate_afterRecoveries_doesNotJump();
    void simulate_asJson_writesItsKeysAsAllOthers();

private:
    QString at(const QString& name) const { return folder_->filePath(name); }
    QStringList runWords() const;
    // Runs for `ms`, ends it by SIGTERM, and gives its final report.
    QJsonObject runFor(int ms, QByteArray* lastLine = nullptr) const;
    QJsonObject status() const;

    std::unique_ptr<QTemporaryDir> folder_;
};

QStringList FiguresTest::runWords() const
{
    return {u"run"_s,      u"--source"_s,       u"synth:mixed?seed=1&rate=%1"_s.arg(kRate),
            u"--data"_s,   at(u"data"_s),       u"--predictor"_s,
            u"off"_s,      u"--listen"_s,       u"ipc://"_s + at(u"sock"_s),
            u"--report"_s, at(u"report.json"_s)};
}

QJsonObject FiguresTest::runFor(int ms, QByteArray* lastLine) const
{
    RunningProgram program(runWords());
    QTest::qWait(ms);
    program.terminate();
    if (!program.waitForEnd(20'000)) return {};
    const Outcome outcome = program.outcome();
    if (lastLine != nullptr) *lastLine = outcome.err;
    return outcome.exitCode == 0 ? readJson(at(u"report.json"_s)) : QJsonObject{};
}

QJsonObject FiguresTest::status() const
{
    return parseJson(runProgram({u"ctl"_s, u"--connect"_s, u"ipc://"_s + at(u"sock"_s), u"status"_s,
                                 u"--json"_s})
                         .out);
}

void FiguresTest::finalReport_afterARun_tellsOfAllOfIt()
{
    QByteArray err;
    const QJsonObject report = runFor(4000, &err);
    QVERIFY2(!report.isEmpty(), err.constData());
    const double mean = report[u"records_applied"_s].toDouble() / report[u"seconds"_s].toDouble();
    QVERIFY(mean > 0);
    const double rate = report[u"records_per_second"_s].toDouble();
    QVERIFY2(std::abs(rate - mean) < 0.01 * mean, qPrintable(u"%1 of %2"_s.arg(rate).arg(mean)));
    QCOMPARE(report[u"records_per_second_run"_s].toDouble(), rate);
    QVERIFY(report[u"bytes_per_second"_s].toDouble() > 0);
    QVERIFY(report[u"latency_us"_s][u"p99"_s].toDouble() > 0);
    QVERIFY(report[u"latency_us"_s][u"max"_s].toDouble()
            >= report[u"latency_10s_us"_s][u"max"_s].toDouble());
    QVERIFY2(err.contains(QByteArray::number(rate, 'f', 0) + " records/s over the run, p99 "),
             err.constData());
    QVERIFY2(!err.contains("p99 0.0 ms"), err.constData());
    QVERIFY2(err.contains(" ms over the run"), err.constData());
}

void FiguresTest::recoveries_ofAFreshStart_areNone()
{
    QByteArray err;
    const QJsonObject report = runFor(1500, &err);
    QVERIFY2(err.contains(" 0 recoveries"), err.constData());
    QCOMPARE(report[u"recovery_count"_s].toInt(-1), 0);
    QCOMPARE(report[u"restore_count"_s].toInt(-1), 0);
    QVERIFY(report[u"recoveries"_s].toArray().isEmpty());
}

void FiguresTest::recoveries_afterACleanEnd_areRestores()
{
    QVERIFY(!runFor(1500).isEmpty());
    QByteArray err;
    const QJsonObject report = runFor(1500, &err);
    QVERIFY2(err.contains(" 0 recoveries"), err.constData());
    QCOMPARE(report[u"recovery_count"_s].toInt(-1), 0);
    QVERIFY(report[u"restore_count"_s].toInt() > 0);
    // The mean is of this run, not of the records from before it.
    QVERIFY(report[u"records_per_second"_s].toDouble() < 1.2 * kRate);
}

void FiguresTest::recoveries_afterAKill_areCounted()
{
    {
        RunningProgram program(runWords());
        // Behind the first checkpoints there are frames to be replayed.
        QTRY_VERIFY_WITH_TIMEOUT(status()[u"records_applied"_s].toDouble() > kRate, 20'000);
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
    const QJsonObject report = runFor(1500);
    QVERIFY(report[u"recovery_count"_s].toInt() > 0);
    QCOMPARE(report[u"restore_count"_s].toInt(-1), 0);
}

void FiguresTest::rate_afterRecoveries_doesNotJump()
{
    RunningProgram program(runWords() + QStringList{u"--drill"_s, u"kill-node:700"_s});
    QTest::qWait(2000);
    double most = 0;
    for (int i = 0; i < 30; ++i) {
        most = std::max(most, status()[u"records_per_second"_s].toDouble());
        QTest::qWait(100);
    }
    program.terminate();
    QVERIFY(program.waitForEnd(20'000));
    QVERIFY(readJson(at(u"report.json"_s))[u"recovery_count"_s].toInt() > 0);
    // What had waited while a node was away comes on top.
    QVERIFY2(most > 0 && most < 2.5 * kRate, qPrintable(QString::number(most)));
}

void FiguresTest::simulate_asJson_writesItsKeysAsAllOthers()
{
    const Outcome outcome = runProgram({u"simulate"_s, u"--seed"_s, u"7"_s, u"--json"_s});
    const QList<QByteArray> lines = outcome.out.trimmed().split('\n');
    QCOMPARE(lines.size(), 2);
    for (const QByteArray& line : lines) {
        const QJsonObject json = parseJson(line);
        QVERIFY(json.contains(u"virtual_seconds"_s));
        for (const QString& key : json.keys())
            QCOMPARE(key, key.toLower());
    }
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::FiguresTest)
#include "tst_figures.moc"
