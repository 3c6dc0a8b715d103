// What the real program does when files of its data directory go away while it runs, cannot be
// relied on, or are not what they seem: it says so by name, ends when asked, and loses nothing.
#include "tests/e2e/program.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <csignal>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace foreshard::e2e {
namespace {

constexpr int kStopMax = 12'000;  // ms, on a busy machine

mode_t modeOf(const QString& path)
{
    struct stat info = {};
    return ::lstat(path.toLocal8Bit().constData(), &info) == 0 ? info.st_mode & 0777U : 07777U;
}

}  // namespace

class FilesGoneTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();

    void checkpointFolder_moved_isAProblemAndTheFirstSignalEnds();
    void dataFolder_removed_isNamed();
    void controlLog_moved_isNamed();
    void file_removed_isNamed_data();
    void file_removed_isNamed();
    void symbolicLink_inTheDataDirectory_isRefused();
    void files_areForTheOwnerAlone();
    void retention_keepsTheLastTenthInEveryBox();

private:
    void addRows(int rows, const char* value = "1");
    QStringList runArguments() const;
    std::unique_ptr<RunningProgram> startRun();
    QJsonObject status() const;
    QString data() const { return folder_->filePath(u"data"_s); }

    std::unique_ptr<QTemporaryDir> folder_;
};

void FilesGoneTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QFile file(folder_->filePath(u"in.csv"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("id,n\n");
    file.close();
    addRows(500);
}

void FilesGoneTest::addRows(int rows, const char* value)
{
    QFile file(folder_->filePath(u"in.csv"_s));
    if (!file.open(QIODevice::Append)) return;
    for (int i = 0; i < rows; ++i)
        file.write("k" + QByteArray::number(i) + "," + value + "\n");
}

QStringList FilesGoneTest::runArguments() const
{
    return {u"run"_s,
            u"--data"_s,
            data(),
            u"--operator"_s,
            u"aggregate"_s,
            u"--source"_s,
            u"csv:"_s + folder_->filePath(u"in.csv"_s),
            u"--key"_s,
            u"id"_s,
            u"--value"_s,
            u"n"_s,
            u"--listen"_s,
            u"ipc://"_s + folder_->filePath(u"sock"_s)};
}

std::unique_ptr<RunningProgram> FilesGoneTest::startRun()
{
    auto run = std::make_unique<RunningProgram>(runArguments());
    // Every row is in a listed checkpoint; the header is offset 0.
    const bool saved = QTest::qWaitFor(
        [this] {
            const QJsonObject now = status();
            const QJsonArray shards = now[u"shards"_s].toArray();
            return now[u"source"_s][u"next_offset"_s].toInt() == 501 && !shards.isEmpty()
                   && std::all_of(shards.begin(), shards.end(), [](const QJsonValue& shard) {
                          return shard[u"buffered_records"_s].toInt(-1) == 0;
                      });
        },
        20'000);
    if (!saved) qWarning("the rows were not saved in time");
    return run;
}

QJsonObject FilesGoneTest::status() const
{
    return parseJson(
        runProgram({u"ctl"_s, u"--connect"_s, u"ipc://"_s + folder_->filePath(u"sock"_s),
                    u"status"_s, u"--json"_s})
            .out);
}

void FilesGoneTest::checkpointFolder_moved_isAProblemAndTheFirstSignalEnds()
{
    const auto run = startRun();
    QVERIFY(QDir().rename(data() + u"/checkpoint"_s, folder_->filePath(u"away"_s)));
    addRows(500);
    QTRY_VERIFY_WITH_TIMEOUT(status()[u"problem"_s].toString().contains(u"checkpoint"_s), 15'000);
    run->send(SIGINT);
    QVERIFY(run->waitForEnd(kStopMax));
    const Outcome outcome = run->outcome();
    QCOMPARE(outcome.exitCode, 1);
    QVERIFY2(outcome.err.count('\n') < 60, qPrintable(QString::number(outcome.err.count('\n'))));
    QVERIFY2(outcome.err.contains("nothing is lost"), outcome.err.right(600).constData());
    QDir(data() + u"/checkpoint"_s).removeRecursively();
    QVERIFY(QDir().rename(folder_->filePath(u"away"_s), data() + u"/checkpoint"_s));
    const Outcome again = runProgram(runArguments() << u"--until-end"_s);
    QVERIFY2(again.exitCode == 0, again.err.constData());
    const Outcome results = runProgram({u"results"_s, u"--data"_s, data()});
    QCOMPARE(results.out.count(",2,2,1,1\n"), 500);
}

void FilesGoneTest::dataFolder_removed_isNamed()
{
    const auto run = startRun();
    QVERIFY(QDir(data()).removeRecursively());
    addRows(1);
    QVERIFY(run->waitForEnd(kStopMax));
    const Outcome outcome = run->outcome();
    QVERIFY2(outcome.exitCode == 4 || outcome.exitCode == 1, qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains(data().toLocal8Bit()), outcome.err.constData());
}

void FilesGoneTest::controlLog_moved_isNamed()
{
    const auto run = startRun();
    QVERIFY(QDir().rename(data() + u"/control"_s, folder_->filePath(u"away"_s)));
    QVERIFY(run->waitForEnd(kStopMax));
    const Outcome outcome = run->outcome();
    QCOMPARE(outcome.exitCode, 4);
    QVERIFY2(outcome.err.contains("/control/"), outcome.err.constData());
}

void FilesGoneTest::file_removed_isNamed_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"box/1/000000000001.seg", "control/000000000001.seg", "stream.schema", "LOCK"})
        QTest::newRow(name) << QString::fromLatin1(name);
}

