// The past of a stream as the real program tells it: the state as of any offset against a
// computation of its own, after kills and with a retention.
#include "engine/base/split_mix.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QCryptographicHash>
#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {
namespace {

// Rows whose offsets are known: the header is 0, row i is i + 1.
struct Rows {
    QString path;
    QByteArray bytes;
    QList<QByteArray> lines;
    QList<QByteArray> keys;  // empty: a row that is rejected
    QList<double> values;

    int end() const { return static_cast<int>(lines.size()); }
    QByteArray resultsAsOf(int offset) const;
    QByteArray range(int from, int to) const { return lines.mid(from, to - from).join(); }
};

QByteArray Rows::resultsAsOf(int offset) const
{
    Totals totals;
    for (int i = 1; i < offset; ++i) {
        if (!keys[i].isEmpty()) totals.add(keys[i], values[i]);
    }
    return totals.csv();
}

Rows makeRows(const QString& folder, int count, std::uint64_t seed)
{
    Rows rows;
    rows.path = folder + QStringLiteral("/rows.csv");
    rows.lines = {"id,key,value\n"};
    rows.keys = {QByteArray()};
    rows.values = {0};
    SplitMix64 random(seed);
    for (int i = 0; i < count; ++i) {
        const bool bad = random.chance(5);
        const double value = static_cast<double>(random.below(4000)) / 4 - 300;
        const QByteArray key =
            random.chance(300) ? QByteArray("hot") : "k" + QByteArray::number(random.below(300));
        rows.keys << (bad ? QByteArray() : key);
        rows.values << value;
        rows.lines << QByteArray::number(i) + ',' + key + ','
                          + (bad ? QByteArray("none") : QByteArray::number(value, 'f', 2)) + '\n';
    }
    rows.bytes = rows.lines.join();
    QFile file(rows.path);
    if (!file.open(QIODevice::WriteOnly) || file.write(rows.bytes) != rows.bytes.size())
        rows.path.clear();
    return rows;
}

QStringList words(const QString& text) { return text.split(QLatin1Char(' '), Qt::SkipEmptyParts); }

}  // namespace

class TimeTravelTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup() { data_.reset(); }

    void asOf_manyOffsets_areTheReference_alsoAfterKills();
    void retention_whatIsGone_isNamedWithTheFirstThatCanBeHad();
    void retainAge_senseless_isRefused();
    void restore_aShardWhileItRuns_changesNothingInTheEnd();
    void restore_toWhatIsNotThere_isRefused();
    void proof_ofARange_holdsForDirectoryAndFile_alsoAfterAKill();
    void proof_aDifferentStream_isNamedByOffset_data();
    void proof_aDifferentStream_isNamedByOffset();
    void proof_thatIsDamaged_isNamed();
    void history_tellsWhatHappened_alsoAfterAKillAndDamage();

private:
    QString at(const char* name) const { return data_->filePath(QString::fromLatin1(name)); }
    // A file with these bytes checked against the proof of the whole stream.
    Outcome checkFile(const QByteArray& bytes) const;
    QString data() const { return data_->filePath(QStringLiteral("data")); }
    QStringList runWords(const QString& more) const;
    Outcome ask(const QString& command, const QString& more = {}) const;
    QString endpoint() const
    {
        return QStringLiteral("ipc://") + data_->filePath(QStringLiteral("ctl.sock"));
    }
    Outcome ctl(const QString& command) const
    {
        return runProgram(
            QStringList{QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint()}
            + words(command));
    }
    // The oldest checkpoint that can still be restored, learnt from a refusal; 0 when none is told.
    int oldestListed(int shard) const;
    // Asked again when that one has left the list meanwhile.
    Outcome restoreOldest(int shard, const QString& more = {}) const;
    void killTwice(const QStringList& arguments) const;

    QTemporaryDir folder_;
    std::unique_ptr<QTemporaryDir> data_;
    Rows rows_;
};

void TimeTravelTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
    rows_ = makeRows(folder_.path(), 20'000, 7);
    QVERIFY(!rows_.path.isEmpty());
}

void TimeTravelTest::init()
{
    data_ = std::make_unique<QTemporaryDir>();
    QVERIFY(data_->isValid());
}

QStringList TimeTravelTest::runWords(const QString& more) const
{
    return QStringList{QStringLiteral("run"), QStringLiteral("--source"),
                       QStringLiteral("csv:") + rows_.path, QStringLiteral("--data"), data()}
           + words(QStringLiteral("--key key --value value --nodes 3 --shards 8 --until-end "
                                  "--predictor off --policy fixed:60 --segment-bytes 32768 ")
                   + more);
}

Outcome TimeTravelTest::ask(const QString& command, const QString& more) const
{
    return runProgram(QStringList{command, QStringLiteral("--data"), data()} + words(more));
}

void TimeTravelTest::killTwice(const QStringList& arguments) const
{
    for (const int moment : {450, 700}) {
        RunningProgram program(arguments);
        QVERIFY2(!program.waitForEnd(moment), "the stream ended before the kill");
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
}

void TimeTravelTest::asOf_manyOffsets_areTheReference_alsoAfterKills()
{
    const QStringList arguments = runWords(QStringLiteral("--rate 8000"));
    killTwice(arguments);
    const Outcome run = runProgram(arguments);
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    SplitMix64 random(3);
    QList<int> offsets = {0, 1, 2, rows_.end() - 1, rows_.end()};
    for (int i = 0; i < 30; ++i)
        offsets << static_cast<int>(random.below(static_cast<std::uint64_t>(rows_.end())));
    for (const int offset : offsets) {
        const Outcome results =
            ask(QStringLiteral("results"), QStringLiteral("--as-of %1").arg(offset));
        QVERIFY2(results.exitCode == 0, qPrintable(described(results)));
        QCOMPARE(results.out, rows_.resultsAsOf(offset));
    }
    QCOMPARE(ask(QStringLiteral("results")).out, rows_.resultsAsOf(rows_.end()));
    const Outcome beyond = ask(QStringLiteral("results"), QStringLiteral("--as-of 20002"));
    QCOMPARE(beyond.exitCode, 3);
    QCOMPARE(missingIn(beyond.err, {"ends at 20001"}), QString());
}

void TimeTravelTest::retention_whatIsGone_isNamedWithTheFirstThatCanBeHad()
{
    const Outcome run = runProgram(runWords(QStringLiteral("--rate 10000 --retain-bytes 300000")));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const Outcome early = ask(QStringLiteral("results"), QStringLiteral("--as-of 100"));
    QCOMPARE(early.exitCode, 3);
    const QRegularExpression had(QStringLiteral("first offset that can be had is (\\d+)"));
    const int first = had.match(QString::fromUtf8(early.err)).captured(1).toInt();
    QVERIFY2(first > 100 && first <= rows_.end(), early.err.constData());
    QCOMPARE(ask(QStringLiteral("results"), QStringLiteral("--as-of %1").arg(first - 1)).exitCode,
             3);
    for (const int offset : {first, (first + rows_.end()) / 2, rows_.end()}) {
        const Outcome results =
            ask(QStringLiteral("results"), QStringLiteral("--as-of %1").arg(offset));
        QVERIFY2(results.exitCode == 0, qPrintable(described(results)));
        QCOMPARE(results.out, rows_.resultsAsOf(offset));
    }
    const Outcome whole = ask(QStringLiteral("rebuild"));
    QCOMPARE(whole.exitCode, 3);
    const QRegularExpression from(QStringLiteral("--from (\\d+)"));
    const int begin = from.match(QString::fromUtf8(whole.err)).captured(1).toInt();
    QVERIFY2(begin > 100 && begin < rows_.end(), whole.err.constData());
    const Outcome rest = ask(QStringLiteral("rebuild"), QStringLiteral("--from %1").arg(begin));
    QVERIFY2(rest.exitCode == 0, qPrintable(described(rest)));
    QCOMPARE(rest.out, rows_.range(begin, rows_.end()));
    QCOMPARE(ask(QStringLiteral("verify")).exitCode, 0);
}

void TimeTravelTest::retainAge_senseless_isRefused()
{
    const Outcome run = runProgram(runWords(QStringLiteral("--retain-age 5x")));
    QCOMPARE(run.exitCode, 2);
    QCOMPARE(missingIn(run.err, {"--retain-age 5x", "7d"}), QString());
    const Outcome good = runProgram(runWords(QStringLiteral("--retain-age 12h")));
    QVERIFY2(good.exitCode == 0, qPrintable(described(good)));
    QCOMPARE(ask(QStringLiteral("rebuild")).out, rows_.bytes);
}

int TimeTravelTest::oldestListed(int shard) const
{
    const QRegularExpression list(QStringLiteral("give one of (\\d+)"));
    for (int i = 0; i < 100; ++i) {
        const Outcome refused = ctl(QStringLiteral("restore %1 999999").arg(shard));
        const auto found = list.match(QString::fromUtf8(refused.err));
        if (found.hasMatch()) return found.captured(1).toInt();
        QTest::qWait(50);
    }
    return 0;
}

Outcome TimeTravelTest::restoreOldest(int shard, const QString& more) const
{
    Outcome outcome;
    for (int i = 0; i < 20 && outcome.exitCode != 0; ++i) {
        outcome = ctl(QStringLiteral("restore %1 %2").arg(shard).arg(oldestListed(shard)) + more);
        if (!outcome.err.contains("list")) break;
    }
    return outcome;
}

void TimeTravelTest::restore_aShardWhileItRuns_changesNothingInTheEnd()
{
    const QStringList arguments =
        runWords(QStringLiteral("--rate 4000 --keep-checkpoints 5 --listen "))
        + QStringList{endpoint()};
    {
        RunningProgram program(arguments);
        QTest::qWait(1500);
        for (const int shard : {0, 3, 5}) {
            const Outcome dry = restoreOldest(shard, QStringLiteral(" --dry-run"));
            QVERIFY2(dry.exitCode == 0 && dry.out.contains("replays"), qPrintable(described(dry)));
            const Outcome done = restoreOldest(shard);
            QVERIFY2(done.exitCode == 0, qPrintable(described(done)));
            QVERIFY2(done.out.contains("is set back to checkpoint"), done.out.constData());
        }
        const Outcome stale =
            ctl(QStringLiteral("restore 1 %1 --expect-version 1").arg(oldestListed(1)));
        QCOMPARE(stale.exitCode, 5);
        QVERIFY(ctl(QStringLiteral("events")).out.contains("is set back to checkpoint"));
        QVERIFY(ctl(QStringLiteral("raft")).out.contains("set back to checkpoint"));
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
    QCOMPARE(ask(QStringLiteral("verify")).exitCode, 0);
    RunningProgram program(arguments);
    QTest::qWait(700);
    const Outcome again = restoreOldest(2);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QVERIFY(program.waitForEnd(30'000));
    const Outcome run = program.outcome();
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    QCOMPARE(ask(QStringLiteral("results")).out, rows_.resultsAsOf(rows_.end()));
    QCOMPARE(ask(QStringLiteral("rebuild")).out, rows_.bytes);
    QCOMPARE(ask(QStringLiteral("verify")).exitCode, 0);
}

void TimeTravelTest::restore_toWhatIsNotThere_isRefused()
{
    RunningProgram program(runWords(QStringLiteral("--rate 4000 --retain-bytes 60000 "
                                                   "--keep-checkpoints 200 --listen "))
                           + QStringList{endpoint()});
    // Until the first frames have passed the limit and their segments are removed.
    QTRY_COMPARE_WITH_TIMEOUT(restoreOldest(0, QStringLiteral(" --dry-run")).exitCode, 3, 20'000);
    const Outcome gone = ctl(QStringLiteral("restore 0 %1").arg(oldestListed(0)));
    QCOMPARE(gone.exitCode, 3);
    QCOMPARE(missingIn(gone.err, {"frames ", " of shard 0 are gone"}), QString());
    const Outcome nowhere = ctl(QStringLiteral("restore 77 1"));
    QCOMPARE(nowhere.exitCode, 1);
    QVERIFY(program.waitForEnd(30'000));
    QCOMPARE(program.outcome().exitCode, 0);
    QCOMPARE(ask(QStringLiteral("results")).out, rows_.resultsAsOf(rows_.end()));
}

Outcome TimeTravelTest::checkFile(const QByteArray& bytes) const
{
    QFile file(at("copy"));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) return {};
    file.close();
    return runProgram({QStringLiteral("verify"), QStringLiteral("--proof"), at("proof"),
                       QStringLiteral("--stream"), at("copy")});
}

void TimeTravelTest::proof_ofARange_holdsForDirectoryAndFile_alsoAfterAKill()
{
    killTwice(runWords(QStringLiteral("--rate 8000")));
    const Outcome run = runProgram(runWords({}));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    for (const auto& [from, to] : {std::pair(0, rows_.end()), std::pair(4321, 9876)}) {
        const Outcome rebuilt =
            ask(QStringLiteral("rebuild"),
                QStringLiteral("--from %1 --to %2 --proof %3").arg(from).arg(to).arg(at("proof")));
        QVERIFY2(rebuilt.exitCode == 0, qPrintable(described(rebuilt)));
        QCOMPARE(rebuilt.out, rows_.range(from, to));
        const QJsonObject proof = readJson(at("proof"));
        QCOMPARE(proof[u"version"].toInt(), 1);
        QCOMPARE(proof[u"bytes"].toInt(), rows_.range(from, to).size());
        QCOMPARE(proof[u"stream_sha256"].toString().toLatin1(),
                 QCryptographicHash::hash(rebuilt.out, QCryptographicHash::Sha256).toHex());
        const Outcome directory =
            ask(QStringLiteral("verify"), QStringLiteral("--proof %1").arg(at("proof")));
        QVERIFY2(directory.exitCode == 0, qPrintable(described(directory)));
        const Outcome file = checkFile(rebuilt.out);
        QVERIFY2(file.exitCode == 0, qPrintable(described(file)));
    }
    QVERIFY(!QFile::exists(at("proof") + QStringLiteral(".unfinished")));
}

void TimeTravelTest::proof_aDifferentStream_isNamedByOffset_data()
{
    QTest::addColumn<QString>("how");
    QTest::addColumn<QByteArray>("named");
    QTest::newRow("changed") << QStringLiteral("changed") << QByteArray("offset 5000 is changed");
    QTest::newRow("missing") << QStringLiteral("missing") << QByteArray("offset 5000 is missing");
    QTest::newRow("doubled") << QStringLiteral("doubled") << QByteArray("offset 5000 is doubled");
    QTest::newRow("swapped") << QStringLiteral("swapped")
                             << QByteArray("offset 5000 and the one at 5001 are swapped");
    QTest::newRow("short") << QStringLiteral("short") << QByteArray("offset 5000 is missing, and");
    QTest::newRow("long") << QStringLiteral("long") << QByteArray("offset 20000");
}

void TimeTravelTest::proof_aDifferentStream_isNamedByOffset()
{
    QFETCH(QString, how);
    QFETCH(QByteArray, named);
    QVERIFY(runProgram(runWords({})).exitCode == 0);
    QVERIFY(ask(QStringLiteral("rebuild"), QStringLiteral("--proof %1").arg(at("proof"))).exitCode
            == 0);
    QList<QByteArray> lines = rows_.lines;
    if (how == u"changed") lines[5000][1] = '#';
    if (how == u"missing") lines.removeAt(5000);
    if (how == u"doubled") lines.insert(5000, lines[5000]);
    if (how == u"swapped") lines.swapItemsAt(5000, 5001);
    if (how == u"short") lines = lines.mid(0, 5000);
    if (how == u"long") lines << QByteArray("more\n");
    const Outcome outcome = checkFile(lines.join());
    QCOMPARE(outcome.exitCode, 4);
    QCOMPARE(missingIn(outcome.err, {named}), QString());
}

void TimeTravelTest::proof_thatIsDamaged_isNamed()
{
    QVERIFY(runProgram(runWords(QStringLiteral("--retain-bytes 300000 --rate 15000"))).exitCode
            == 0);
    QVERIFY(
        ask(QStringLiteral("rebuild"), QStringLiteral("--from 19000 --proof %1").arg(at("proof")))
            .exitCode
        == 0);
    QFile file(at("proof"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray sound = file.readAll();
    SplitMix64 random(11);
    for (int i = 0; i < 12; ++i) {
        QByteArray damaged = sound;
        const auto at =
            static_cast<qsizetype>(random.below(static_cast<std::uint64_t>(sound.size())));
        damaged[at] = static_cast<char>(damaged[at] ^ 1);
        if (i == 11) damaged.truncate(at);
        file.resize(0);
        file.seek(0);
        file.write(damaged);
        file.flush();
        const Outcome outcome =
            ask(QStringLiteral("verify"), QStringLiteral("--proof %1").arg(this->at("proof")));
        QVERIFY2(outcome.exitCode == 4, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {"the proof is damaged"}), QString());
    }
    const Outcome gone =
        ask(QStringLiteral("rebuild"), QStringLiteral("--from 0 --proof %1").arg(at("second")));
    QCOMPARE(gone.exitCode, 3);
    QVERIFY(!QFile::exists(at("second")));
}

void TimeTravelTest::history_tellsWhatHappened_alsoAfterAKillAndDamage()
{
    const QStringList arguments =
        runWords(QStringLiteral("--rate 6000 --keep-checkpoints 4 --listen "))
        + QStringList{endpoint()};
    {
        RunningProgram program(arguments);
        QTest::qWait(1200);
        QVERIFY(ctl(QStringLiteral("move 2 0")).exitCode == 0);
        QVERIFY(restoreOldest(1).exitCode == 0);
        QTest::qWait(600);
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
    const auto kinds = [this](const char* kind) {
        const Outcome told = ask(QStringLiteral("history"),
                                 QStringLiteral("--json --kind %1").arg(QLatin1String(kind)));
        return parseJson(told.out)[u"rows"].toArray();
    };
    for (const char* kind : {"checkpoint", "move", "restore", "command", "decision", "assignment",
                             "recovery", "sample"})
        QVERIFY2(!kinds(kind).isEmpty(), kind);
    QCOMPARE(kinds("command").first().toObject()[u"actor"].toString(), QStringLiteral("ctl"));
    QVERIFY(kinds("decision").first().toObject()[u"detail"].toObject().contains(u"p50"));

    // With its WAL: that alone would bring the pages back.
    QFile file(data() + QStringLiteral("/history.sqlite"));
    QFile::remove(file.fileName() + QStringLiteral("-wal"));
    QFile::remove(file.fileName() + QStringLiteral("-shm"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(9000, 'z')) == 9000);
    file.close();
    const Outcome run = runProgram(runWords({}));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    QVERIFY(QFile::exists(file.fileName() + QStringLiteral(".set-aside-1")));
    const Outcome text = ask(QStringLiteral("history"), QStringLiteral("--kind history"));
    QVERIFY2(text.out.contains("set-aside-1"), text.out.constData());
    QCOMPARE(ask(QStringLiteral("results")).out, rows_.resultsAsOf(rows_.end()));
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::TimeTravelTest)
#include "tst_time_travel.moc"
