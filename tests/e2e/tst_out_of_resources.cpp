// The real program where memory, threads, room for its output or an answer do not come.
#include "tests/e2e/program.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <memory>

namespace foreshard::e2e {

class OutOfResourcesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void run_withTooLittleAddressSpace_saysSoAndIsNotEndedByASignal_data();
    void run_withTooLittleAddressSpace_saysSoAndIsNotEndedByASignal();
    void run_withTooFewFiles_saysSo();
    void ctl_towardsAFrozenEngine_saysThatItIsThere_data();
    void ctl_towardsAFrozenEngine_saysThatItIsThere();
    void ctl_towardsNobody_saysThatNoEngineListens();
    void results_intoAFullFile_saySo_data();
    void results_intoAFullFile_saySo();
    void readers_ofNoDataDirectory_refuse_data();
    void readers_ofNoDataDirectory_refuse();
    void init();

private:
    QString path(const QString& name) const { return folder_->path() + name; }
    QStringList runArguments() const
    {
        return {QStringLiteral("run"),
                QStringLiteral("--source"),
                QStringLiteral("csv:") + path(QStringLiteral("/in.csv")),
                QStringLiteral("--key"),
                QStringLiteral("key"),
                QStringLiteral("--value"),
                QStringLiteral("value"),
                QStringLiteral("--data"),
                path(QStringLiteral("/data"))};
    }
    // `setUp`, then the program in its place, by a shell; `tail` follows its arguments.
    Outcome limited(const QString& setUp, const QStringList& arguments, const QString& tail) const
    {
        const QString script = QStringLiteral("ulimit -c 0; %1; exec \"$@\" %2").arg(setUp, tail);
        return runOther(QStringLiteral("bash"), QStringList{QStringLiteral("-c"), script,
                                                            QStringLiteral("sh"), programPath()}
                                                    + arguments);
    }
    std::unique_ptr<QTemporaryDir> folder_;
};

void OutOfResourcesTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
    QByteArray csv = "key,value\n";
    for (int i = 0; i < 3000; ++i)
        csv += "k" + QByteArray::number(i) + ",1\n";
    QFile file(path(QStringLiteral("/in.csv")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(csv) == csv.size());
}

void OutOfResourcesTest::run_withTooLittleAddressSpace_saysSoAndIsNotEndedByASignal_data()
{
    QTest::addColumn<int>("kilobytes");
    for (const int kilobytes : {100'000, 200'000, 400'000, 800'000})
        QTest::newRow(QByteArray::number(kilobytes).constData()) << kilobytes;
}

