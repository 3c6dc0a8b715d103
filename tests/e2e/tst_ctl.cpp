// `foreshard ctl` against a running engine: what the status holds, what every command changes, what
// is refused, and how an engine ends when it is told to.
#include "engine/env/real/strand_thread.h"
#include "engine/env/real/zmq_network.h"
#include "engine/wire/codec.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <functional>
#include <memory>

namespace foreshard::e2e {
namespace {

constexpr int kPatienceMs = 15'000;

// "latency_us.p50"; of an array its first element counts.
QJsonValue valueAt(const QJsonObject& object, const QString& path)
{
    QJsonValue value = object;
    for (const QString& step : path.split(QLatin1Char('.'))) {
        if (value.isArray()) value = value.toArray().at(0);
        value = value[step];
    }
    return value;
}

}  // namespace

class CtlTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void move_runningShard_changesItsOwner();
    void drill_killedNode_isRecovered();
    void status_asJson_holdsEveryKeyOfTheContract_data();
    void status_asJson_holdsEveryKeyOfTheContract();
    void parts_asJson_holdTheirPart_data();
    void parts_asJson_holdTheirPart();
    void parts_asText_areSaid_data();
    void parts_asText_areSaid();
    void interval_fixedThenAuto_isInForce();
    void checkpoint_asked_isTakenByCommand();
    void policy_fixed_isInForceEverywhere();
    void dryRun_ofEveryChange_changesNothing_data();
    void dryRun_ofEveryChange_changesNothing();
    void expectVersion_stale_isRefused();
    void expectVersion_current_isAccepted();
    void command_senseless_isRefused_data();
    void command_senseless_isRefused();
    void locate_byOffset_onlineAndOfflineAgree();
    void locate_byKey_findsTheRecord();
    void endpoint_withoutEngine_isSaid();
    void command_thatTakesLong_isWaitedFor();
    void console_killedWhileWatching_changesNothing();
    void sigterm_endsWithACheckpointOfEverything();
    void buffered_behindTheNewestCheckpoint_isNothingWhenIdle();
    void secondSigterm_endsAtOnceAndARestartCompletes();

private:
    QString at(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
    QString endpoint() const { return QStringLiteral("ipc://") + at("ctl.sock"); }
    Outcome ctl(const QString& words) const;
    QJsonObject status() const { return parseJson(ctl(QStringLiteral("status --json")).out); }
    QJsonObject shard(int id) const { return status()[u"shards"][id].toObject(); }
    bool eventually(const std::function<bool()>& holds) const;

    QTemporaryDir folder_;
    std::unique_ptr<RunningProgram> engine_;
};

Outcome CtlTest::ctl(const QString& words) const
{
    return runProgram(QStringList{QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint()}
                      + words.split(QLatin1Char(' ')));
}

bool CtlTest::eventually(const std::function<bool()>& holds) const
{
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < kPatienceMs) {
        if (holds()) return true;
        QTest::qWait(50);
    }
    return false;
}

void CtlTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
    engine_ = std::make_unique<RunningProgram>(
        QStringList{QStringLiteral("run"), QStringLiteral("--source"),
                    QStringLiteral("synth:mixed?seed=5&rate=2000"), QStringLiteral("--data"),
                    at("data"), QStringLiteral("--listen"), endpoint(), QStringLiteral("--nodes"),
                    QStringLiteral("3"), QStringLiteral("--shards"), QStringLiteral("8"),
                    QStringLiteral("--report"), at("report.json")});
    QVERIFY2(eventually([this] {
                 const QJsonObject now = status();
                 return now[u"state"].toString() == u"running"
                        && now[u"shards"].toArray().size() == 8
                        && now[u"records_applied"].toInt() > 1000;
             }),
             "the engine did not come up");
}

void CtlTest::cleanupTestCase() { engine_.reset(); }

void CtlTest::move_runningShard_changesItsOwner()
{
    const QJsonObject before = shard(5);
    const int movesBefore = status()[u"moves"].toInt();
    const int target = (before[u"node"].toInt() + 1) % 3;
    const Outcome outcome = ctl(QStringLiteral("move 5 %1 --json").arg(target));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(parseJson(outcome.out)[u"ok"].toBool());
    QVERIFY(eventually([&] {
        const QJsonObject now = shard(5);
        return now[u"node"].toInt() == target && now[u"state"].toString() == u"live";
    }));
    QVERIFY(shard(5)[u"epoch"].toInt() > before[u"epoch"].toInt());
    QCOMPARE(status()[u"moves"].toInt(), movesBefore + 1);
    const int applied = shard(5)[u"records_applied"].toInt();
    QVERIFY(eventually([&] { return shard(5)[u"records_applied"].toInt() > applied; }));
}

