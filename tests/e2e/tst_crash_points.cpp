// The real program ends itself at every crash point there is and is started again: results, rebuild
// and verify are exact each time. A point that is not reached fails its test, so that the table
// stays honest. FORESHARD_E2E_FULL adds the first passing of each point to one in the middle of
// things.
#include "engine/base/crash_point.h"
#include "tests/e2e/folder.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <map>
#include <memory>
#include <set>
#include <string_view>

namespace foreshard::e2e {
namespace {

constexpr int kRows = 8000;

QStringList words(const char* text)
{
    return QString::fromLatin1(text).split(u' ', Qt::SkipEmptyParts);
}

// Short intervals and small segments, moves and kills of nodes all the time: every step happens
// many times within a second.
const QStringList& busyFlags()
{
    static const QStringList kFlags = words(
        "--until-end --nodes 3 --shards 6 --predictor off --policy fixed:40 --segment-bytes 16384 "
        "--rate 4000 --drill move:60 --drill kill-node:150");
    return kFlags;
}

// The later passing at which the process dies; less for what is rare.
int laterPassing(std::string_view point)
{
    static const std::map<std::string_view, int> kRare = {
        {"truncate.before", 3}, {"truncate.after", 3}, {"remove.before", 2},
        {"remove.after", 2},    {"released.sent", 2},  {"folder.create.after", 3},
    };
    const auto rare = kRare.find(point);
    return rare == kRare.end() ? 8 : rare->second;
}

QStringList crashAt(const QString& words)
{
    return {QStringLiteral("FORESHARD_CRASH_AT=") + words};
}

}  // namespace

class CrashPointsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void point_whereTheProcessIsKilled_losesAndRepeatsNothing_data();
    void point_whereTheProcessIsKilled_losesAndRepeatsNothing();
    void point_whereTheProcessIsStoppedForAWhile_losesAndRepeatsNothing_data();
    void point_whereTheProcessIsStoppedForAWhile_losesAndRepeatsNothing();
    void point_thatIsNotKnown_isRefusedWithTheList();
    void crashPoints_asked_areAllListed();

private:
    QString dataDirectory() const { return data_->filePath(QStringLiteral("data")); }
    QStringList run(const QStringList& flags) const
    {
        return QStringList{QStringLiteral("run")} + stream_.fromFile()
               + QStringList{QStringLiteral("--data"), dataDirectory()} + flags;
    }
    void finishAndCheck();

    QTemporaryDir folder_;
    std::unique_ptr<QTemporaryDir> data_;
    StreamFile stream_;
    QString prepared_;
};

// Four lives and four deaths, and a torn end of every journal: recovery, replay, cutting and
// clearing away happen in every run that starts from here.
void CrashPointsTest::initTestCase()
{
    stream_ = makeCsv(folder_.path(), kRows, 7);
    QCOMPARE(stream_.problem, QString());
    init();
    for (int life = 0; life < 4; ++life) {
        RunningProgram program(run(busyFlags()),
                               crashAt(QStringLiteral("checkpoint.committed:14")));
        QVERIFY(program.waitForEnd(20'000));
        const Outcome outcome = program.outcome();
        QVERIFY2(outcome.signal == SIGKILL, qPrintable(described(outcome)));
    }
    QCOMPARE(tearTails(dataDirectory()), 4);
    prepared_ = folder_.filePath(QStringLiteral("prepared"));
    QVERIFY(copyFolder(dataDirectory(), prepared_));
}

void CrashPointsTest::init()
{
    data_ = std::make_unique<QTemporaryDir>();
    QVERIFY(data_->isValid());
}

void CrashPointsTest::finishAndCheck()
{
    const Outcome last = runProgram(run(words("--until-end --predictor off")));
    QVERIFY2(last.exitCode == 0, qPrintable(described(last)));
    QCOMPARE(inexact(dataDirectory(), stream_), QString());
}

void CrashPointsTest::point_whereTheProcessIsKilled_losesAndRepeatsNothing_data()
{
    QTest::addColumn<QString>("point");
    for (const CrashPointName& point : kCrashPoints) {
        // Only the file of a sink is made in place; tst_sinks kills the program there.
        if (point.name.starts_with("create.")) continue;
        std::set<int> passings{laterPassing(point.name)};
        if (qEnvironmentVariableIsSet("FORESHARD_E2E_FULL")) passings.insert(1);
        for (const int passing : passings) {
            const QByteArray row =
                QByteArray(point.name.data(), static_cast<qsizetype>(point.name.size())) + ':'
                + QByteArray::number(passing);
            QTest::newRow(row.constData()) << QString::fromLatin1(row);
        }
    }
}

void CrashPointsTest::point_whereTheProcessIsKilled_losesAndRepeatsNothing()
{
    QFETCH(QString, point);
    // Folders are made at the very first start only.
    if (!point.startsWith(u"folder.create")) QVERIFY(copyFolder(prepared_, dataDirectory()));
    RunningProgram program(run(busyFlags()), crashAt(point));
    QVERIFY(program.waitForEnd(20'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.signal == SIGKILL,
             qPrintable(QStringLiteral("it was not reached: ") + described(outcome)));
    finishAndCheck();
}

void CrashPointsTest::point_whereTheProcessIsStoppedForAWhile_losesAndRepeatsNothing_data()
{
    QTest::addColumn<QString>("point");
    for (const char* point : {"sync.before", "batch.durable", "checkpoint.store.after",
                              "assign.sent", "control.commit.before"})
        QTest::newRow(point) << QString::fromLatin1(point) + QStringLiteral(":6:stop");
}

void CrashPointsTest::point_whereTheProcessIsStoppedForAWhile_losesAndRepeatsNothing()
{
    QFETCH(QString, point);
    QVERIFY(copyFolder(prepared_, dataDirectory()));
    RunningProgram program(run(busyFlags()), crashAt(point));
    QTRY_VERIFY_WITH_TIMEOUT(program.stopped(), 20'000);
    constexpr int kLongerThanSilence = 1500;
    QTest::qWait(kLongerThanSilence);
    program.send(SIGCONT);
    QVERIFY(program.waitForEnd(30'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(dataDirectory(), stream_), QString());
}

void CrashPointsTest::point_thatIsNotKnown_isRefusedWithTheList()
{
    for (const char* bad : {"nowhere:1", "sync.before", "sync.before:0", "sync.before:1:later"}) {
        RunningProgram program(run(busyFlags()), crashAt(QString::fromLatin1(bad)));
        QVERIFY(program.waitForEnd(10'000));
        const Outcome outcome = program.outcome();
        QCOMPARE(outcome.exitCode, 2);
        QCOMPARE(missingIn(outcome.err, {bad, "write.before", "routes.sent"}), QString());
    }
}

void CrashPointsTest::crashPoints_asked_areAllListed()
{
    const Outcome outcome = runProgram({QStringLiteral("crash-points")});
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(outcome.out.count('\n'), static_cast<qsizetype>(kCrashPoints.size()));
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::CrashPointsTest)
#include "tst_crash_points.moc"
