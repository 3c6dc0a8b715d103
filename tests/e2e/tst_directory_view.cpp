// What the console says of a data directory, against what the real program did on it.
#include "app/archive_link.h"
#include "tests/e2e/program.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {

class DirectoryViewTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY2(QFile::exists(programPath()), "build `foreshard` first"); }
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }
    void cleanup() { folder_.reset(); }

    void finished_isEnded_withItsSamplesAndItsLog();
    void killed_isNotEndedWell();
    void running_isSeen_readAgain_andSeenToEnd();
    void engineThatStarts_whileItIsLookedAt_isNotHindered();
    void withoutAHistory_theAgeIsStillThatOfTheData();
    void directoryThatGoes_isALostLink_untilItIsBack();
    void neverUsed_isRefused();

private:
    QString data() const { return folder_->filePath(QStringLiteral("data")); }
    QStringList runWords(const QString& source, const QStringList& more = {}) const
    {
        return QStringList{QStringLiteral("run"),
                           QStringLiteral("--source"),
                           source,
                           QStringLiteral("--key"),
                           QStringLiteral("key"),
                           QStringLiteral("--value"),
                           QStringLiteral("value"),
                           QStringLiteral("--type"),
                           QStringLiteral("type"),
                           QStringLiteral("--data"),
                           data(),
                           QStringLiteral("--drill"),
                           QStringLiteral("move:600")}
               + more;
    }
    QStringList endless() const { return runWords(QStringLiteral("synth:mixed?rate=2000")); }
    QString finite() const;
    std::unique_ptr<ArchiveLink> open() const
    {
        auto link = ArchiveLink::open(data().toStdString());
        if (link.ok()) return std::move(*link);
        qWarning("%s", link.error().message.c_str());
        return nullptr;
    }
    // Waits until the directory tells of applied records: a checkpoint is listed.
    bool tellsOfRecords() const
    {
        return QTest::qWaitFor(
            [this] {
                const auto link = ArchiveLink::open(data().toStdString());
                return link.ok() && (*link)->latest()->recordsApplied > 0;
            },
            20'000);
    }
    static qint64 ageMs(const ArchiveLink& link)
    {
        return QDateTime::currentMSecsSinceEpoch() - link.latest()->wallMs;
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

// A file that takes three seconds at 2000 a second.
QString DirectoryViewTest::finite() const
{
    const QString path = folder_->filePath(QStringLiteral("rows.csv"));
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) return {};
    file.write("type,key,value\n");
    for (int i = 0; i < 6000; ++i)
        file.write("a,k" + QByteArray::number(i % 97) + ',' + QByteArray::number(i) + '\n');
    return QStringLiteral("csv:") + path;
}

void DirectoryViewTest::finished_isEnded_withItsSamplesAndItsLog()
{
    const QString report = folder_->filePath(QStringLiteral("report.json"));
    const Outcome run = runProgram(
        runWords(finite(), {QStringLiteral("--until-end"), QStringLiteral("--rate"),
                            QStringLiteral("2000"), QStringLiteral("--report"), report}));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const QJsonObject told = readJson(report);
    const QStringList files = QDir(data()).entryList(QDir::Files);
    const auto link = open();
    QVERIFY(link);
    QCOMPARE(QDir(data()).entryList(QDir::Files), files);  // looking leaves nothing
    QCOMPARE(link->sight(), EngineSight::kEnded);
    const auto snapshot = link->latest();
    QCOMPARE(snapshot->recordsApplied, std::uint64_t{6000});
    QCOMPARE(snapshot->raft.recent.size(), std::size_t{snapshot->raft.commit});
    QCOMPARE(snapshot->movesDone,
             static_cast<std::uint64_t>(told[QStringLiteral("moves")].toInt()));
    QCOMPARE(snapshot->recoveriesDone,
             static_cast<std::uint64_t>(told[QStringLiteral("recovery_count")].toInt()));
    const auto past = link->takePast();
    QVERIFY(past.size() >= 2);
    QCOMPARE(past.back()->shards.size(), snapshot->shards.size());
    QVERIFY(past.back()->wallMs <= snapshot->wallMs);
    QVERIFY(past.back()->raft.commit > 0);
    QVERIFY(link->takePast().empty());
    // Each shard has its owner, and two checkpoints of each are kept at least.
    for (const ShardSnapshot& shard : snapshot->shards)
        QVERIFY(shard.node.value < snapshot->nodes.size());
    QVERIFY(snapshot->checkpointCount >= snapshot->shards.size());
    QVERIFY(snapshot->checkpointCount <= snapshot->checkpoints.size());
}

void DirectoryViewTest::killed_isNotEndedWell()
{
    RunningProgram engine(endless());
    QVERIFY(tellsOfRecords());
    engine.kill();
    QVERIFY(engine.waitForEnd(5000));
    const auto link = open();
    QVERIFY(link);
    QCOMPARE(link->sight(), EngineSight::kKilled);
    QVERIFY(link->latest()->recordsApplied > 0);
    QVERIFY(ageMs(*link) < 10'000);
}

void DirectoryViewTest::running_isSeen_readAgain_andSeenToEnd()
{
    RunningProgram engine(endless());
    QVERIFY(tellsOfRecords());
    const auto link = open();
    QVERIFY(link);
    QCOMPARE(link->sight(), EngineSight::kElsewhere);
    const std::string process = "in use by process " + std::to_string(engine.pid());
    QVERIFY(link->description().find(process) != std::string::npos);
    Command command;
    command.body = CheckpointCommand{ShardId{0}};
    link->send(command);
    std::vector<CommandReply> replies;
    for (int i = 0; i < 100 && replies.empty(); ++i) {
        QTest::qWait(50);
        replies = link->takeReplies();
    }
    QCOMPARE(replies.size(), std::size_t{1});
    QCOMPARE(replies[0].code, Errc::kReadOnly);
    QVERIFY(replies[0].message.find("--connect") != std::string::npos);

    const auto first = link->latest();
    QTRY_VERIFY_WITH_TIMEOUT(link->latest()->seq > first->seq, 20'000);
    QVERIFY(link->latest()->recordsApplied > first->recordsApplied);
    QVERIFY(ageMs(*link) < 10'000);
    engine.terminate();
    QVERIFY(engine.waitForEnd(20'000));
    QCOMPARE(engine.outcome().exitCode, 0);
    QTRY_COMPARE_WITH_TIMEOUT(link->sight(), EngineSight::kEnded, 20'000);
    QVERIFY(link->description().find("in use") == std::string::npos);
}

void DirectoryViewTest::engineThatStarts_whileItIsLookedAt_isNotHindered()
{
    {
        RunningProgram engine(endless());
        QVERIFY(tellsOfRecords());
        engine.kill();
        QVERIFY(engine.waitForEnd(5000));
    }
    const auto link = open();
    QVERIFY(link);
    RunningProgram engine(endless());
    QTRY_COMPARE_WITH_TIMEOUT(link->sight(), EngineSight::kElsewhere, 20'000);
    QVERIFY(engine.running());
}

void DirectoryViewTest::withoutAHistory_theAgeIsStillThatOfTheData()
{
    const Outcome run = runProgram(runWords(
        finite(), {QStringLiteral("--until-end"), QStringLiteral("--rate"), QStringLiteral("max"),
                   QStringLiteral("--history-bytes"), QStringLiteral("0")}));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const auto link = open();
    QVERIFY(link);
    QVERIFY(link->takePast().empty());
    const WallMillis shown = link->latest()->wallMs;
    QVERIFY(shown > 0);
    QVERIFY(ageMs(*link) < 30'000);
    QTest::qWait(1100);
    QCOMPARE(open()->latest()->wallMs, shown);  // opening it again makes it no younger
}

void DirectoryViewTest::directoryThatGoes_isALostLink_untilItIsBack()
{
    const Outcome run = runProgram(runWords(finite(), {QStringLiteral("--until-end")}));
    QVERIFY2(run.exitCode == 0, qPrintable(described(run)));
    const auto link = open();
    QVERIFY(link);
    QVERIFY(QDir().rename(data(), data() + QStringLiteral(".away")));
    QTRY_COMPARE_WITH_TIMEOUT(link->state(), ui::LinkState::kLost, 30'000);
    QVERIFY(link->description().find("not read again: ") != std::string::npos);
    QCOMPARE(link->sight(), EngineSight::kEnded);  // as it was when it was last seen
    QVERIFY(QDir().rename(data() + QStringLiteral(".away"), data()));
    QTRY_COMPARE_WITH_TIMEOUT(link->state(), ui::LinkState::kConnected, 30'000);
}

void DirectoryViewTest::neverUsed_isRefused()
{
    QDir().mkpath(data());
    const auto link = ArchiveLink::open(data().toStdString());
    QVERIFY(!link.ok());
    QVERIFY(QDir(data()).isEmpty());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::DirectoryViewTest)
#include "tst_directory_view.moc"
