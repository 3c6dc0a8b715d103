// Results, rebuild and verify of the real program against an independent computation: undisturbed,
// killed again and again, with nodes killed and shards moved all the time. FORESHARD_E2E_SEED sets
// the seed of the moments of the kills and of the generated streams.
#include "engine/base/split_mix.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {
namespace {

QStringList shape(const QString& data)
{
    return {QStringLiteral("--nodes"),    QStringLiteral("4"),      QStringLiteral("--shards"),
            QStringLiteral("16"),         QStringLiteral("--data"), data,
            QStringLiteral("--until-end")};
}

// As many records per second as let `stream` last `seconds`.
QStringList rateFor(const StreamFile& stream, int seconds)
{
    return {QStringLiteral("--rate"), QString::number(stream.records / seconds)};
}

const QStringList kNoPredictor = {QStringLiteral("--predictor"), QStringLiteral("off")};

int recoveriesAfterKills(const QJsonObject& report)
{
    int count = 0;
    for (const QJsonValue& recovery : report[u"recoveries"].toArray())
        count += recovery[u"cause"].toString() == u"node killed" ? 1 : 0;
    return count;
}

}  // namespace

class ExactlyOnceTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void run_undisturbed_givesExactResults_data();
    void run_undisturbed_givesExactResults();
    void run_routedByClass_givesExactResults_data();
    void run_routedByClass_givesExactResults();
    void run_fromStandardInput_givesExactResults_data();
    void run_fromStandardInput_givesExactResults();
    void process_killedAtRandomMoments_losesAndRepeatsNothing_data();
    void process_killedAtRandomMoments_losesAndRepeatsNothing();
    void node_killedAgainAndAgain_losesAndRepeatsNothing_data();
    void node_killedAgainAndAgain_losesAndRepeatsNothing();
    void shards_movedAllTheTime_loseAndRepeatNothing_data();
    void shards_movedAllTheTime_loseAndRepeatNothing();

private:
    const StreamFile& stream(const QString& name) const { return streams_.at(name); }
    QString dataDirectory() const { return data_->filePath(QStringLiteral("data")); }
    QString reportPath() const { return data_->filePath(QStringLiteral("report.json")); }
    Outcome run(const QStringList& source, const QStringList& more, const QString& input = {});
    void addRow(const QString& name, int seconds, int times) const;
    void addLongRows(int kills) const;
    bool hasReviews() const { return !stream(QStringLiteral("reviews")).absent; }

    std::uint64_t seed_ = 1;
    QTemporaryDir folder_;
    std::unique_ptr<QTemporaryDir> data_;
    std::map<QString, StreamFile> streams_;
};

