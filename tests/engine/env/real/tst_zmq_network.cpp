#include "engine/env/real/strand_thread.h"
#include "engine/env/real/zmq_network.h"

#include <QTemporaryDir>
#include <QtTest>

#include <condition_variable>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <sys/stat.h>
#include <thread>
#include <utility>
#include <vector>

using namespace foreshard;

namespace {

using Letter = std::pair<std::string, Bytes>;

// What arrived, read from the test's thread.
class Post {
public:
    Network::Handler handler()
    {
        return [this](const std::string& from, Bytes message) {
            const std::lock_guard lock(mutex_);
            letters_.emplace_back(from, std::move(message));
            changed_.notify_all();
        };
    }
    bool waitFor(std::size_t count, Nanos patience = 10s)
    {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, patience, [&] { return letters_.size() >= count; });
    }
    std::vector<Letter> letters()
    {
        const std::lock_guard lock(mutex_);
        return letters_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Letter> letters_;
};

// Closes a name where its handler runs, as the contract wants.
void closeOn(StrandThread& strand, Network& network, const std::string& name)
{
    std::promise<void> done;
    strand.post([&] {
        network.close(name);
        done.set_value();
    });
    done.get_future().wait();
}

// Sends until something arrives: after a reconnect the first ones may be lost.
bool sendUntil(Network& network, const std::string& to, const Bytes& message, Post& post,
               std::size_t count)
{
    for (int i = 0; i < 100; ++i) {
        network.send("", to, message);
        if (post.waitFor(count, 100ms)) return true;
    }
    return false;
}

}  // namespace

class ZmqNetworkTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void messages_withinTheProcess_allArriveInOrder();
    void message_whenBig_arrivesWhole();
    void open_whenTaken_isBusy();
    void close_whenMessagesWait_startsNoFurtherHandler();
    void handler_whenItClosesItself_survives();
    void name_whenReopened_getsOnlyNewMessages();
    void send_toNobody_isDropped();
    void send_toASlowStrand_isBounded();
    void peers_overIpc_talkBothWays();
    void peers_overTcp_carryMegabytes();
    void dialer_whenTheListenerRestarts_reconnects();
    void listen_whenSomebodyAnswers_isBusyAndStaleFilesGo();
    void listen_toWhatIsNoSocket_leavesItAlone();
    void listen_withBadAddresses_saysWhy();
};

void ZmqNetworkTest::messages_withinTheProcess_allArriveInOrder()
{
    constexpr int kMessages = 10'000;
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    QVERIFY(network.open("node/3", strand, post.handler()).ok());
    for (int i = 0; i < kMessages; ++i)
        network.send("edge", "node/3", std::to_string(i));
    QVERIFY(post.waitFor(kMessages));
    strand.stop();
    const auto letters = post.letters();
    QCOMPARE(letters.size(), std::size_t{kMessages});
    for (int i = 0; i < kMessages; ++i) {
        const Letter& letter = letters[static_cast<std::size_t>(i)];
        QVERIFY(letter.first == "edge" && letter.second == std::to_string(i));
    }
}

void ZmqNetworkTest::message_whenBig_arrivesWhole()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    QVERIFY(network.open("edge", strand, post.handler()).ok());
    const Bytes big(1U << 20U, 'x');
    network.send("", "edge", big);
    network.send("a", "edge", "");
    QVERIFY(post.waitFor(2));
    strand.stop();
    QVERIFY(post.letters()[0] == Letter("", big));
    QVERIFY(post.letters()[1] == Letter("a", ""));
}

void ZmqNetworkTest::open_whenTaken_isBusy()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    QVERIFY(network.open("control", strand, post.handler()).ok());
    QCOMPARE(network.open("control", strand, post.handler()).error().code, Errc::kBusy);
    QCOMPARE(network.open("peer:00", strand, post.handler()).error().code, Errc::kInvalid);
    strand.stop();
}

void ZmqNetworkTest::close_whenMessagesWait_startsNoFurtherHandler()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    QVERIFY(network.open("node/1", strand, post.handler()).ok());
    strand.post([&] {
        for (int i = 0; i < 100; ++i)
            network.send("edge", "node/1", "late");
        strand.spend(20ms, false);  // they are posted behind this task by now
        network.close("node/1");
    });
    strand.post([&strand] { strand.spend(20ms, false); });
    closeOn(strand, network, "node/1");
    strand.stop();
    QVERIFY(post.letters().empty());
}