void CtlTest::drill_killedNode_isRecovered()
{
    const int before = status()[u"nodes"][1][u"incarnation"].toInt();
    const Outcome outcome = ctl(QStringLiteral("drill kill-node 1"));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(eventually([&] {
        int recovered = 0;
        const QJsonObject now = status();
        for (const QJsonValue& recovery : now[u"recoveries"].toArray())
            recovered += recovery[u"cause"].toString() == u"node killed" ? 1 : 0;
        int live = 0;
        for (const QJsonValue& one : now[u"shards"].toArray())
            live += one[u"state"].toString() == u"live" ? 1 : 0;
        return recovered > 0 && live == 8 && now[u"nodes"][1][u"incarnation"].toInt() == before + 1;
    }));
}

void CtlTest::status_asJson_holdsEveryKeyOfTheContract_data()
{
    QTest::addColumn<int>("type");
    const auto rows = [](int type, const char* paths) {
        for (const QByteArray& path : QByteArray(paths).split(' '))
            QTest::newRow(path) << type;
    };
    rows(QJsonValue::Double,
         "records_in records_applied bytes_in seconds records_per_second latency_us.p50 "
         "latency_us.p90 latency_us.p99 latency_us.p999 latency_us.max moves shards.id "
         "shards.node shards.epoch shards.predicted shards.actual shards.interval_ms "
         "shards.buffered_bytes shards.buffered_records shards.last_checkpoint.id "
         "shards.last_checkpoint.n shards.last_checkpoint.offset shards.last_checkpoint.bytes "
         "shards.last_checkpoint.ms shards.last_checkpoint.age_ms shards.recovery_estimate_ms "
         "nodes.id nodes.cpu nodes.rss_bytes nodes.net_bytes nodes.shards raft.term raft.leader "
         "raft.commit raft.applied checkpoints.count checkpoints.bytes "
         "checkpoints.overhead_fraction recoveries.shard recoveries.detect_ms recoveries.load_ms "
         "recoveries.replay_ms recoveries.total_ms recoveries.records_replayed "
         "predictor.mae_ratio predictor.coverage_p90");
    rows(QJsonValue::String,
         "shards.class shards.interval_reason nodes.state recoveries.cause predictor.model "
         "predictor.gate");
    rows(QJsonValue::Array, "shards shards.slots nodes raft.members recoveries");
}

void CtlTest::status_asJson_holdsEveryKeyOfTheContract()
{
    QFETCH(int, type);
    // One look is enough for all rows, but not before the first checkpoint: null until then.
    static const QJsonObject kStatus = [this] {
        QJsonObject seen;
        static_cast<void>(eventually([&] {
            seen = status();
            return seen[u"shards"][0][u"last_checkpoint"].isObject();
        }));
        return seen;
    }();
    const QString path = QString::fromLatin1(QTest::currentDataTag());
    QCOMPARE(static_cast<int>(valueAt(kStatus, path).type()), type);
}

void CtlTest::parts_asJson_holdTheirPart_data()
{
    QTest::addColumn<QString>("part");
    for (const char* part : {"shards", "nodes", "raft", "checkpoints", "events"})
        QTest::newRow(part) << QString::fromLatin1(part);
}

void CtlTest::parts_asJson_holdTheirPart()
{
    QFETCH(QString, part);
    const Outcome outcome = ctl(part + QStringLiteral(" --json"));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const QJsonObject json = parseJson(outcome.out);
    QVERIFY2(json.contains(part), outcome.out.left(200).constData());
    const QJsonValue value = json[part];
    QVERIFY(value.isObject() || !value.toArray().isEmpty());
}

void CtlTest::parts_asText_areSaid_data()
{
    parts_asJson_holdTheirPart_data();
    QTest::newRow("status") << QStringLiteral("status");
}

void CtlTest::parts_asText_areSaid()
{
    QFETCH(QString, part);
    const Outcome outcome = ctl(part);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(outcome.out.count('\n') > 1);
}

