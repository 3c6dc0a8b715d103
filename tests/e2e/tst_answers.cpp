// What the real program answers when the question or the words are wrong: never something that
// could be taken for an answer, and always with the word that was wrong.
#include "engine/env/real/unique_fd.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QDir>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include <arpa/inet.h>
#include <memory>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <thread>

namespace foreshard::e2e {
namespace {

QStringList words(const QString& text) { return text.split(QLatin1Char(' '), Qt::SkipEmptyParts); }

// A program that is no engine: it greets whoever comes, as a web server would, and hangs up.
class Stranger {
public:
    Stranger() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        auto* const generic = static_cast<sockaddr*>(static_cast<void*>(&address_));
        if (::bind(fd_.get(), generic, size) != 0 || ::listen(fd_.get(), 16) != 0) return;
        if (::getsockname(fd_.get(), generic, &size) != 0) return;
        port_ = ntohs(address_.sin_port);
        greeter_ = std::jthread([this] { greet(); });
    }
    ~Stranger() { ::shutdown(fd_.get(), SHUT_RDWR); }  // ends the wait for the next one
    Stranger(const Stranger&) = delete;
    Stranger& operator=(const Stranger&) = delete;

    int port() const { return port_; }

private:
    void greet() const
    {
        constexpr std::string_view kText = "HTTP/1.1 400 Bad Request\r\n\r\n";
        while (true) {
            const UniqueFd peer(::accept(fd_.get(), nullptr, nullptr));
            if (!peer.valid()) return;
            static_cast<void>(::send(peer.get(), kText.data(), kText.size(), MSG_NOSIGNAL));
        }
    }

    UniqueFd fd_;
    sockaddr_in address_ = {};
    int port_ = 0;
    std::jthread greeter_;
};

}  // namespace

class AnswersTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();

    void endpoint_badlyWritten_isRefusedWhereverItIsGiven_data();
    void endpoint_badlyWritten_isRefusedWhereverItIsGiven();
    void locate_offsetBeyondTheEnd_saysHowManyThereAre();
    void locate_offsetThatRetentionRemoved_isAGap();
    void locate_keyThatIsNotThere_saysSo();
    void rebuild_rangeThatIsNotThere_isRefused_data();
    void rebuild_rangeThatIsNotThere_isRefused();
    void rebuild_rangesWithinTheStream_areGiven();
    void directory_withoutAStream_isSaidAlikeByAll_data();
    void directory_withoutAStream_isSaidAlikeByAll();
    void stream_thatIsEmpty_isAnAnswer();
    void connect_whereAnotherProgramListens_saysSo();
    void word_thatIsUnknown_isNamedWithTheNearest_data();
    void word_thatIsUnknown_isNamedWithTheNearest();
    void kind_thatNoHistoryHas_isRefused();
    void model_thatWasAskedForAndIsNotThere_isRefused();
    void predictor_whoseModelIsNotThere_namesTheModel();
    void predictor_thatDoesNotAnswer_isSaidOnce();
    void status_asText_showsTheVersionAndEventsTheirTime();
    void move_toWhereItIs_saysNothingElse();
    void option_ofEveryCommand_isInTheManPage_data();
    void option_ofEveryCommand_isInTheManPage();

private:
    QString at(const char* name) const { return folder_.filePath(QString::fromLatin1(name)); }
    QStringList runWords(const QString& data, const QString& more = {}) const;
    Outcome ask(const char* command, const QString& data, const QString& more = {}) const;

    QTemporaryDir folder_;
    QByteArray rows_;  // header, then 20000 rows
};

void AnswersTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
    rows_ = "id,key,value\n";
    for (int i = 0; i < 20'000; ++i)
        rows_ += QByteArray::number(i) + ",k" + QByteArray::number(i % 7) + ",1.5\n";
    QFile file(at("rows.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(rows_) == rows_.size());
    const Outcome whole = runProgram(runWords(at("whole")));
    QVERIFY2(whole.exitCode == 0, qPrintable(described(whole)));
}

QStringList AnswersTest::runWords(const QString& data, const QString& more) const
{
    return QStringList{QStringLiteral("run"), QStringLiteral("--source"),
                       QStringLiteral("csv:") + at("rows.csv"), QStringLiteral("--data"), data}
           + words(QStringLiteral("--key key --value value --nodes 2 --shards 4 --until-end "
                                  "--predictor off ")
                   + more);
}

Outcome AnswersTest::ask(const char* command, const QString& data, const QString& more) const
{
    return runProgram(QStringList{QString::fromLatin1(command), QStringLiteral("--data"), data}
                      + words(more));
}

void AnswersTest::endpoint_badlyWritten_isRefusedWhereverItIsGiven_data()
{
    QTest::addColumn<QString>("endpoint");
    QTest::addColumn<QByteArray>("cause");
    QTest::newRow("beyond") << QStringLiteral("tcp://127.0.0.1:22999999")
                            << QByteArray("there is no port 22999999");
    QTest::newRow("none") << QStringLiteral("tcp://127.0.0.1:0") << QByteArray("give a port");
    QTest::newRow("any") << QStringLiteral("ipc://*") << QByteArray("any path");
    QTest::newRow("no kind") << QStringLiteral("7070") << QByteArray("no endpoint");
}

void AnswersTest::endpoint_badlyWritten_isRefusedWhereverItIsGiven()
{
    QFETCH(const QString, endpoint);
    QFETCH(const QByteArray, cause);
    const QString sinkOut = QStringLiteral("jsonl:") + at("rows.jsonl");
    const QList<QStringList> places = {
        runWords(at("never"), QStringLiteral("--listen ") + endpoint),
        runWords(at("never"), QStringLiteral("--sink zmq:") + endpoint),
        runWords(at("never"))
            .replaceInStrings(QRegularExpression(QStringLiteral("^off$")), endpoint),
        words(QStringLiteral("ctl --connect %1 status").arg(endpoint)),
        words(QStringLiteral("sink --listen %1 --out %2").arg(endpoint, sinkOut)),
        words(QStringLiteral("predictor --listen %1").arg(endpoint))};
    for (const QStringList& arguments : places) {
        const Outcome outcome = runProgram(arguments);
        QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {endpoint.toUtf8(), cause}), QString());
    }
    QVERIFY(!QFile::exists(at("never")));
}

void AnswersTest::locate_offsetBeyondTheEnd_saysHowManyThereAre()
{
    for (const char* offset : {"20001", "300000", "18446744073709551615"}) {
        const Outcome outcome =
            ask("locate", at("whole"), QStringLiteral("--offset ") + QString::fromLatin1(offset));
        QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {offset, "has 20001 records"}), QString());
        QCOMPARE(outcome.out, QByteArray());
    }
    QCOMPARE(ask("locate", at("whole"), QStringLiteral("--offset 20000")).exitCode, 0);
}

void AnswersTest::locate_offsetThatRetentionRemoved_isAGap()
{
    const QString socket = QStringLiteral("ipc://") + at("trimmed.sock");
    const QStringList arguments =
        runWords(at("trimmed"), QStringLiteral("--retain-bytes 100000 --segment-bytes 16384 "
                                               "--policy fixed:50 --rate 15000 --listen ")
                                    + socket)
            .filter(QRegularExpression(QStringLiteral("^(?!--until-end$)")));
    RunningProgram engine(arguments);
    const auto online = [&] {
        return runProgram(words(QStringLiteral("ctl --connect %1 locate --offset 10").arg(socket)));
    };
    Outcome outcome;
    for (int i = 0; i < 100 && outcome.exitCode != 3; ++i) {
        QTest::qWait(100);
        outcome = online();
    }
    QVERIFY2(outcome.exitCode == 3, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"offset 10", "the first offset that is kept is"}), QString());
    engine.terminate();
    QVERIFY(engine.waitForEnd(20'000));
    const Outcome offline = ask("locate", at("trimmed"), QStringLiteral("--offset 10"));
    QVERIFY2(offline.exitCode == 3, qPrintable(described(offline)));
    const QRegularExpression kept(QStringLiteral("the first offset that is kept is (\\d+)"));
    const QString first = kept.match(QString::fromUtf8(offline.err)).captured(1);
    QVERIFY2(first.toInt() > 10, offline.err.constData());
    QCOMPARE(ask("locate", at("trimmed"), QStringLiteral("--offset ") + first).exitCode, 0);
    QCOMPARE(ask("rebuild", at("trimmed"), QStringLiteral("--from ") + first).exitCode, 0);
}

void AnswersTest::locate_keyThatIsNotThere_saysSo()
{
    const Outcome outcome = ask("locate", at("whole"), QStringLiteral("--key k8"));
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY2(outcome.out.contains("key 'k8': no record with this key"), outcome.out.constData());
}

void AnswersTest::rebuild_rangeThatIsNotThere_isRefused_data()
{
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QByteArray>("said");
    QTest::newRow("--from 10 --to 5") << 2 << QByteArray("ends before it begins");
    QTest::newRow("--from 300000") << 3 << QByteArray("it has 20001 records");
    QTest::newRow("--from 20002") << 3 << QByteArray("it has 20001 records");
    QTest::newRow("--to 300000") << 3 << QByteArray("it has 20001 records");
    QTest::newRow("--from 5 --to 20002") << 3 << QByteArray("it has 20001 records");
    QTest::newRow("--from 30000 --to 30001") << 3 << QByteArray("it has 20001 records");
}

void AnswersTest::rebuild_rangeThatIsNotThere_isRefused()
{
    QFETCH(const int, exitCode);
    QFETCH(const QByteArray, said);
    const QString range = QString::fromLatin1(QTest::currentDataTag());
    for (const QString& more : {QString(), QStringLiteral(" --proof ") + at("proof")}) {
        const Outcome outcome = ask("rebuild", at("whole"), range + more);
        QVERIFY2(outcome.exitCode == exitCode, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {said}), QString());
        QCOMPARE(outcome.out, QByteArray());
        QVERIFY(!QFile::exists(at("proof")));
    }
}