void ZmqNetworkTest::handler_whenItClosesItself_survives()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    std::promise<Bytes> outcome;
    const auto token = std::make_shared<Bytes>("still here");
    QVERIFY(network
                .open("once", strand,
                      [&network, &outcome, token](const std::string&, const Bytes&) {
                          network.close("once");
                          outcome.set_value(*token);
                      })
                .ok());
    network.send("", "once", "1");
    network.send("", "once", "2");
    QVERIFY(outcome.get_future().get() == "still here");
    strand.stop();
    QCOMPARE(token.use_count(), 1L);
}

void ZmqNetworkTest::name_whenReopened_getsOnlyNewMessages()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    for (int round = 0; round < 20; ++round) {
        Post post;
        const Bytes word = "round " + std::to_string(round);
        QVERIFY(network.open("node/1", strand, post.handler()).ok());
        network.send("edge", "node/1", word);
        QVERIFY(post.waitFor(1));
        QVERIFY(post.letters().front().second == word);
        network.send("edge", "node/1", "too late");
        closeOn(strand, network, "node/1");
    }
    strand.stop();
}

void ZmqNetworkTest::send_toNobody_isDropped()
{
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    network.send("edge", "nobody", "lost");
    network.send("edge", "peer:0011223344", "lost");
    network.send("edge", "peer:not hex", "lost");
    network.close("nobody");
    QVERIFY(network.open("nobody", strand, post.handler()).ok());
    network.send("edge", "nobody", "found");
    QVERIFY(post.waitFor(1));
    strand.stop();
    QCOMPARE(post.letters().size(), std::size_t{1});
}

void ZmqNetworkTest::send_toASlowStrand_isBounded()
{
    constexpr std::size_t kSent = 300'000;
    constexpr std::size_t kMax = 200'000;  // the pipe and the strand hold 100000 each
    StrandThread strand("test-net");
    ZmqNetwork network;
    Post post;
    std::promise<void> release;
    strand.post([&release] { release.get_future().wait(); });
    QVERIFY(network.open("slow", strand, post.handler()).ok());
    for (std::size_t i = 0; i < kSent; ++i)
        network.send("", "slow", "x");
    release.set_value();
    QVERIFY(post.waitFor(50'000));
    strand.stop();
    QVERIFY(post.letters().size() <= kMax);
}

void ZmqNetworkTest::peers_overIpc_talkBothWays()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("control.sock")).toStdString();
    StrandThread strand("test-net");
    {
        ZmqNetwork server;
        ZmqNetwork client;
        Post atServer;
        Post atClient;
        QVERIFY(server.open("control", strand, atServer.handler()).ok());
        QVERIFY(client.open("console", strand, atClient.handler()).ok());
        QVERIFY(server.listen("ipc://" + path, "control").ok());
        QVERIFY(client.dial("ipc://" + path, "engine", "console").ok());
        QCOMPARE(client.dial("ipc://" + path, "engine", "console").error().code, Errc::kBusy);
        struct stat info = {};
        QCOMPARE(::stat(path.c_str(), &info), 0);
        QCOMPARE(info.st_mode & 0777U, mode_t{0600});

        client.send("console", "engine", "first");
        QVERIFY(atServer.waitFor(1));
        const Letter question = atServer.letters().front();
        QVERIFY(question.first.starts_with("peer:"));
        QVERIFY(question.second == "first");
        for (int i = 0; i < 100; ++i)
            server.send("control", question.first, std::to_string(i));
        QVERIFY(atClient.waitFor(100));
        for (std::size_t i = 0; i < 100; ++i)
            QVERIFY(atClient.letters()[i] == Letter("engine", std::to_string(i)));
        strand.stop();
    }
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
}