void CtlTest::interval_fixedThenAuto_isInForce()
{
    const Outcome fixed = ctl(QStringLiteral("interval 5 250"));
    QVERIFY2(fixed.exitCode == 0, qPrintable(described(fixed)));
    QVERIFY(eventually([&] { return shard(5)[u"interval_ms"].toInt() == 250; }));
    const QString reason = shard(5)[u"interval_reason"].toString();
    const Outcome automatic = ctl(QStringLiteral("interval 5 auto"));
    QVERIFY2(automatic.exitCode == 0, qPrintable(described(automatic)));
    QVERIFY(eventually([&] { return shard(5)[u"interval_reason"].toString() != reason; }));
    const int now = shard(5)[u"interval_ms"].toInt();
    QVERIFY2(now == 100 || now == 500 || now == 1000, qPrintable(QString::number(now)));
}

void CtlTest::checkpoint_asked_isTakenByCommand()
{
    // So long an interval that only the command can be the cause.
    QCOMPARE(ctl(QStringLiteral("interval 3 600000")).exitCode, 0);
    QVERIFY(eventually([&] { return shard(3)[u"interval_ms"].toInt() == 600'000; }));
    const int before = shard(3)[u"last_checkpoint"][u"id"].toInt();
    const Outcome outcome = ctl(QStringLiteral("checkpoint 3"));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(eventually([&] {
        const QJsonObject last = shard(3)[u"last_checkpoint"].toObject();
        return last[u"id"].toInt() > before && last[u"reason"].toString() == u"command";
    }));
    QCOMPARE(ctl(QStringLiteral("interval 3 auto")).exitCode, 0);
}

void CtlTest::policy_fixed_isInForceEverywhere()
{
    const Outcome outcome = ctl(QStringLiteral("policy fixed:300"));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(eventually([&] {
        int fixed = 0;
        for (const QJsonValue& one : status()[u"shards"].toArray())
            fixed += one[u"interval_ms"].toInt() == 300 ? 1 : 0;
        return fixed == 8;
    }));
    QCOMPARE(ctl(QStringLiteral("policy classes")).exitCode, 0);
}

void CtlTest::dryRun_ofEveryChange_changesNothing_data()
{
    QTest::addColumn<QString>("words");
    for (const char* words : {"move 5 0", "move 5 1", "move 5 2", "interval 5 250", "checkpoint 5",
                              "policy fixed:300", "drill kill-node 1"})
        QTest::newRow(words) << QString::fromLatin1(words);
}

void CtlTest::dryRun_ofEveryChange_changesNothing()
{
    QFETCH(QString, words);
    const QJsonObject before = status();
    const Outcome outcome = ctl(words + QStringLiteral(" --dry-run"));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QTest::qWait(200);
    const QJsonObject after = status();
    QCOMPARE(after[u"raft"][u"commit"], before[u"raft"][u"commit"]);
    QCOMPARE(after[u"moves"], before[u"moves"]);
    QCOMPARE(after[u"recoveries"].toArray().size(), before[u"recoveries"].toArray().size());
    for (int node = 0; node < 3; ++node) {
        QCOMPARE(after[u"nodes"][node][u"incarnation"], before[u"nodes"][node][u"incarnation"]);
        QCOMPARE(after[u"nodes"][node][u"shards"], before[u"nodes"][node][u"shards"]);
    }
}

void CtlTest::expectVersion_stale_isRefused()
{
    QVERIFY(status()[u"version"].toInt() > 1);
    const Outcome outcome = ctl(QStringLiteral("interval 5 250 --expect-version 1"));
    QVERIFY2(outcome.exitCode == 5, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"version", "not 1"}), QString());
}

void CtlTest::expectVersion_current_isAccepted()
{
    const int version = status()[u"version"].toInt();
    const Outcome outcome =
        ctl(QStringLiteral("interval 4 400 --json --expect-version %1").arg(version));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY(parseJson(outcome.out)[u"version"].toInt() > version);
    QCOMPARE(ctl(QStringLiteral("interval 4 auto")).exitCode, 0);
}

void CtlTest::command_senseless_isRefused_data()
{
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("named");
    const auto row = [](const char* words, int exitCode, const char* named) {
        QTest::newRow(words) << exitCode << QByteArray(named);
    };
    row("move 99 1", 1, "shard 99");
    row("move 5 99", 1, "node 99");
    row("interval 99 250", 1, "shard 99");
    row("checkpoint 99", 1, "shard 99");
    row("drill kill-node 99", 1, "node 99");
    row("drill earthquake 1", 1, "earthquake");
    row("interval 5 soon", 2, "soon");
    row("interval 5 1", 2, "1");
    row("policy slow", 2, "slow");
    row("move five 1", 2, "five");
    row("dance", 2, "");
    row("locate", 2, "--offset");
}

void CtlTest::command_senseless_isRefused()
{
    QFETCH(int, exitCode);
    QFETCH(QByteArray, named);
    const Outcome outcome = ctl(QString::fromLatin1(QTest::currentDataTag()));
    QVERIFY2(outcome.exitCode == exitCode, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {named}), QString());
}

