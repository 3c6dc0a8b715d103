// The real program under load, killed at random moments: -9, a pause and then -9, or in the middle
// of a clean close; with nodes killed and shards moved all the time, on three formats of input and
// changing shapes. After every tenth kill the stream is read to its end, and results, rebuild and
// verify must be exact. FORESHARD_KILLS sets how many (30), FORESHARD_E2E_SEED which.
#include "engine/base/split_mix.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>

namespace foreshard::e2e {
namespace {

constexpr int kKillsPerLife = 10;
constexpr int kRows = 24'000;
constexpr int kSeconds = 6;  // what the stream lasts at its rate: longer than ten lives

QStringList words(const QString& text) { return text.split(u' ', Qt::SkipEmptyParts); }

}  // namespace

class RandomKillsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void process_killedAtRandomMomentsUnderLoad_losesAndRepeatsNothing();

private:
    // What stays the same while one data directory lives.
    struct Round {
        const StreamFile* stream = nullptr;
        QString data;
        QStringList shape;
    };
    Round makeRound(const QString& folder);
    QStringList busyFlags();
    // False when the program ended by itself before its moment.
    bool killOnce(const Round& round);
    void pause(RunningProgram& program);
    int moment() { return 50 + static_cast<int>(random_.below(351)); }

    std::uint64_t seed_ = 1;
    int wanted_ = 30;
    SplitMix64 random_;
    QTemporaryDir folder_;
    std::array<StreamFile, 3> streams_;
    QByteArray diary_;  // what was done since the last check, for the message of a failure
    int pauses_ = 0;
    int closes_ = 0;
};

void RandomKillsTest::initTestCase()
{
    seed_ =
        static_cast<std::uint64_t>(std::max(1, qEnvironmentVariableIntValue("FORESHARD_E2E_SEED")));
    if (qEnvironmentVariableIsSet("FORESHARD_KILLS"))
        wanted_ = std::max(1, qEnvironmentVariableIntValue("FORESHARD_KILLS"));
    random_ = SplitMix64(seed_);
    streams_ = {makeCsv(folder_.path(), kRows, seed_), makeJsonl(folder_.path(), kRows, seed_ + 1),
                makeLines(folder_.path(), kRows, seed_ + 2)};
    for (const StreamFile& stream : streams_)
        QCOMPARE(stream.problem, QString());
}

RandomKillsTest::Round RandomKillsTest::makeRound(const QString& folder)
{
    Round round;
    round.stream = &streams_[random_.below(streams_.size())];
    round.data = folder + QStringLiteral("/data");
    const int nodes = 1 + static_cast<int>(random_.below(5));
    const int shards = nodes + static_cast<int>(random_.below(12));
    const char* const policies[] = {"fixed:30", "fixed:100", "classes", "promise"};
    const int segmentBytes = 8192 << random_.below(8);
    round.shape = words(QStringLiteral("--until-end --predictor off --nodes %1 --shards %2 "
                                       "--segment-bytes %3 --policy %4")
                            .arg(nodes)
                            .arg(shards)
                            .arg(segmentBytes)
                            .arg(QString::fromLatin1(policies[random_.below(4)])));
    if (random_.chance(250)) round.shape += words(QStringLiteral("--routing class"));
    return round;
}

QStringList RandomKillsTest::busyFlags()
{
    QStringList flags = words(QStringLiteral("--rate %1").arg(kRows / kSeconds));
    if (random_.chance(500)) {
        const auto period = 40 + random_.below(300);
        flags += words(QStringLiteral("--drill move:%1").arg(period));
    }
    if (random_.chance(500)) {
        const auto period = 60 + random_.below(300);
        flags += words(QStringLiteral("--drill kill-node:%1").arg(period));
    }
    return flags;
}

void RandomKillsTest::pause(RunningProgram& program)
{
    const int length = 20 + static_cast<int>(random_.below(1500));
    diary_ += " pause " + QByteArray::number(length);
    ++pauses_;
    program.send(SIGSTOP);
    QTest::qSleep(length);
    program.send(SIGCONT);
}

bool RandomKillsTest::killOnce(const Round& round)
{
    const QStringList arguments = QStringList{QStringLiteral("run")} + round.stream->fromFile()
                                  + QStringList{QStringLiteral("--data"), round.data} + round.shape
                                  + busyFlags();
    const int first = moment();
    const int second = moment();
    const std::uint64_t kind = random_.below(10);
    diary_ += "\n  " + arguments.mid(1).join(u' ').toUtf8() + "; kill " + QByteArray::number(first);
    RunningProgram program(arguments);
    if (program.waitForEnd(first)) return false;
    if (kind == 0) {
        pause(program);
        diary_ += " kill " + QByteArray::number(second);
        if (program.waitForEnd(second)) return false;
    } else if (kind == 1) {
        diary_ += " term, kill " + QByteArray::number(second / 4);
        ++closes_;
        program.terminate();
        if (program.waitForEnd(second / 4)) return false;
    }
    program.kill();
    return program.waitForEnd(10'000) && program.outcome().signal == SIGKILL;
}

void RandomKillsTest::process_killedAtRandomMomentsUnderLoad_losesAndRepeatsNothing()
{
    QElapsedTimer clock;
    clock.start();
    int kills = 0;
    int checks = 0;
    int early = 0;
    while (kills < wanted_) {
        QTemporaryDir folder;
        QVERIFY(folder.isValid());
        const Round round = makeRound(folder.path());
        diary_.clear();
        for (int i = 0; i < kKillsPerLife && kills < wanted_; ++i)
            ++(killOnce(round) ? kills : early);
        const Outcome last =
            runProgram(QStringList{QStringLiteral("run")} + round.stream->fromFile()
                       + QStringList{QStringLiteral("--data"), round.data} + round.shape);
        const QByteArray how = "seed " + QByteArray::number(seed_) + ", kill "
                               + QByteArray::number(kills) + ":" + diary_ + "\n  ";
        QVERIFY2(last.exitCode == 0, (how + described(last).toUtf8()).constData());
        const QString wrong = inexact(round.data, *round.stream);
        QVERIFY2(wrong.isEmpty(), (how + wrong.toUtf8()).constData());
        ++checks;
        QVERIFY2(early <= kills + kKillsPerLife, "most runs ended before they were killed");
    }
    qInfo(
        "FORESHARD_E2E_SEED=%llu: %d kills (%d after a pause, %d while closing), %d times read "
        "to the end: results and rebuild exact every time; %.1f s",
        static_cast<unsigned long long>(seed_), kills, pauses_, closes_, checks,
        static_cast<double>(clock.elapsed()) / 1000);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::RandomKillsTest)
#include "tst_random_kills.moc"