void AnswersTest::rebuild_rangesWithinTheStream_areGiven()
{
    QCOMPARE(ask("rebuild", at("whole"), QStringLiteral("--to 20001")).out, rows_);
    const Outcome last = ask("rebuild", at("whole"), QStringLiteral("--from 20000 --to 20001"));
    QCOMPARE(last.out, QByteArray("19999,k0,1.5\n"));
    const Outcome nothing = ask("rebuild", at("whole"), QStringLiteral("--from 20001"));
    QCOMPARE(nothing.exitCode, 0);
    QCOMPARE(nothing.out, QByteArray());
}

void AnswersTest::directory_withoutAStream_isSaidAlikeByAll_data()
{
    QTest::addColumn<QString>("how");
    for (const char* how : {"no folder", "empty folder", "other files", "no source", "no column"})
        QTest::newRow(how) << QString::fromLatin1(how);
}

void AnswersTest::directory_withoutAStream_isSaidAlikeByAll()
{
    QFETCH(const QString, how);
    QTemporaryDir folder;
    const QString data = folder.filePath(QStringLiteral("adir"));
    if (how != u"no folder") QVERIFY(QDir().mkpath(data));
    if (how == u"other files") QVERIFY(QFile::copy(at("rows.csv"), data + QStringLiteral("/x")));
    QStringList failing = runWords(data);
    if (how == u"no source") failing[2] = QStringLiteral("csv:/no/such/file.csv");
    if (how == u"no column") failing += words(QStringLiteral("--type nocolumn"));
    if (how.startsWith(u"no ") && how != u"no folder") QVERIFY(runProgram(failing).exitCode != 0);
    for (const char* command :
         {"results", "rebuild", "verify", "history", "deadletter", "locate --offset 0"}) {
        const QStringList parts = words(QString::fromLatin1(command));
        const Outcome outcome = runProgram(parts + QStringList{QStringLiteral("--data"), data});
        QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {data.toUtf8() + " holds no stream"}), QString());
        QCOMPARE(outcome.out, QByteArray());
    }
}

void AnswersTest::stream_thatIsEmpty_isAnAnswer()
{
    QFile file(at("header.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("id,key,value\n") > 0);
    file.close();
    QStringList arguments = runWords(at("empty"));
    arguments[2] = QStringLiteral("csv:") + at("header.csv");
    QCOMPARE(runProgram(arguments).exitCode, 0);
    const Outcome results = ask("results", at("empty"));
    QCOMPARE(results.exitCode, 0);
    QCOMPARE(results.out, QByteArray("key,count,sum,min,max\n"));
    for (const char* command : {"rebuild", "verify", "history", "deadletter"})
        QCOMPARE(ask(command, at("empty")).exitCode, 0);
}

void AnswersTest::connect_whereAnotherProgramListens_saysSo()
{
    const Stranger stranger;
    QVERIFY(stranger.port() != 0);
    const QString endpoint = QStringLiteral("tcp://127.0.0.1:%1").arg(stranger.port());
    const Outcome outcome =
        runProgram(words(QStringLiteral("ctl --connect %1 status").arg(endpoint)));
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"another program than foreshard"}), QString());
}