void CtlTest::locate_byOffset_onlineAndOfflineAgree()
{
    const QStringList what{QStringLiteral("--offset"), QStringLiteral("500"),
                           QStringLiteral("--json")};
    const Outcome online = ctl(QStringLiteral("locate ") + what.join(QLatin1Char(' ')));
    QVERIFY2(online.exitCode == 0, qPrintable(described(online)));
    const Outcome offline = runProgram(
        QStringList{QStringLiteral("locate"), QStringLiteral("--data"), at("data")} + what);
    QVERIFY2(offline.exitCode == 0, qPrintable(described(offline)));
    const QJsonArray hits = parseJson(online.out)[u"hits"].toArray();
    QCOMPARE(hits.size(), 1);
    const QJsonObject hit = hits[0].toObject();
    QCOMPARE(hit[u"verified"].toBool(), true);
    QCOMPARE(hit[u"first_offset"].toInt(), 500);
    QCOMPARE(hit[u"records"].toInt(), 1);
    QVERIFY2(QFile::exists(hit[u"file"].toString()), qPrintable(hit[u"file"].toString()));
    const QJsonObject same = parseJson(offline.out)[u"hits"][0].toObject();
    for (const char16_t* key : {u"shard", u"box", u"file", u"position", u"n"})
        QCOMPARE(same[QStringView(key)], hit[QStringView(key)]);
}

void CtlTest::locate_byKey_findsTheRecord()
{
    const Outcome line = runProgram({QStringLiteral("rebuild"), QStringLiteral("--data"),
                                     at("data"), QStringLiteral("--from"), QStringLiteral("700"),
                                     QStringLiteral("--to"), QStringLiteral("701")});
    QVERIFY2(line.exitCode == 0, qPrintable(described(line)));
    const QString key = QString::fromUtf8(line.out.split(',').value(1));
    QVERIFY(!key.isEmpty());
    const Outcome offline =
        runProgram({QStringLiteral("locate"), QStringLiteral("--data"), at("data"),
                    QStringLiteral("--key"), key, QStringLiteral("--json")});
    const Outcome online = ctl(QStringLiteral("locate --json --key ") + key);
    for (const Outcome& outcome : {online, offline}) {
        QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
        bool found = false;
        for (const QJsonValue& hit : parseJson(outcome.out)[u"hits"].toArray())
            found = found
                    || (hit[u"verified"].toBool() && hit[u"first_offset"].toInt() <= 700
                        && hit[u"last_offset"].toInt() >= 700);
        QVERIFY2(found, outcome.out.left(1000).constData());
    }
    const Outcome absent = ctl(QStringLiteral("locate --json --key no-such-key"));
    QCOMPARE(parseJson(absent.out)[u"hits"].toArray().size(), 0);
}

void CtlTest::endpoint_withoutEngine_isSaid()
{
    const Outcome outcome =
        runProgram({QStringLiteral("ctl"), QStringLiteral("--connect"),
                    QStringLiteral("ipc://") + at("nobody.sock"), QStringLiteral("status")});
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"nobody.sock"}), QString());
}

// A restore whose checkpoints take long to read: the engine says its status, but no reply yet.
void CtlTest::command_thatTakesLong_isWaitedFor()
{
    const QString slow = QStringLiteral("ipc://") + at("slow.sock");
    ZmqNetwork network;
    StrandThread strand("slow-engine");
    int commands = 0;
    const auto answer = [&](const std::string& from, const Bytes& message) {
        const Result<Message> decoded = decode(message);
        const auto* command = decoded.ok() ? std::get_if<Command>(&*decoded) : nullptr;
        if (command == nullptr) return;
        if (std::holds_alternative<StatusCommand>(command->body))
            return network.send("engine", from, encode(ClusterSnapshot{}));
        ++commands;
        CommandReply reply;
        reply.id = command->id;
        reply.ok = true;
        reply.message = "done at last";
        const Bytes bytes = encode(reply);
        strand.postAfter(7s, [&network, from, bytes] { network.send("engine", from, bytes); });
    };
    QVERIFY(network.open("engine", strand, answer).ok());
    QVERIFY(network.listen(slow.toStdString(), "engine").ok());
    const Outcome outcome =
        runProgram({QStringLiteral("ctl"), QStringLiteral("--connect"), slow,
                    QStringLiteral("restore"), QStringLiteral("0"), QStringLiteral("1")});
    network.close("engine");
    strand.stop();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(outcome.out, QByteArray("done at last\n"));
    QCOMPARE(commands, 1);
}