void FilesGoneTest::file_removed_isNamed()
{
    QFETCH(const QString, name);
    const auto run = startRun();
    QVERIFY(QFile::remove(data() + u'/' + name));
    QVERIFY(run->waitForEnd(kStopMax));
    const Outcome outcome = run->outcome();
    QCOMPARE(outcome.exitCode, 4);
    QVERIFY2(outcome.err.contains(name.toLocal8Bit()), outcome.err.constData());
}

void FilesGoneTest::symbolicLink_inTheDataDirectory_isRefused()
{
    const QString target = folder_->filePath(u"precious"_s);
    const QString elsewhere = folder_->filePath(u"elsewhere"_s);
    QFile file(target);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("precious");
    file.close();
    QDir().mkpath(elsewhere);
    const QStringList files{u"LOCK"_s, u"deadletter/witness"_s, u"stream.schema.tmp"_s};
    const QStringList folders{u"box"_s, u"control"_s, u"deadletter"_s};
    for (const QString& name : files + folders) {
        QDir(data()).removeRecursively();
        const QString link = data() + u'/' + name;
        QDir().mkpath(QFileInfo(link).path());
        QVERIFY(QFile::link(files.contains(name) ? target : elsewhere, link));
        const Outcome outcome = runProgram(runArguments() << u"--until-end"_s);
        QVERIFY2(outcome.exitCode == 5, qPrintable(name + u": "_s + described(outcome)));
        QVERIFY2(outcome.err.contains("symbolic link"), outcome.err.constData());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("precious"));
        file.close();
        QVERIFY(QDir(elsewhere).isEmpty());
    }
}

void FilesGoneTest::files_areForTheOwnerAlone()
{
    const mode_t before = ::umask(0);
    const auto run = startRun();
    ::umask(before);
    QDirIterator files(data(), QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden,
                       QDirIterator::Subdirectories);
    int seen = 0;
    while (files.hasNext()) {
        const QString path = files.next();
        const mode_t mode = modeOf(path);
        QVERIFY2((mode & 077U) == 0, qPrintable(path + u" "_s + QString::number(mode, 8)));
        ++seen;
    }
    QVERIFY(seen > 10);
    QCOMPARE(modeOf(data()), mode_t{0700});
    QCOMPARE(modeOf(folder_->filePath(u"sock"_s)), mode_t{0600});
    run->terminate();
    QVERIFY(run->waitForEnd(kStopMax));
}

void FilesGoneTest::retention_keepsTheLastTenthInEveryBox()
{
    const QString report = folder_->filePath(u"report.json"_s);
    RunningProgram run({u"run"_s, u"--data"_s, data(), u"--operator"_s, u"aggregate"_s,
                        u"--source"_s, u"synth:skew?rate=20000&seed=7"_s, u"--key"_s, u"key"_s,
                        u"--value"_s, u"value"_s, u"--nodes"_s, u"4"_s, u"--retain-bytes"_s,
                        u"8000000"_s, u"--report"_s, report});
    QTest::qWait(30'000);
    run.terminate();
    QVERIFY(run.waitForEnd(kStopMax));
    const Outcome outcome = run.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    double kept[4] = {};
    double written[4] = {};  // in segments: they are of one size, about
    double keptSum = 0;
    double writtenSum = 0;
    for (int box = 0; box < 4; ++box) {
        QDirIterator files(data() + u"/box/"_s + QString::number(box), {u"*.seg"_s}, QDir::Files);
        while (files.hasNext()) {
            files.next();
            kept[box] += static_cast<double>(files.fileInfo().size());
            written[box] = std::max(written[box], files.fileInfo().baseName().toDouble());
        }
        keptSum += kept[box];
        writtenSum += written[box];
    }
    QVERIFY2(keptSum <= 16'000'000, qPrintable(QString::number(keptSum)));
    QVERIFY2(writtenSum > 200, qPrintable(QString::number(writtenSum)));  // most of it went
    for (int box = 0; box < 4; ++box) {
        const double share = kept[box] / keptSum / (written[box] / writtenSum);
        QVERIFY2(share > 0.8 && share < 1.2, qPrintable(QString::number(share)));
    }
    const Outcome rebuilt = runProgram({u"rebuild"_s, u"--data"_s, data()});
    const QRegularExpression gap(u"--from (\\d+)"_s);
    const qint64 first = gap.match(QString::fromLocal8Bit(rebuilt.err)).captured(1).toLongLong();
    QVERIFY2(first > 0, rebuilt.err.constData());
    const auto next =
        static_cast<qint64>(readJson(report)[u"source"_s][u"next_offset"_s].toDouble());
    for (int i = 0; i < 10; ++i) {
        const qint64 offset = next - 1 - i * (next - first) / 100;
        const Outcome found =
            runProgram({u"locate"_s, u"--data"_s, data(), u"--offset"_s, QString::number(offset)});
        QVERIFY2(found.exitCode == 0, qPrintable(described(found)));
    }
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::FilesGoneTest)
#include "tst_files_gone.moc"