void OutOfResourcesTest::run_withTooLittleAddressSpace_saysSoAndIsNotEndedByASignal()
{
    QFETCH(int, kilobytes);
    const Outcome outcome =
        limited(QStringLiteral("ulimit -v %1").arg(kilobytes),
                runArguments() + QStringList{QStringLiteral("--until-end")}, QString());
    if (outcome.exitCode == 0 && kilobytes > 200'000) return;  // it was enough
    const bool said = outcome.err.contains("address space") || outcome.err.contains("memory")
                      || outcome.err.contains("ulimit");
    QVERIFY2(outcome.exitCode == 1 && outcome.signal == 0 && said, qPrintable(described(outcome)));
    // As after a kill: with room it goes on and loses nothing.
    const Outcome again = runProgram(runArguments() + QStringList{QStringLiteral("--until-end")});
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    const Outcome results = runProgram(
        {QStringLiteral("results"), QStringLiteral("--data"), path(QStringLiteral("/data"))});
    QCOMPARE(results.out.count('\n'), 3001);
}

void OutOfResourcesTest::run_withTooFewFiles_saysSo()
{
    const Outcome outcome =
        limited(QStringLiteral("ulimit -n 20"),
                runArguments() + QStringList{QStringLiteral("--until-end")}, QString());
    QVERIFY2(outcome.exitCode == 1 && outcome.err.contains("ulimit -n"),
             qPrintable(described(outcome)));
}

void OutOfResourcesTest::ctl_towardsAFrozenEngine_saysThatItIsThere_data()
{
    QTest::addColumn<bool>("tcp");
    QTest::newRow("ipc") << false;
    QTest::newRow("tcp") << true;
}

void OutOfResourcesTest::ctl_towardsAFrozenEngine_saysThatItIsThere()
{
    QFETCH(bool, tcp);
    const QString endpoint = tcp ? QStringLiteral("tcp://127.0.0.1:%1")
                                       .arg(20'000 + QCoreApplication::applicationPid() % 10'000)
                                 : QStringLiteral("ipc://") + path(QStringLiteral("/e.sock"));
    const QStringList ask = {QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint,
                             QStringLiteral("status")};
    RunningProgram engine({QStringLiteral("run"), QStringLiteral("--source"),
                           QStringLiteral("synth:mixed?rate=100"), QStringLiteral("--data"),
                           path(QStringLiteral("/data")), QStringLiteral("--listen"), endpoint});
    QTRY_COMPARE_WITH_TIMEOUT(runProgram(ask).exitCode, 0, 60'000);
    engine.send(SIGSTOP);
    const Outcome outcome = runProgram(ask);
    engine.send(SIGCONT);
    QVERIFY2(outcome.exitCode == 1 && outcome.err.contains("does not answer: it is frozen or busy")
                 && !outcome.err.contains("no engine listens"),
             qPrintable(described(outcome)));
    engine.terminate();
    QVERIFY(engine.waitForEnd(30'000));
}

void OutOfResourcesTest::ctl_towardsNobody_saysThatNoEngineListens()
{
    const Outcome outcome = runProgram({QStringLiteral("ctl"), QStringLiteral("--connect"),
                                        QStringLiteral("ipc://") + path(QStringLiteral("/none")),
                                        QStringLiteral("status")});
    QVERIFY2(outcome.exitCode == 1 && outcome.err.contains("no engine listens there"),
             qPrintable(described(outcome)));
}

void OutOfResourcesTest::results_intoAFullFile_saySo_data()
{
    QTest::addColumn<QString>("setUp");
    QTest::addColumn<QString>("tail");
    QTest::newRow("full") << QStringLiteral(":") << QStringLiteral("> /dev/full");
    QTest::newRow("limit") << QStringLiteral("ulimit -f 8")
                           << QStringLiteral("> '%1'").arg(QStringLiteral("FOLDER/out"));
}

void OutOfResourcesTest::results_intoAFullFile_saySo()
{
    QFETCH(QString, setUp);
    QFETCH(QString, tail);
    tail.replace(QStringLiteral("FOLDER"), folder_->path());
    QCOMPARE(runProgram(runArguments() + QStringList{QStringLiteral("--until-end")}).exitCode, 0);
    const Outcome outcome = limited(
        setUp, {QStringLiteral("results"), QStringLiteral("--data"), path(QStringLiteral("/data"))},
        tail);
    QCOMPARE(outcome.exitCode, 1);
    const QString missing = missingIn(outcome.err, {"write to standard output"});
    QVERIFY2(missing.isEmpty(), qPrintable(missing));
}

void OutOfResourcesTest::readers_ofNoDataDirectory_refuse_data()
{
    QTest::addColumn<QString>("command");
    for (const char* command : {"results", "rebuild", "verify", "history", "deadletter"})
        QTest::newRow(command) << QString::fromLatin1(command);
}

void OutOfResourcesTest::readers_ofNoDataDirectory_refuse()
{
    QFETCH(QString, command);
    QVERIFY(QDir(folder_->path()).mkdir(QStringLiteral("empty")));
    for (const char* data : {"/missing", "/empty", "/in.csv"}) {
        const Outcome outcome =
            runProgram({command, QStringLiteral("--data"), path(QString::fromLatin1(data))});
        QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
        const QString missing = missingIn(outcome.err, {});
        QVERIFY2(missing.isEmpty(), qPrintable(missing));
    }
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::OutOfResourcesTest)
#include "tst_out_of_resources.moc"