void CtlTest::console_killedWhileWatching_changesNothing()
{
    for (int i = 0; i < 3; ++i) {
        RunningProgram watcher({QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint(),
                                QStringLiteral("status")});
        watcher.waitForEnd(10 + 10 * i);
        watcher.kill();
        QVERIFY(watcher.waitForEnd(5'000));
    }
    const int applied = status()[u"records_applied"].toInt();
    QVERIFY(eventually([&] { return status()[u"records_applied"].toInt() > applied; }));
}

void CtlTest::sigterm_endsWithACheckpointOfEverything()
{
    QElapsedTimer clock;
    clock.start();
    engine_->terminate();
    QVERIFY(engine_->waitForEnd(20'000));
    qInfo("ended %lld ms after SIGTERM", static_cast<long long>(clock.elapsed()));
    const Outcome outcome = engine_->outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const QJsonObject report = readJson(at("report.json"));
    QCOMPARE(report[u"state"].toString(), QStringLiteral("done"));
    for (const QJsonValue& one : report[u"shards"].toArray()) {
        QCOMPARE(one[u"last_checkpoint"][u"n"].toInt(), one[u"applied_n"].toInt());
    }
    const Outcome verify =
        runProgram({QStringLiteral("verify"), QStringLiteral("--data"), at("data")});
    QVERIFY2(verify.exitCode == 0, qPrintable(described(verify)));
}

// snapshot.h: what is buffered is what would be replayed if the node died now.
void CtlTest::buffered_behindTheNewestCheckpoint_isNothingWhenIdle()
{
    const StreamFile stream = makeCsv(folder_.path(), 3'000, 10);
    RunningProgram idle(QStringList{QStringLiteral("run")} + stream.fromFile()
                        + QStringList{QStringLiteral("--data"), at("idle"),
                                      QStringLiteral("--listen"), endpoint(),
                                      QStringLiteral("--predictor"), QStringLiteral("off"),
                                      QStringLiteral("--rate"), QStringLiteral("1500")});
    QJsonArray shards;
    QVERIFY(eventually([&] {
        shards = status()[u"shards"].toArray();
        const bool covered = std::all_of(shards.begin(), shards.end(), [](const QJsonValue& one) {
            return one[u"last_checkpoint"][u"n"].toInt() == one[u"applied_n"].toInt();
        });
        // The last line has no line end: while the file may grow, it stays open.
        return covered && status()[u"source"][u"next_offset"].toInt() == stream.records - 1;
    }));
    QTest::qWait(1'500);  // longer than any interval, and ten reports of the edge
    shards = status()[u"shards"].toArray();
    QVERIFY(!shards.isEmpty());
    for (const QJsonValue& one : shards)
        QCOMPARE(one[u"buffered_records"].toInt(), 0);
}

void CtlTest::secondSigterm_endsAtOnceAndARestartCompletes()
{
    const StreamFile stream = makeCsv(folder_.path(), 40'000, 9);
    const QStringList arguments =
        QStringList{QStringLiteral("run")} + stream.fromFile()
        + QStringList{QStringLiteral("--data"), at("slow"), QStringLiteral("--until-end"),
                      QStringLiteral("--predictor"), QStringLiteral("off")};
    // 40 000 records of 2 ms on 4 nodes are 20 s of work, which the first signal must wait for.
    RunningProgram slow(
        arguments + QStringList{QStringLiteral("--operator"), QStringLiteral("work?scale=100")});
    QVERIFY(!slow.waitForEnd(1'500));
    slow.terminate();
    if (!slow.waitForEnd(300)) slow.terminate();
    QElapsedTimer clock;
    clock.start();
    QVERIFY(slow.waitForEnd(5'000));
    QVERIFY2(clock.elapsed() < 2'000, "a second SIGTERM must end it at once");
    const Outcome outcome = slow.outcome();
    QVERIFY2(outcome.exitCode == 0 || outcome.exitCode == 143, qPrintable(described(outcome)));
    qInfo("exit code %d", outcome.exitCode);

    const Outcome again = runProgram(arguments);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(inexact(at("slow"), stream), QString());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::CtlTest)
#include "tst_ctl.moc"