void ZmqNetworkTest::peers_overTcp_carryMegabytes()
{
    StrandThread strand("test-net");
    ZmqNetwork server;
    ZmqNetwork client;
    Post atServer;
    QVERIFY(server.open("control", strand, atServer.handler()).ok());
    std::string endpoint;
    for (int port = 42'100; port < 42'200 && endpoint.empty(); ++port) {
        const std::string wanted = "tcp://127.0.0.1:" + std::to_string(port);
        const Status status = server.listen(wanted, "control");
        if (status.ok())
            endpoint = wanted;
        else
            QCOMPARE(status.error().code, Errc::kBusy);
    }
    QVERIFY(!endpoint.empty());
    QCOMPARE(server.listen(endpoint, "control").error().code, Errc::kBusy);
    QVERIFY(client.dial(endpoint, "engine", "console").ok());
    const Bytes big(8U << 20U, 'x');
    client.send("", "engine", Bytes((64U << 20U) + 1, 'y'));
    client.send("", "engine", big);
    QVERIFY(atServer.waitFor(1));
    strand.stop();
    QVERIFY(atServer.letters().front().second == big);
}

void ZmqNetworkTest::dialer_whenTheListenerRestarts_reconnects()
{
    const QTemporaryDir folder;
    const std::string endpoint =
        "ipc://" + folder.filePath(QStringLiteral("control.sock")).toStdString();
    StrandThread strand("test-net");
    ZmqNetwork client;
    Post atClient;
    QVERIFY(client.open("console", strand, atClient.handler()).ok());
    QVERIFY(client.dial(endpoint, "engine", "console").ok());
    client.send("", "engine", "nobody is there");
    for (std::size_t round = 1; round <= 2; ++round) {
        StrandThread serverStrand("test-server");
        ZmqNetwork server;
        Post atServer;
        QVERIFY(server.open("control", serverStrand, atServer.handler()).ok());
        QVERIFY(server.listen(endpoint, "control").ok());
        const Bytes word = "round " + std::to_string(round);
        QVERIFY(sendUntil(client, "engine", word, atServer, 1));
        QVERIFY(atServer.letters().front().second == word);
        server.send("", atServer.letters().front().first, word);
        QVERIFY(atClient.waitFor(round));
        QVERIFY(atClient.letters().back() == Letter("engine", word));
        serverStrand.stop();
    }
    strand.stop();
}

void ZmqNetworkTest::listen_whenSomebodyAnswers_isBusyAndStaleFilesGo()
{
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("control.sock")).toStdString();
    ZmqNetwork second;
    {
        ZmqNetwork first;
        QVERIFY(first.listen("ipc://" + path, "control").ok());
        const Status busy = second.listen("ipc://" + path, "control");
        QCOMPARE(busy.error().code, Errc::kBusy);
        QVERIFY(busy.error().message.find(path) != std::string::npos);
        // What a killed program leaves behind: the file, and nobody who answers.
        QCOMPARE(::rename(path.c_str(), (path + ".kept").c_str()), 0);
    }
    QCOMPARE(::rename((path + ".kept").c_str(), path.c_str()), 0);
    QVERIFY(second.listen("ipc://" + path, "control").ok());
}

void ZmqNetworkTest::listen_toWhatIsNoSocket_leavesItAlone()
{
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("precious")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.close();
    ZmqNetwork network;
    const Status status = network.listen("ipc://" + file.fileName().toStdString(), "control");
    QCOMPARE(status.error().code, Errc::kInvalid);
    QVERIFY(file.exists());
}

void ZmqNetworkTest::listen_withBadAddresses_saysWhy()
{
    ZmqNetwork network;
    for (const char* endpoint :
         {"tcp://*:7070", "tcp://0.0.0.0:7070", "tcp://eth0:7070", "tcp://[::]:7070",
          "tcp://192.168.1.1:7070", "ws://*:7070", "tcp://", "nonsense", "ftp://127.0.0.1:1",
          "tcp://*:*", "tcp://[::ffff:0.0.0.0]:7070", "udp://127.0.0.1:7070"}) {
        const Status status = network.listen(endpoint, "control");
        QVERIFY2(!status.ok(), endpoint);
        QCOMPARE(status.error().code, Errc::kInvalid);
    }
    QCOMPARE(network.listen("ipc:///no/such/folder/x", "control").error().code, Errc::kNotFound);
    QCOMPARE(network.dial("nonsense", "engine", "control").error().code, Errc::kInvalid);
}

QTEST_GUILESS_MAIN(ZmqNetworkTest)
#include "tst_zmq_network.moc"
