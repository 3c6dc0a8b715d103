// Records on which the operator fails, in the real program: results against an independent
// computation without them, the dead-letter log against the list of them, rebuild byte for byte.
#include "engine/base/split_mix.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <memory>

namespace foreshard::e2e {
namespace {

struct Poison {
    QByteArray key;
    QList<int> rows;   // where its records are
    bool dead = true;  // false: the operator takes them in the end
};

// A csv with `rows` rows of ordinary keys, and single records of the poisoned ones.
StreamFile makeStream(const QString& folder, int rows, const QList<Poison>& poisons)
{
    StreamFile stream;
    stream.path = folder + QStringLiteral("/poisoned.csv");
    stream.format = QStringLiteral("csv");
    stream.fields = {QStringLiteral("--key"), QStringLiteral("key"), QStringLiteral("--value"),
                     QStringLiteral("value")};
    stream.bytes = "key,value\n";
    stream.records = 1;
    SplitMix64 random(5);
    Totals totals;
    const auto add = [&stream](const QByteArray& key, int value) {
        stream.bytes += key + ',' + QByteArray::number(value) + '\n';
        ++stream.records;
    };
    for (int row = 0; row < rows; ++row) {
        for (const Poison& poison : poisons) {
            if (!poison.rows.contains(row)) continue;
            add(poison.key, row);
            if (!poison.dead) totals.add(poison.key, row);
        }
        const QByteArray key = "k" + QByteArray::number(random.below(40));
        const int value = static_cast<int>(random.below(1000));
        add(key, value);
        totals.add(key, value);
    }
    stream.results = totals.csv();
    QFile file(stream.path);
    if (!file.open(QIODevice::WriteOnly) || file.write(stream.bytes) != stream.bytes.size())
        stream.problem = QStringLiteral("cannot write ") + stream.path;
    return stream;
}

// "key row", sorted, as the dead-letter log says; the value of a poisoned record is its row.
QStringList deadLetters(const QString& data)
{
    const Outcome outcome = runProgram(
        {QStringLiteral("deadletter"), QStringLiteral("--data"), data, QStringLiteral("--json")});
    QStringList found;
    for (const QJsonValue& letter : parseJson(outcome.out)[u"dead_letters"].toArray()) {
        const QByteArray raw = QByteArray::fromBase64(letter[u"raw_base64"].toString().toLatin1());
        found += QString::fromUtf8(raw.trimmed()).replace(u',', u' ');
    }
    found.sort();
    return found;
}

QStringList expectedLetters(const QList<Poison>& poisons)
{
    QStringList wanted;
    for (const Poison& poison : poisons) {
        for (const int row : poison.rows) {
            if (poison.dead) wanted += QString::fromUtf8(poison.key) + u' ' + QString::number(row);
        }
    }
    wanted.sort();
    return wanted;
}

}  // namespace

class PoisonTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        folder_ = std::make_unique<QTemporaryDir>();
        QVERIFY(folder_->isValid());
    }

    void operatorThatThrows_losesThoseRecordsOnly();
    void stopMode_namesTheRecord_andASkippingRunGoesOn();
    void operatorThatCrashes_isStartedAgain_andLosesThatRecordOnly();
    void operatorThatHangs_isStartedAgain_andLosesThatRecordOnly();
    void crash_onStandardInput_endsTheProgramAndSaysWhy();
    void stopMode_withACrash_givesACorrectedOperatorAllItsTries();
    void kills_areNoTries();
    void poison_withKillsOfTheProcessAndOfNodes_staysExact();

