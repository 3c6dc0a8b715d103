// Somebody reaches the endpoint of `run --listen` and says everything that the parts of an engine
// say to each other. Nothing of it is done, and it is counted.
#include "engine/base/split_mix.h"
#include "engine/env/real/zmq_network.h"
#include "engine/simulation/hostile_messages.h"
#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <memory>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace foreshard;
using namespace foreshard::e2e;

namespace {

constexpr sim::Prey kPrey{3, 8};
constexpr int kMessages = 12'000;  // of which a few may be lost on the way
constexpr int kCounted = 10'000;

// A peer that can say anything.
class Attacker {
public:
    explicit Attacker(const QString& endpoint)
    {
        dialed_ = network_.dial(endpoint.toStdString(), "engine", "nobody").ok();
    }
    bool dialed() const { return dialed_; }
    void say(Bytes message) { network_.send("", "engine", std::move(message)); }
    // Every kind in turn.
    void sayEverything(int messages)
    {
        for (int i = 0; i < messages; ++i) {
            const std::size_t kind = static_cast<std::size_t>(i) % sim::kHostileKinds;
            say(sim::hostileMessage(random_, kPrey, kind));
            if (i % 200 == 199) QTest::qWait(10);
        }
    }
    // Well-formed envelopes whose content is changed at random.
    void sayMutations(int milliseconds)
    {
        QElapsedTimer timer;
        timer.start();
        for (int i = 0; timer.elapsed() < milliseconds; ++i) {
            say(mutation());
            if (i % 200 == 199) QTest::qWait(10);
        }
    }

private:
    Bytes mutation()
    {
        Bytes bytes = sim::hostileMessage(random_, kPrey, random_.below(sim::kHostileKinds));
        const Result<EnvelopeView> envelope = openEnvelope(bytes);
        std::uint16_t type = envelope->type;
        Bytes payload(envelope->payload);
        for (std::uint64_t left = 1 + random_.below(8); left > 0 && !payload.empty(); --left) {
            const std::size_t at = random_.below(payload.size());
            payload[at] = static_cast<char>(random_.below(256));
        }
        if (random_.chance(100)) type = static_cast<std::uint16_t>(random_.below(300));
        // What outsiders may say is another matter.
        if (type == static_cast<std::uint16_t>(WireType::kCommand)) type = 0;
        Bytes sealed = seal(type, payload);
        if (random_.chance(100)) sealed[random_.below(sealed.size())] ^= '\x10';
        if (random_.chance(50)) sealed.resize(random_.below(sealed.size()));
        return sealed;
    }

    SplitMix64 random_{9};
    ZmqNetwork network_;
    bool dialed_ = false;
};

qint64 rssKilobytes(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/status").arg(pid));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.startsWith("VmRSS:")) return line.mid(6).trimmed().split(' ').first().toLongLong();
    }
    return 0;
}

// A connection without a library that would keep to the rules.
class RawPeer {
public:
    explicit RawPeer(const QString& path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        path.toStdString().copy(address.sun_path, sizeof address.sun_path - 1);
        const auto* generic = static_cast<const sockaddr*>(static_cast<const void*>(&address));
        connected_ = ::connect(fd_, generic, sizeof address) == 0;
    }
    ~RawPeer() { ::close(fd_); }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    bool connected() const { return connected_; }
    // False once the other side has closed.
    bool say(const QByteArray& bytes) const
    {
        qsizetype at = 0;
        while (at < bytes.size()) {
            const ssize_t put = ::send(fd_, bytes.constData() + at,
                                       static_cast<std::size_t>(bytes.size() - at), MSG_NOSIGNAL);
            if (put <= 0) return false;
            at += put;
        }
        return true;
    }
    int waitingBytes() const
    {
        int bytes = 0;
        return ::ioctl(fd_, FIONREAD, &bytes) == 0 ? bytes : -1;
    }
    bool isClosed() const
    {
        pollfd item{fd_, 0, 0};
        return ::poll(&item, 1, 0) == 1 && (item.revents & POLLHUP) != 0;
    }
    // Greeting and handshake of a dealer.
    bool greet() const
    {
        QByteArray greeting(64, '\0');
        greeting[0] = '\xFF';
        greeting[9] = '\x7F';
        greeting[10] = 3;
        greeting.replace(12, 4, "NULL");
        QByteArray ready = QByteArray("\x05READY\x0BSocket-Type", 18) + QByteArray(3, '\0')
                           + QByteArray(
                               "\x06"
                               "DEALER\x08Identity",
                               16)
                           + QByteArray(4, '\0');
        ready.prepend(static_cast<char>(ready.size()));
        ready.prepend('\x04');
        return say(greeting + ready);
    }

private:
    int fd_;
    bool connected_ = false;
};

}  // namespace

class HostileSendersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { folder_ = std::make_unique<QTemporaryDir>(); }
    void messagesOfTheEnginesParts_fromOutside_changeNothingButTheCounter();
    void engine_afterAnAttack_endsWithinFiveSecondsOfSigterm();
    void bigMessages_fromManyPeers_areBoundedAndTheirMemoryIsGivenBack();
    void messageOfManyParts_thatNeverEnds_endsTheConnection();
    void connectionsWithoutEnd_costNeitherTheEngineNorItsAnswers();
    void peer_thatAsksAndReadsNothing_isLetGo();
    void endpoint_thatOtherMachinesReach_isRefused_data();
    void endpoint_thatOtherMachinesReach_isRefused();

private:
    QString path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)); }
    QString endpoint() const { return QStringLiteral("ipc://") + path("engine.sock"); }
    QStringList runOn(const StreamFile& stream, int rate) const
    {
        return QStringList{QStringLiteral("run"),
                           QStringLiteral("--data"),
                           path("data"),
                           QStringLiteral("--nodes"),
                           QString::number(kPrey.nodes),
                           QStringLiteral("--shards"),
                           QString::number(kPrey.shards),
                           QStringLiteral("--predictor"),
                           QStringLiteral("off"),
                           QStringLiteral("--rate"),
                           QString::number(rate),
                           QStringLiteral("--listen"),
                           endpoint(),
                           QStringLiteral("--report"),
                           path("report.json")}
               + stream.fromFile();
    }
    bool listens() const
    {
        for (int i = 0; i < 100; ++i) {
            if (QFile::exists(path("engine.sock"))) return true;
            QTest::qWait(50);
        }
        return false;
    }
    qint64 refused() const
    {
        const QJsonObject report = readJson(path("report.json"));
        return static_cast<qint64>(report.value(QStringLiteral("refused_messages")).toDouble());
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

void HostileSendersTest::messagesOfTheEnginesParts_fromOutside_changeNothingButTheCounter()
{
    const int millis = std::max(3'000, qEnvironmentVariableIntValue("FORESHARD_HOSTILE_MILLIS"));
    const StreamFile stream = makeCsv(folder_->path(), 6'000, 3);
    RunningProgram engine(runOn(stream, 6'000'000 / (millis + 4'000))
                          << QStringLiteral("--until-end"));
    QVERIFY(listens());
    Attacker attacker(endpoint());
    QVERIFY(attacker.dialed());
    attacker.sayEverything(kMessages);
    QVERIFY(engine.running());
    attacker.sayMutations(millis);
    QVERIFY(engine.waitForEnd(60'000));
    const Outcome outcome = engine.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY2(refused() > kCounted, qPrintable(QString::number(refused())));
    const QString wrong = inexact(path("data"), stream);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    const QJsonObject report = readJson(path("report.json"));
    QCOMPARE(report.value(QStringLiteral("dead_letters")).toInt(), 0);
}

void HostileSendersTest::engine_afterAnAttack_endsWithinFiveSecondsOfSigterm()
{
    const StreamFile stream = makeCsv(folder_->path(), 20'000, 4);
    RunningProgram engine(runOn(stream, 1'000));
    QVERIFY(listens());
    Attacker attacker(endpoint());
    attacker.sayEverything(4'000);
    attacker.sayMutations(500);
    engine.terminate();
    QVERIFY(engine.waitForEnd(5'000));
    const Outcome outcome = engine.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const Outcome verified =
        runProgram({QStringLiteral("verify"), QStringLiteral("--data"), path("data")});
    QVERIFY2(verified.exitCode == 0, qPrintable(described(verified)));
}

void HostileSendersTest::bigMessages_fromManyPeers_areBoundedAndTheirMemoryIsGivenBack()
{
    const StreamFile stream = makeCsv(folder_->path(), 20'000, 5);
    RunningProgram engine(runOn(stream, 1'000));
    QVERIFY(listens());
    QTest::qWait(500);
    const qint64 before = rssKilobytes(engine.pid());
    std::vector<std::unique_ptr<Attacker>> peers;
    for (int i = 0; i < 6; ++i)
        peers.push_back(std::make_unique<Attacker>(endpoint()));
    qint64 most = 0;
    for (int round = 0; round < 40; ++round) {
        for (const auto& peer : peers) {
            peer->say(Bytes(1'000'000, 'x'));
            if (round % 20 == 19) peer->say(Bytes(62'000'000, 'y'));
        }
        QTest::qWait(25);
        most = std::max(most, rssKilobytes(engine.pid()));
    }
    peers.clear();
    QTRY_VERIFY2_WITH_TIMEOUT(rssKilobytes(engine.pid()) - before < 16 * 1024,
                              qPrintable(QString::number(rssKilobytes(engine.pid()) - before)),
                              2'500);
    QVERIFY2(most - before < 64 * 1024, qPrintable(QString::number(most - before)));
    engine.terminate();
    QVERIFY(engine.waitForEnd(5'000));
    QCOMPARE(engine.outcome().exitCode, 0);
}

void HostileSendersTest::messageOfManyParts_thatNeverEnds_endsTheConnection()
{
    const StreamFile stream = makeCsv(folder_->path(), 20'000, 7);
    RunningProgram engine(runOn(stream, 1'000));
    QVERIFY(listens());
    QTest::qWait(500);
    const qint64 before = rssKilobytes(engine.pid());
    for (const int length : {1, 250}) {
        const RawPeer peer(path("engine.sock"));
        QVERIFY(peer.connected() && peer.greet());
        QByteArray parts;
        for (int i = 0; i < 4'000; ++i)
            parts += QByteArray("\x01") + static_cast<char>(length) + QByteArray(length, 'x');
        bool open = true;
        for (int i = 0; open && i < 500; ++i)
            open = peer.say(parts);
        QVERIFY(!open);
    }
    QVERIFY(rssKilobytes(engine.pid()) - before < 16 * 1024);
    engine.terminate();
    QVERIFY(engine.waitForEnd(5'000));
    QCOMPARE(engine.outcome().exitCode, 0);
}

void HostileSendersTest::connectionsWithoutEnd_costNeitherTheEngineNorItsAnswers()
{
    const StreamFile stream = makeCsv(folder_->path(), 20'000, 8);
    QProcess engine;
    engine.start(
        QStringLiteral("bash"),
        QStringList{QStringLiteral("-c"), QStringLiteral("ulimit -c 0; ulimit -n 256; exec \"$@\""),
                    QStringLiteral("sh"), programPath()}
            + runOn(stream, 1'000));
    QVERIFY(engine.waitForStarted() && listens());
    {
        std::vector<std::unique_ptr<RawPeer>> peers;
        for (int i = 0; i < 600; ++i) {
            peers.push_back(std::make_unique<RawPeer>(path("engine.sock")));
            static_cast<void>(peers.back()->greet());
        }
        QTest::qWait(1'000);
        QCOMPARE(engine.state(), QProcess::Running);
    }
    const QStringList status{QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint(),
                             QStringLiteral("status")};
    Outcome answer = runProgram(status);
    for (int i = 0; i < 5 && answer.exitCode != 0; ++i)
        answer = runProgram(status);
    QVERIFY2(answer.exitCode == 0, qPrintable(described(answer)));
    engine.terminate();
    QVERIFY(engine.waitForFinished(5'000));
    QCOMPARE(engine.exitStatus(), QProcess::NormalExit);
    QCOMPARE(engine.exitCode(), 0);
}

// As a `ctl` that is stopped with ^Z, with more on its way to it than the sockets hold.
void HostileSendersTest::peer_thatAsksAndReadsNothing_isLetGo()
{
    const StreamFile stream = makeCsv(folder_->path(), 20'000, 10);
    RunningProgram engine(runOn(stream, 500));
    QVERIFY(listens());
    const RawPeer peer(path("engine.sock"));
    QVERIFY(peer.connected() && peer.greet());
    QTRY_VERIFY(peer.waitingBytes() > 64);  // behind the handshake
    const Bytes wish = encode(Message{Command{.id = 1, .body = StatusCommand{}}});
    QVERIFY(wish.size() < 256);
    QByteArray frame(1, '\0');
    frame += static_cast<char>(wish.size());
    frame += QByteArray::fromStdString(wish);
    // Until its socket takes no more: then the door keeps some of it, while ZeroMQ still gets its
    // heartbeat rid and finds that nobody answers.
    int waiting = 0;
    for (int unchanged = 0, asked = 0; unchanged < 3 && asked < 300; ++asked) {
        QVERIFY(peer.say(frame));
        QTest::qWait(20);
        unchanged = peer.waitingBytes() > waiting ? 0 : unchanged + 1;
        waiting = peer.waitingBytes();
    }
    QVERIFY(!peer.isClosed() && waiting > 100'000);
    QTRY_VERIFY_WITH_TIMEOUT(peer.isClosed(), 30'000);
    engine.terminate();
    QVERIFY(engine.waitForEnd(5'000));
    QCOMPARE(engine.outcome().exitCode, 0);
}

void HostileSendersTest::endpoint_thatOtherMachinesReach_isRefused_data()
{
    QTest::addColumn<QString>("endpoint");
    for (const char* text : {"tcp://0.0.0.0:42310", "tcp://*:42310", "tcp://[::]:42310",
                             "tcp://192.0.2.1:42310", "ws://127.0.0.1:42310"})
        QTest::newRow(text) << QString::fromLatin1(text);
}

void HostileSendersTest::endpoint_thatOtherMachinesReach_isRefused()
{
    QFETCH(const QString, endpoint);
    const StreamFile stream = makeCsv(folder_->path(), 10, 6);
    QStringList arguments = runOn(stream, 1'000);
    arguments.replaceInStrings(this->endpoint(), endpoint);
    const QStringList sink{QStringLiteral("sink"), QStringLiteral("--listen"), endpoint,
                           QStringLiteral("--out"), QStringLiteral("jsonl:") + path("rows")};
    for (const QStringList& words : {arguments, sink}) {
        const Outcome outcome = runProgram(words);
        QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
        QVERIFY2(outcome.err.contains("listen at"), outcome.err.constData());
    }
}

QTEST_GUILESS_MAIN(HostileSendersTest)
#include "tst_hostile_senders.moc"
