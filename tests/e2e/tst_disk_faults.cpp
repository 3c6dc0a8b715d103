// The real program on disks that fail, are full or take their time. A library that is preloaded
// makes the calls fail (see disk_faults.cpp). The program stops with a clear message or waits, has
// acknowledged nothing that is lost, and goes on exactly when the disk is well again.
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"
#include "tests/support/small_mount.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <memory>

namespace foreshard::e2e {
namespace {

QStringList words(const QString& text) { return text.split(u' ', Qt::SkipEmptyParts); }

QStringList withFault(const QString& fault, const QString& path = {})
{
    QStringList environment{QStringLiteral("LD_PRELOAD=") + QStringLiteral(FORESHARD_DISK_FAULTS),
                            QStringLiteral("FORESHARD_DISK_FAULT=") + fault};
    if (!path.isEmpty()) environment += QStringLiteral("FORESHARD_DISK_FAULT_PATH=") + path;
    return environment;
}

}  // namespace

class DiskFaultsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void disk_thatFails_stopsWithItsNameAndLosesNothing_data();
    void disk_thatFails_stopsWithItsNameAndLosesNothing();
    void disk_thatIsSlow_changesNoResultAndKillsNoNode_data();
    void disk_thatIsSlow_changesNoResultAndKillsNoNode();
    void disk_thatFillsUp_isWaitedForAndLosesNothing();

private:
    QString dataDirectory() const { return data_->filePath(QStringLiteral("data")); }
    QString reportPath() const { return data_->filePath(QStringLiteral("report.json")); }
    QStringList run(const QString& data, const QString& flags) const
    {
        return QStringList{QStringLiteral("run")} + stream_.fromFile()
               + QStringList{QStringLiteral("--data"), data}
               + words(QStringLiteral("--until-end --nodes 3 --shards 6 --predictor off "
                                      "--policy fixed:50 --segment-bytes 65536 ")
                       + flags);
    }
    void finishAndCheck(const QString& data);

    QTemporaryDir folder_;
    std::unique_ptr<QTemporaryDir> data_;
    StreamFile stream_;
};

void DiskFaultsTest::initTestCase()
{
    stream_ = makeCsv(folder_.path(), 8000, 11);
    QCOMPARE(stream_.problem, QString());
}

void DiskFaultsTest::init()
{
    data_ = std::make_unique<QTemporaryDir>();
    QVERIFY(data_->isValid());
}

void DiskFaultsTest::finishAndCheck(const QString& data)
{
    const Outcome last = runProgram(run(data, {}));
    QVERIFY2(last.exitCode == 0, qPrintable(described(last)));
    QCOMPARE(inexact(data, stream_), QString());
}

void DiskFaultsTest::disk_thatFails_stopsWithItsNameAndLosesNothing_data()
{
    QTest::addColumn<QString>("fault");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("word");
    const auto row = [](const char* name, const char* fault, const char* path, const char* word) {
        QTest::newRow(name) << QString::fromLatin1(fault) << QString::fromLatin1(path)
                            << QByteArray(word);
    };
    row("sync of a box", "fdatasync:EIO:20", "/box/", "input/output error");
    row("first sync of a box", "fdatasync:EIO:1", "/box/", "input/output error");
    row("write of a box", "pwrite:EIO:25", "/box/", "input/output error");
    row("sync of a checkpoint", "fdatasync:EIO:5", "/checkpoint/", "input/output error");
    row("write of a checkpoint", "pwrite:EIO:5", "/checkpoint/", "input/output error");
    row("sync of the control log", "fdatasync:EIO:5", "/control/", "input/output error");
    row("write of the control log", "pwrite:EIO:5", "/control/", "input/output error");
    row("early sync of the control log", "fdatasync:EIO:3", "/control/", "input/output error");
    row("sync of a folder", "fsync:EIO:4", "/data", "input/output error");
    row("sync of anything", "fdatasync:EIO:60", "/data/", "input/output error");
}

void DiskFaultsTest::disk_thatFails_stopsWithItsNameAndLosesNothing()
{
    QFETCH(QString, fault);
    QFETCH(QString, path);
    QFETCH(QByteArray, word);
    RunningProgram program(run(dataDirectory(), QStringLiteral("--rate 5000 --drill move:80")),
                           withFault(fault, path));
    QVERIFY(program.waitForEnd(30'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {word, "/data"}), QString());
    finishAndCheck(dataDirectory());
}

void DiskFaultsTest::disk_thatIsSlow_changesNoResultAndKillsNoNode_data()
{
    QTest::addColumn<QString>("fault");
    QTest::newRow("200 ms") << QStringLiteral("fdatasync:sleep:200");
    QTest::newRow("2 s, boxes and all") << QStringLiteral("fdatasync:sleep:2000");
}

void DiskFaultsTest::disk_thatIsSlow_changesNoResultAndKillsNoNode()
{
    QFETCH(QString, fault);
    RunningProgram program(
        run(dataDirectory(), QStringLiteral("--rate 8000 --report ") + reportPath()),
        withFault(fault, QStringLiteral("/data/")));
    QVERIFY(program.waitForEnd(60'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream_), QString());
    for (const QJsonValue& recovery : readJson(reportPath())[u"recoveries"].toArray())
        QVERIFY(recovery[u"cause"].toString() != u"node silent");
}

void DiskFaultsTest::disk_thatFillsUp_isWaitedForAndLosesNothing()
{
    const QString folder = data_->filePath(QStringLiteral("small"));
    QVERIFY(QDir().mkpath(folder));
    test::SmallMount mount(folder.toStdString(), "1m");
    FS_NEED_MOUNT(mount);
    const QString data = folder + QStringLiteral("/data");
    const StreamFile large = makeCsv(folder_.path(), 60'000, 12);
    const QStringList arguments =
        QStringList{QStringLiteral("run")} + large.fromFile()
        + QStringList{QStringLiteral("--data"), data}
        + words(QStringLiteral("--until-end --nodes 2 --shards 4 --predictor off "
                               "--policy fixed:100 --segment-bytes 65536 --disk-reserve 65536"));
    {
        RunningProgram program(arguments);
        QVERIFY(!program.waitForEnd(3000) || program.outcome().exitCode == 1);
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
    // Still full, and killed once more while it is.
    RunningProgram again(arguments);
    again.waitForEnd(1000);
    again.kill();
    QVERIFY(again.waitForEnd(10'000));
    QVERIFY(mount.change("size=64m"));
    const Outcome last = runProgram(arguments);
    QVERIFY2(last.exitCode == 0, qPrintable(described(last)));
    QCOMPARE(inexact(data, large), QString());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::DiskFaultsTest)
#include "tst_disk_faults.moc"