private:
    QString data() const { return folder_->filePath(QStringLiteral("data")); }
    QString reportPath() const { return folder_->filePath(QStringLiteral("report.json")); }
    QStringList arguments(const StreamFile& stream, const QString& drills,
                          const QStringList& more = {}) const
    {
        return QStringList{QStringLiteral("run")} + stream.fromFile()
               + QStringList{QStringLiteral("--data"),
                             data(),
                             QStringLiteral("--until-end"),
                             QStringLiteral("--predictor"),
                             QStringLiteral("off"),
                             QStringLiteral("--report"),
                             reportPath(),
                             QStringLiteral("--operator"),
                             QStringLiteral("aggregate?") + drills}
               + more;
    }
    void checkExact(const StreamFile& stream, const QList<Poison>& poisons)
    {
        QCOMPARE(inexact(data(), stream), QString());
        QCOMPARE(deadLetters(data()), expectedLetters(poisons));
        QCOMPARE(readJson(reportPath())[u"dead_letters"].toInt(),
                 static_cast<int>(expectedLetters(poisons).size()));
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

void PoisonTest::operatorThatThrows_losesThoseRecordsOnly()
{
    const QList<Poison> poisons = {{"bad", {0, 700, 701, 9999}}, {"moody", {3, 5000}, false}};
    const StreamFile stream = makeStream(folder_->path(), 10'000, poisons);
    QCOMPARE(stream.problem, QString());
    const QString drills = QStringLiteral("poison=throw:bad&poison=flaky:moody");
    const Outcome outcome = runProgram(arguments(stream, drills));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(outcome.err.contains("4 records are in the dead-letter log"));
    checkExact(stream, poisons);
    // Once more, with an operator that would take them now: what was left out stays out.
    const Outcome again = runProgram(arguments(stream, QString()));
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    checkExact(stream, poisons);
}

void PoisonTest::stopMode_namesTheRecord_andASkippingRunGoesOn()
{
    const QList<Poison> poisons = {{"bad", {4000}}};
    const StreamFile stream = makeStream(folder_->path(), 8'000, poisons);
    const QString drill = QStringLiteral("poison=throw:bad");
    const Outcome stopped = runProgram(
        arguments(stream, drill, {QStringLiteral("--on-poison"), QStringLiteral("stop")}));
    QVERIFY2(stopped.exitCode == 1, qPrintable(described(stopped)));
    QCOMPARE(missingIn(stopped.err, {"record at offset 4001", "key 'bad'", "--on-poison"}),
             QString());
    QVERIFY(deadLetters(data()).isEmpty());
    const Outcome skipping = runProgram(arguments(stream, drill));
    QVERIFY2(skipping.exitCode == 0, qPrintable(described(skipping)));
    checkExact(stream, poisons);
}

void PoisonTest::operatorThatCrashes_isStartedAgain_andLosesThatRecordOnly()
{
    const QList<Poison> poisons = {{"bad", {10, 4000}}};
    const StreamFile stream = makeStream(folder_->path(), 6'000, poisons);
    const Outcome outcome = runProgram(arguments(stream, QStringLiteral("poison=crash:bad")));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(outcome.err.count("starting again by itself"), 2 * 3);
    checkExact(stream, poisons);
}

void PoisonTest::operatorThatHangs_isStartedAgain_andLosesThatRecordOnly()
{
    const QList<Poison> poisons = {{"bad", {3000}}};
    const StreamFile stream = makeStream(folder_->path(), 6'000, poisons);
    const Outcome outcome =
        runProgram(arguments(stream, QStringLiteral("poison=hang:bad"),
                             {QStringLiteral("--operator-timeout"), QStringLiteral("0.5")}));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(outcome.err.count("hangs on a record: starting again by itself"), 3);
    checkExact(stream, poisons);
}

void PoisonTest::crash_onStandardInput_endsTheProgramAndSaysWhy()
{
    const StreamFile stream = makeStream(folder_->path(), 100, {{"bad", {50}}});
    QStringList words = arguments(stream, QStringLiteral("poison=crash:bad"));
    words.replaceInStrings(QStringLiteral("csv:") + stream.path, QStringLiteral("-?format=csv"));
    const Outcome outcome = runProgram(words, stream.path);
    QVERIFY2(outcome.signal == SIGSEGV, qPrintable(described(outcome)));
    QVERIFY(outcome.err.contains("standard input cannot be read again"));
}

void PoisonTest::stopMode_withACrash_givesACorrectedOperatorAllItsTries()
{
    const QList<Poison> corrected = {{"bad", {200}, false}};
    const StreamFile stream = makeStream(folder_->path(), 1'000, corrected);
    const QStringList stop = {QStringLiteral("--on-poison"), QStringLiteral("stop")};
    const Outcome stopped = runProgram(arguments(stream, QStringLiteral("poison=crash:bad"), stop));
    QVERIFY2(stopped.exitCode == 1, qPrintable(described(stopped)));
    QCOMPARE(missingIn(stopped.err, {"record at offset 201", "SIGSEGV", "--on-poison"}), QString());
    const Outcome again = runProgram(arguments(stream, QString(), stop));
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    checkExact(stream, corrected);
}

void PoisonTest::kills_areNoTries()
{
    const StreamFile stream = makeStream(folder_->path(), 3'000, {});
    QStringList run = arguments(stream, QString());
    run.replaceInStrings(QStringLiteral("aggregate?"), QStringLiteral("work?scale=3&mode=busy"));
    SplitMix64 random(3);
    for (int kill = 0; kill < 6; ++kill) {
        RunningProgram program(run);
        program.waitForEnd(static_cast<int>(60 + random.below(200)));
        program.kill();
        program.waitForEnd(5000);
    }
    const Outcome outcome = runProgram(run);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    checkExact(stream, {});
}

void PoisonTest::poison_withKillsOfTheProcessAndOfNodes_staysExact()
{
    const QList<Poison> poisons = {
        {"bad", {10, 5000, 11'000, 19'000}}, {"deadly", {2000, 15'000}}, {"moody", {8000}, false}};
    const StreamFile stream = makeStream(folder_->path(), 20'000, poisons);
    const QStringList run = arguments(
        stream, QStringLiteral("poison=throw:bad&poison=crash:deadly&poison=flaky:moody"),
        {QStringLiteral("--rate"), QStringLiteral("10000"), QStringLiteral("--drill"),
         QStringLiteral("kill-node:150"), QStringLiteral("--drill"), QStringLiteral("move:90")});
    SplitMix64 random(11);
    for (int kill = 0; kill < 8; ++kill) {
        RunningProgram program(run);
        program.waitForEnd(static_cast<int>(50 + random.below(500)));
        program.kill();
        program.waitForEnd(5000);
    }
    const Outcome outcome = runProgram(run);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    checkExact(stream, poisons);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::PoisonTest)
#include "tst_poison.moc"