void AnswersTest::word_thatIsUnknown_isNamedWithTheNearest_data()
{
    QTest::addColumn<QByteArrayList>("said");
    const auto row = [](const char* line, const QByteArrayList& said) {
        QTest::newRow(line) << said;
    };
    row("rnu", {"'rnu'", "did you mean run?", "see `foreshard --help`"});
    row("resluts --data x", {"'resluts'", "did you mean results?", "see `foreshard --help`"});
    row("frobnicate", {"'frobnicate'", "it has run, results"});
    row("ctl --connect ipc:///x foo", {"`foreshard ctl` has no command 'foo'", "ctl --help`"});
    row("ctl --connect ipc:///x mvoe 1 2", {"'mvoe'", "did you mean move?"});
    row("ctl --connect ipc:///x", {"no command is given", "`foreshard ctl` has status"});
    row("run --source csv:x --data d --kye k", {"--kye", "did you mean --key?", "run --help`"});
    row("run --source csv:x --data d --untilend", {"--untilend", "did you mean --until-end?"});
    row("run --source csv:x --data d extra", {"extra", "see `foreshard run --help`"});
    row("results --data d --formt=csv", {"--formt", "did you mean --format?"});
    row("results", {"--data is required", "see `foreshard results --help`"});
    row("rebuild --data d --from -5", {"--from", "'-5' is no whole number", "rebuild --help`"});
    row("rebuild --data d --to 010", {"--to", "'010' is no whole number"});
    row("results --data d --as-of 0x10", {"--as-of", "'0x10' is no whole number"});
    row("results --data d --as-of 99999999999999999999", {"--as-of", "99999999999999999999"});
    row("locate --data d --offset=-1", {"--offset", "'-1' is no whole number"});
    row("run --source csv:x --data d --retain-bytes -1", {"--retain-bytes", "'-1'"});
    row("run --source csv:x --data d --disk-reserve -1", {"--disk-reserve", "'-1'"});
    row("run --source csv:x --data d --nodes 4294967297", {"--nodes", "4294967297"});
    row("ctl --connect ipc:///x move -1 0", {"-1"});
    row("ctl --connect ipc:///x --expect-version -1 status", {"--expect-version", "'-1'"});
    row("predict evla", {"'evla'", "did you mean eval?", "see `foreshard predict --help`"});
    row("run --source csv:x --data d --nodes abc", {"--nodes", "abc", "run --help`"});
}

void AnswersTest::word_thatIsUnknown_isNamedWithTheNearest()
{
    QFETCH(const QByteArrayList, said);
    const Outcome outcome = runProgram(words(QString::fromLatin1(QTest::currentDataTag())));
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, said), QString());
}

void AnswersTest::kind_thatNoHistoryHas_isRefused()
{
    const Outcome outcome = ask("history", at("whole"), QStringLiteral("--kind recoverys"));
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"recoverys", "did you mean 'recovery'?", "checkpoint"}),
             QString());
    QCOMPARE(ask("history", at("whole"), QStringLiteral("--kind recovery")).exitCode, 0);
    QCOMPARE(ask("history", at("whole"), QStringLiteral("--kind refused")).exitCode, 0);
}

void AnswersTest::model_thatWasAskedForAndIsNotThere_isRefused()
{
    QStringList arguments = runWords(at("modelless"));
    arguments.removeAll(QStringLiteral("--predictor"));
    arguments.removeAll(QStringLiteral("off"));
    const Outcome gone = runProgram(arguments + words(QStringLiteral("--model nofile.pt")));
    QVERIFY2(gone.exitCode == 2, qPrintable(described(gone)));
    QCOMPARE(missingIn(gone.err, {"--model", "nofile.pt"}), QString());
    const Outcome unused =
        runProgram(runWords(at("modelless")) + words(QStringLiteral("--model nofile.pt")));
    QVERIFY2(unused.exitCode == 2, qPrintable(described(unused)));
    const Outcome folder =
        runProgram(arguments + words(QStringLiteral("--model ") + folder_.path()));
    QVERIFY2(folder.exitCode == 2, qPrintable(described(folder)));
    const Outcome other =
        runProgram(arguments + words(QStringLiteral("--model ") + at("rows.csv")));
    QVERIFY2(other.exitCode == 2, qPrintable(described(other)));
    QCOMPARE(missingIn(other.err, {"rows.json"}), QString());
    QVERIFY(!QFile::exists(at("modelless")));
}

void AnswersTest::predictor_whoseModelIsNotThere_namesTheModel()
{
    const Outcome outcome = runProgram(words(
        QStringLiteral("predictor --listen ipc://%1 --model nofile.pt").arg(at("predictor.sock"))));
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"nofile.pt"}), QString());
}

