#include "engine/env/real/zmtp_check.h"

#include <QtTest>

namespace foreshard {
namespace {

constexpr std::uint64_t kMax = 1000;

Bytes greeting(char major = 3)
{
    Bytes bytes(64, '\0');
    bytes[0] = '\xFF';
    bytes[9] = '\x7F';
    bytes[10] = major;
    bytes.replace(12, 4, "NULL");
    return bytes;
}

Bytes frame(char flags, std::size_t length)
{
    Bytes bytes(1, flags);
    if ((flags & 2) == 0) {
        bytes += static_cast<char>(length);
    } else {
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes += static_cast<char>(length >> static_cast<unsigned>(shift));
    }
    return bytes + Bytes(std::min<std::size_t>(length, 2 * kMax), 'x');
}

}  // namespace

class ZmtpCheckTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void commandsAndMessagesOfOnePart_pass_howeverTheyAreCut();
    void whatZeroMqMustNotSee_endsTheConnection_data();
    void whatZeroMqMustNotSee_endsTheConnection();
};

void ZmtpCheckTest::commandsAndMessagesOfOnePart_pass_howeverTheyAreCut()
{
    const Bytes stream = greeting() + frame(4, 30) + frame(0, 0) + frame(0, 255) + frame(2, kMax)
                         + frame(6, 300) + frame(0, 1);
    for (std::size_t cut = 1; cut < 80; ++cut) {
        ZmtpCheck check(kMax);
        for (std::size_t at = 0; at < stream.size(); at += cut)
            QVERIFY(check.take(BytesView(stream).substr(at, cut)));
    }
}

void ZmtpCheckTest::whatZeroMqMustNotSee_endsTheConnection_data()
{
    QTest::addColumn<QByteArray>("stream");
    const auto row = [](const char* name, const Bytes& bytes) {
        QTest::newRow(name) << QByteArray::fromStdString(bytes);
    };
    row("a part with more behind it", greeting() + frame(1, 10));
    row("a long part with more behind it", greeting() + frame(3, 10));
    row("a command with more behind it", greeting() + frame(5, 10));
    row("a message over the limit", greeting() + frame(2, kMax + 1));
    row("a message of 2^64-1 bytes", greeting() + frame(2, ~std::size_t{0}));
    row("a command over the limit", greeting() + frame(6, ZmtpCheck::kCommandBytesMax + 1));
    row("flags that no version has", greeting() + frame(8, 1));
    row("an older version", greeting(2));
    row("version 1, without a signature", Bytes("\x01\x00", 2));
    row("http", "GET / HTTP/1.1\r\n");
}

void ZmtpCheckTest::whatZeroMqMustNotSee_endsTheConnection()
{
    QFETCH(QByteArray, stream);
    ZmtpCheck check(kMax);
    QVERIFY(!check.take(stream.toStdString()));
}

}  // namespace foreshard

QTEST_GUILESS_MAIN(foreshard::ZmtpCheckTest)
#include "tst_zmtp_check.moc"
