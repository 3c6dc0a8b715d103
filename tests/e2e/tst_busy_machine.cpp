// What the real program does while the machine is busy with something else: it gets slower, and
// nothing more. No node is taken for dead because its strand was not scheduled.
#include "tests/e2e/program.h"

#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;

namespace foreshard::e2e {
namespace {

constexpr int kBusyThreads = 8;

// Threads that want all there is, as a build does.
class BusyThreads {
public:
    BusyThreads()
    {
        for (int i = 0; i < kBusyThreads; ++i) {
            threads_.emplace_back([this] {
                while (!over_.load(std::memory_order_relaxed)) {
                }
            });
        }
    }
    ~BusyThreads()
    {
        over_ = true;
        for (std::thread& thread : threads_)
            thread.join();
    }
    BusyThreads(const BusyThreads&) = delete;
    BusyThreads& operator=(const BusyThreads&) = delete;

private:
    std::atomic<bool> over_{false};
    std::vector<std::thread> threads_;
};

}  // namespace

class BusyMachineTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void nodes_besideBusyThreads_areNotTakenForDead();
    void nodes_whenTheProcessWasStopped_areNotTakenForDead();
    void nodes_whenKilled_areStartedAgainBesideBusyThreads();

private:
    QStringList runArguments(const QTemporaryDir& folder) const;
    // Ends it, and gives its final status.
    QJsonObject statusOf(RunningProgram& program, const QTemporaryDir& folder) const;
    static int recoveries(const QJsonObject& status, const QString& cause);
};

QStringList BusyMachineTest::runArguments(const QTemporaryDir& folder) const
{
    return {u"run"_s,
            u"--source"_s,
            u"synth:mixed?rate=20000&seed=1"_s,
            u"--data"_s,
            folder.filePath(u"data"_s),
            u"--nodes"_s,
            u"4"_s,
            u"--operator"_s,
            u"work?scale=1&mode=busy"_s,
            u"--report"_s,
            folder.filePath(u"report.json"_s),
            u"-v"_s};
}

QJsonObject BusyMachineTest::statusOf(RunningProgram& program, const QTemporaryDir& folder) const
{
    program.terminate();
    if (!program.waitForEnd(60'000)) return {};
    const Outcome outcome = program.outcome();
    if (outcome.exitCode != 0) qWarning().noquote() << described(outcome);
    if (outcome.err.contains("says nothing")) qWarning().noquote() << outcome.err;
    return outcome.exitCode == 0 ? readJson(folder.filePath(u"report.json"_s)) : QJsonObject{};
}

int BusyMachineTest::recoveries(const QJsonObject& status, const QString& cause)
{
    int count = 0;
    for (const QJsonValue& recovery : status[u"recoveries"_s].toArray())
        count += recovery[u"cause"_s].toString() == cause ? 1 : 0;
    return count;
}

void BusyMachineTest::nodes_besideBusyThreads_areNotTakenForDead()
{
    const QTemporaryDir folder;
    RunningProgram program(runArguments(folder));
    QJsonObject status;
    {
        const BusyThreads busy;
        QTest::qWait(8000);
        QVERIFY(program.running());
    }
    status = statusOf(program, folder);
    QVERIFY(!status.isEmpty());
    QCOMPARE(recoveries(status, u"node silent"_s), 0);
    for (const QJsonValue& node : status[u"nodes"_s].toArray())
        QCOMPARE(node[u"incarnation"_s].toInt(), 1);
}

void BusyMachineTest::nodes_whenTheProcessWasStopped_areNotTakenForDead()
{
    const QTemporaryDir folder;
    RunningProgram program(runArguments(folder));
    QTest::qWait(1500);
    for (int i = 0; i < 3; ++i) {
        program.send(SIGSTOP);
        QTest::qWait(2000);
        program.send(SIGCONT);
        QTest::qWait(500);
    }
    const QJsonObject status = statusOf(program, folder);
    QVERIFY(!status.isEmpty());
    QCOMPARE(recoveries(status, u"node silent"_s), 0);
}

void BusyMachineTest::nodes_whenKilled_areStartedAgainBesideBusyThreads()
{
    const QTemporaryDir folder;
    RunningProgram program(runArguments(folder) + QStringList{u"--drill"_s, u"kill-node:1500"_s});
    {
        const BusyThreads busy;
        QTest::qWait(6000);
    }
    const QJsonObject status = statusOf(program, folder);
    QVERIFY(!status.isEmpty());
    QVERIFY(recoveries(status, u"node killed"_s) > 0);
    QCOMPARE(recoveries(status, u"node silent"_s), 0);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::BusyMachineTest)
#include "tst_busy_machine.moc"