void AnswersTest::predictor_thatDoesNotAnswer_isSaidOnce()
{
    const QString nobody = QStringLiteral("ipc://") + at("nope.sock");
    QStringList arguments = runWords(at("unforeseen"), QStringLiteral("--rate 2000"));
    arguments.replaceInStrings(QRegularExpression(QStringLiteral("^off$")), nobody);
    RunningProgram engine(arguments);
    QVERIFY(engine.waitForError("does not answer", 15'000));
    QVERIFY(engine.waitForEnd(60'000));
    const Outcome outcome = engine.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(outcome.err.count("does not answer"), 1);
    QVERIFY2(outcome.err.contains(nobody.toUtf8() + " never answered"), outcome.err.constData());
}

void AnswersTest::status_asText_showsTheVersionAndEventsTheirTime()
{
    const QString socket = QStringLiteral("ipc://") + at("shown.sock");
    QStringList arguments = runWords(at("shown"), QStringLiteral("--listen ") + socket);
    arguments.removeAll(QStringLiteral("--until-end"));
    const RunningProgram engine(arguments);
    const auto ctl = [&](const char* what) {
        return runProgram(
            words(QStringLiteral("ctl --connect %1 %2").arg(socket, QLatin1String(what))));
    };
    const Outcome status = ctl("status");
    const QRegularExpression version(QStringLiteral("shard map version \\d+"));
    QVERIFY2(version.match(QString::fromUtf8(status.out)).hasMatch(), status.out.constData());
    // Until something happens there are none.
    Outcome events;
    for (int i = 0; i < 50 && events.out.isEmpty(); ++i) {
        for (const char* move : {"move 0 0", "move 0 1"})
            ctl(move);
        events = ctl("events");
    }
    const QRegularExpression time(
        QStringLiteral("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} info "));
    QVERIFY2(time.match(QString::fromUtf8(events.out)).hasMatch(), events.out.constData());
}

void AnswersTest::move_toWhereItIs_saysNothingElse()
{
    const QString socket = QStringLiteral("ipc://") + at("moved.sock");
    QStringList arguments = runWords(at("moved"), QStringLiteral("--listen ") + socket);
    arguments.removeAll(QStringLiteral("--until-end"));
    const RunningProgram engine(arguments);
    const auto ctl = [&](const QString& what) {
        return runProgram(words(QStringLiteral("ctl --connect %1 %2").arg(socket, what)));
    };
    QJsonArray shards;
    for (int i = 0; i < 50 && shards.size() < 4; ++i)
        shards = parseJson(ctl(QStringLiteral("shards --json")).out)[u"shards"].toArray();
    const int node = shards[3][u"node"].toInt();
    const Outcome outcome = ctl(QStringLiteral("move 3 %1").arg(node));
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(outcome.out, "shard 3: it is on node " + QByteArray::number(node) + " already\n");
}

void AnswersTest::option_ofEveryCommand_isInTheManPage_data()
{
    QTest::addColumn<QString>("command");
    for (const char* command : {"run", "results", "rebuild", "locate", "verify", "history",
                                "deadletter", "predictor", "sink", "ctl", "ctl locate"})
        QTest::newRow(command) << QString::fromLatin1(command);
}

void AnswersTest::option_ofEveryCommand_isInTheManPage()
{
    QFile file(QStringLiteral(FORESHARD_SOURCE_DIR "/installer/foreshard.1"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString page = QString::fromUtf8(file.readAll()).remove(QLatin1Char('\\'));
    QFETCH(const QString, command);
    const Outcome help = runProgram(words(command) + QStringList{QStringLiteral("--help")});
    QCOMPARE(help.exitCode, 0);
    const QRegularExpression option(QStringLiteral("^  (?:-\\w,)?(--[a-z-]+|[a-z]{4,})(?= |$)"),
                                    QRegularExpression::MultilineOption);
    int found = 0;
    auto names = option.globalMatch(QString::fromUtf8(help.out));
    while (names.hasNext()) {
        const QString name = names.next().captured(1);
        ++found;
        const QRegularExpression whole(QStringLiteral("(?<![a-z-])%1(?![a-z-])").arg(name));
        QVERIFY2(whole.match(page).hasMatch(), qPrintable(name + QStringLiteral(" is not there")));
    }
    QVERIFY(found > 1);
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::AnswersTest)
#include "tst_answers.moc"
