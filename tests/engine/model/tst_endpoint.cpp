#include "engine/model/endpoint.h"

#include <QtTest>

using namespace foreshard;

class EndpointTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wellWritten_isTaken()
    {
        for (const char* text :
             {"tcp://127.0.0.1:1", "tcp://localhost:7070", "tcp://[::1]:65535", "tcp://host.lan:80",
              "ipc:///run/a.sock", "ipc://relative.sock", "ipc://@abstract", "inproc://name"})
            QVERIFY2(checkEndpoint("--listen", text).ok(), text);
    }

    void badlyWritten_isRefusedWithTheCause_data()
    {
        QTest::addColumn<QString>("cause");
        const auto row = [](const char* text, const char* cause) {
            QTest::newRow(text) << QString::fromLatin1(cause);
        };
        row("", "this is no endpoint");
        row("127.0.0.1:7070", "this is no endpoint");
        row("TCP://127.0.0.1:7070", "this is no endpoint");
        row("tcp://", "it has no port");
        row("tcp://127.0.0.1", "it has no port");
        row("tcp://127.0.0.1:", "it has no port");
        row("tcp://[::1]", "it has no port");
        row("tcp://:7070", "it has no address");
        row("tcp://127.0.0.1:0", "port 0 means any port");
        row("tcp://127.0.0.1:00000", "port 0 means any port");
        row("tcp://127.0.0.1:*", "'*' is no port");
        row("tcp://127.0.0.1:-1", "'-1' is no port");
        row("tcp://127.0.0.1: 7070", "this is no address");
        row("tcp://127.0.0.1:7070/x", "this is no address");
        row("tcp://127.0.0.1:70a", "'70a' is no port");
        row("tcp://127.0.0.1:65536", "there is no port 65536");
        row("tcp://127.0.0.1:22999999", "there is no port 22999999");
        row("tcp://127.0.0.1:4294967297", "there is no port 4294967297");
        row("tcp://127.0.0.1:18446744073709551617", "there is no port 18446744073709551617");
        row("tcp://127.0.0.1:80;127.0.0.2:80", "this is no address");
        row("ipc://", "it has no path");
        row("ipc://@", "it has no path");
        row("ipc://*", "* means any path");
        row("inproc://", "it has no name");
    }

    void badlyWritten_isRefusedWithTheCause()
    {
        QFETCH(const QString, cause);
        const Status status = checkEndpoint("--listen", QTest::currentDataTag());
        QVERIFY(!status.ok());
        QCOMPARE(status.error().code, Errc::kInvalid);
        const QString message = QString::fromStdString(status.error().message);
        QVERIFY2(message.contains(QStringLiteral(": ") + cause), qPrintable(message));
    }

    void path_tooLongForASocket_isRefused()
    {
        const std::string longest(107, 'a');
        QVERIFY(checkEndpoint("--listen", "ipc://" + longest).ok());
        QVERIFY(!checkEndpoint("--listen", "ipc://a" + longest).ok());
    }
};

QTEST_GUILESS_MAIN(EndpointTest)
#include "tst_endpoint.moc"