void ExactlyOnceTest::initTestCase()
{
    seed_ =
        static_cast<std::uint64_t>(std::max(1, qEnvironmentVariableIntValue("FORESHARD_E2E_SEED")));
    qInfo("FORESHARD_E2E_SEED=%llu", static_cast<unsigned long long>(seed_));
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
    streams_[QStringLiteral("reviews")] = reviews();
    streams_[QStringLiteral("apache")] = apacheLog();
    streams_[QStringLiteral("csv")] = makeCsv(folder_.path(), 60'000, seed_);
    streams_[QStringLiteral("jsonl")] = makeJsonl(folder_.path(), 40'000, seed_ + 1);
    streams_[QStringLiteral("lines")] = makeLines(folder_.path(), 20'000, seed_ + 2);
    for (const char* name : {"csv", "jsonl", "lines"}) {
        const StreamFile& made = stream(QString::fromLatin1(name));
        QCOMPARE(made.problem, QString());
        QVERIFY(made.rejected > 0);
    }
}

void ExactlyOnceTest::init()
{
    data_ = std::make_unique<QTemporaryDir>();
    QVERIFY(data_->isValid());
}

Outcome ExactlyOnceTest::run(const QStringList& source, const QStringList& more,
                             const QString& input)
{
    return runProgram(QStringList{QStringLiteral("run")} + source + shape(dataDirectory())
                          + QStringList{QStringLiteral("--report"), reportPath()} + more,
                      input);
}

void ExactlyOnceTest::addRow(const QString& name, int seconds, int times) const
{
    QTest::newRow(qPrintable(name)) << name << seconds << times;
}

// The real stream where it is, else a generated one of the same length in time.
void ExactlyOnceTest::addLongRows(int times) const
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("seconds");
    QTest::addColumn<int>("times");
    addRow(hasReviews() ? QStringLiteral("reviews") : QStringLiteral("csv"), 6, times);
    addRow(QStringLiteral("jsonl"), 2, times / 4);
}

// The public data sets are no part of the project; generated streams of each format run always.
#define FS_NEED(name)                                                                 \
    if (stream(name).absent) QSKIP("this public data set is not beside the sources"); \
    QCOMPARE(stream(name).problem, QString())

void ExactlyOnceTest::run_undisturbed_givesExactResults_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"reviews", "apache", "csv", "jsonl", "lines"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void ExactlyOnceTest::run_undisturbed_givesExactResults()
{
    QFETCH(QString, name);
    FS_NEED(name);
    const Outcome outcome = run(stream(name).fromFile(), {});
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
    const QJsonObject report = readJson(reportPath());
    const QJsonObject source = report[u"source"].toObject();
    QCOMPARE(source[u"next_offset"].toInt(), stream(name).records);
    QCOMPARE(source[u"records_rejected"].toInt(), stream(name).rejected);
    QCOMPARE(source[u"records_invalid_utf8"].toInt(), stream(name).invalidUtf8);
    const int header = stream(name).format == u"csv" ? 1 : 0;
    QCOMPARE(report[u"records_applied"].toInt(),
             stream(name).records - stream(name).rejected - header);

    // Once more on the finished directory: nothing is read twice.
    const Outcome again = run(stream(name).fromFile(), kNoPredictor);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
}

void ExactlyOnceTest::run_routedByClass_givesExactResults_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : {"reviews", "csv", "jsonl"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void ExactlyOnceTest::run_routedByClass_givesExactResults()
{
    QFETCH(QString, name);
    FS_NEED(name);
    const Outcome outcome =
        run(stream(name).fromFile(), {QStringLiteral("--routing"), QStringLiteral("class")});
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
}

void ExactlyOnceTest::run_fromStandardInput_givesExactResults_data()
{
    run_routedByClass_givesExactResults_data();
}

void ExactlyOnceTest::run_fromStandardInput_givesExactResults()
{
    QFETCH(QString, name);
    FS_NEED(name);
    const Outcome outcome = run(stream(name).fromStandardInput(), kNoPredictor, stream(name).path);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());

    // The same stream sent again is recognized.
    const Outcome again = run(stream(name).fromStandardInput(), kNoPredictor, stream(name).path);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
}

void ExactlyOnceTest::process_killedAtRandomMoments_losesAndRepeatsNothing_data()
{
    addLongRows(20);
}

void ExactlyOnceTest::process_killedAtRandomMoments_losesAndRepeatsNothing()
{
    QFETCH(QString, name);
    QFETCH(int, seconds);
    QFETCH(int, times);
    const QStringList rate = rateFor(stream(name), seconds) + kNoPredictor;
    const QStringList arguments = QStringList{QStringLiteral("run")} + stream(name).fromFile()
                                  + shape(dataDirectory()) + rate;
    SplitMix64 random(seed_);
    QElapsedTimer clock;
    clock.start();
    QByteArray moments;
    int kills = 0;
    for (int i = 0; i < times; ++i) {
        const int moment = 50 + static_cast<int>(random.below(351));
        moments += QByteArray::number(moment) + ' ';
        RunningProgram program(arguments);
        if (program.waitForEnd(moment)) {
            const Outcome early = program.outcome();
            QVERIFY2(early.exitCode == 0, qPrintable(described(early)));
            continue;
        }
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
        ++kills;
    }
    qInfo("seed %llu, killed after (ms): %s", static_cast<unsigned long long>(seed_),
          moments.constData());
    QVERIFY2(kills >= times / 2, "the stream ended before the kills: it is too short");
    // As it was left, without an engine to repair it.
    const Outcome verify =
        runProgram({QStringLiteral("verify"), QStringLiteral("--data"), dataDirectory()});
    QVERIFY2(verify.exitCode == 0, qPrintable(described(verify)));

    const Outcome last = run(stream(name).fromFile(), rate);
    QVERIFY2(last.exitCode == 0, qPrintable(described(last)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
    QCOMPARE(readJson(reportPath())[u"source"][u"next_offset"].toInt(), stream(name).records);
    qInfo("%d kills in %.1f s", kills, static_cast<double>(clock.elapsed()) / 1000);
}

void ExactlyOnceTest::node_killedAgainAndAgain_losesAndRepeatsNothing_data() { addLongRows(4); }

void ExactlyOnceTest::node_killedAgainAndAgain_losesAndRepeatsNothing()
{
    QFETCH(QString, name);
    QFETCH(int, seconds);
    QFETCH(int, times);
    const QString period = QString::number(seconds * 1000 / 6);
    const Outcome outcome =
        run(stream(name).fromFile(),
            rateFor(stream(name), seconds)
                + QStringList{QStringLiteral("--drill"), QStringLiteral("kill-node:") + period});
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
    const QJsonObject report = readJson(reportPath());
    const int recoveries = recoveriesAfterKills(report);
    QVERIFY2(recoveries >= times, qPrintable(QString::number(recoveries)));
    QCOMPARE(report[u"source"][u"next_offset"].toInt(), stream(name).records);
    qInfo("%d recoveries of shards after kills of nodes, %.1f s", recoveries,
          report[u"seconds"].toDouble());
}

void ExactlyOnceTest::shards_movedAllTheTime_loseAndRepeatNothing_data() { addLongRows(20); }

void ExactlyOnceTest::shards_movedAllTheTime_loseAndRepeatNothing()
{
    QFETCH(QString, name);
    QFETCH(int, seconds);
    QFETCH(int, times);
    const Outcome outcome =
        run(stream(name).fromFile(),
            rateFor(stream(name), seconds)
                + QStringList{QStringLiteral("--drill"), QStringLiteral("move:200")});
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream(name)), QString());
    const QJsonObject report = readJson(reportPath());
    const int moves = report[u"moves"].toInt();
    QVERIFY2(moves >= times, qPrintable(QString::number(moves)));
    qInfo("%d moves, %.1f s", moves, report[u"seconds"].toDouble());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::ExactlyOnceTest)
#include "tst_exactly_once.moc"
