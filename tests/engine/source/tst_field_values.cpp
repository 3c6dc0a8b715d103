// Numbers, times, UTF-8, and the words of --source.
#include "engine/source/field_values.h"
#include "engine/source/nearest_name.h"
#include "engine/source/source_uri.h"
#include "engine/source/utf8.h"

#include <QtTest>

using namespace foreshard;

class FieldValuesTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void number_isTheWholeTrimmedField_data();
    void number_isTheWholeTrimmedField();
    void time_isReadInEveryForm_data();
    void time_isReadInEveryForm();
    void utf8_isToldFromOtherBytes_data();
    void utf8_isToldFromOtherBytes();
    void plainAscii_isToldFromAnyOtherByte();
    void uri_isTakenApart();
    void uri_thatIsNotKnown_namesWhatIs_data();
    void uri_thatIsNotKnown_namesWhatIs();
    void advice_namesTheNearest();
};

void FieldValuesTest::number_isTheWholeTrimmedField_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("ok");
    QTest::addColumn<double>("value");
    const auto row = [](const char* text, bool ok, double value) {
        QTest::newRow(text) << QByteArray(text) << ok << value;
    };
    row("12", true, 12);
    row(" \t-1.5e3 ", true, -1500);
    row("+.5", true, 0.5);
    row("", false, 0);
    row("1x", false, 0);
    row("1 2", false, 0);
    row("nan", false, 0);
    row("inf", false, 0);
    row("1e999", false, 0);
    row("1e-400", true, 0);
    row("-0.000e99999999999999999999", true, 0);
    row("1e99999999999999999999", false, 0);
    row("+-1", false, 0);
    row("0x10", false, 0);
    row("1,5", false, 0);
}

void FieldValuesTest::number_isTheWholeTrimmedField()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, ok);
    QFETCH(double, value);
    const auto number = parseNumber(text.toStdString());
    QCOMPARE(number.has_value(), ok);
    if (ok) QCOMPARE(*number, value);
}

void FieldValuesTest::time_isReadInEveryForm_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<qint64>("millis");  // -1: no time
    const auto row = [](const char* text, qint64 millis) {
        QTest::newRow(text) << QByteArray(text) << millis;
    };
    row("0", 0);
    row("1700000000", 1700000000000);
    row(" 1700000000.125 ", 1700000000125);
    row("1700000000123", 1700000000123);
    row("2023-11-14 22:13", 1699999980000);
    row("2023-11-14 22:13:20", 1700000000000);
    row("2023-11-14T22:13:20Z", 1700000000000);
    row("2023-11-14T22:13:20.123456Z", 1700000000123);
    row("2023-11-14T23:13:20+01:00", 1700000000000);
    row("2024-02-29 00:00", 1709164800000);
    row("10/Oct/2000:13:55:36 -0700", 971211336000);
    row("2023-02-29 00:00", -1);
    row("2023-13-01 00:00", -1);
    row("2023-11-14", 1699920000000);
    row("2023-11-14 22:13:20,123", 1700000000123);
    row("2023-11-14 22:13:20+00", 1700000000000);
    row("2023-11-14 23:13:20 +0100", 1700000000000);
    row("2023-11-14 22:13:20 UTC", 1700000000000);
    row("2023-11-14t22:13:20z", 1700000000000);
    row("20231114T221320Z", 1700000000000);
    row("2023/11/14 22:13:20", 1700000000000);
    row("1700000000123456", 1700000000123);
    row("1700000000123456789", 1700000000123);
    row("2023-11-14T24:00:00Z", -1);
    row("20230229T000000Z", -1);
    row("2023-11-14 22:13:20 ", 1700000000000);
    row("2023-11-14 22:13:20x", -1);
    row("2023-11-14 22:13:", -1);
    row("10/Foo/2000:13:55:36 -0700", -1);
    row("yesterday", -1);
    row("", -1);
    row("nan", -1);
    row("1e30", -1);
}

void FieldValuesTest::time_isReadInEveryForm()
{
    QFETCH(QByteArray, text);
    QFETCH(qint64, millis);
    const auto time = parseEventTime(text.toStdString());
    QCOMPARE(time.has_value(), millis != -1);
    if (time) QCOMPARE(qint64(*time), millis);
}

void FieldValuesTest::utf8_isToldFromOtherBytes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    QTest::newRow("empty") << QByteArray() << true;
    QTest::newRow("long ascii") << QByteArray(100, 'a') << true;
    QTest::newRow("umlaut behind eight") << QByteArray("12345678\xC3\xA4") << true;
    QTest::newRow("euro, clef") << QByteArray("\xE2\x82\xAC\xF0\x9D\x84\x9E") << true;
    QTest::newRow("lone continuation") << QByteArray("a\x80") << false;
    QTest::newRow("overlong two") << QByteArray("\xC0\xAF") << false;
    QTest::newRow("overlong three") << QByteArray("\xE0\x80\xAF") << false;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
    QTest::newRow("too high") << QByteArray("\xF4\x90\x80\x80") << false;
    QTest::newRow("cut short") << QByteArray("1234567\xE2\x82") << false;
    QTest::newRow("latin-1") << QByteArray("caf\xE9 ole") << false;
}

void FieldValuesTest::utf8_isToldFromOtherBytes()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, valid);
    QCOMPARE(isUtf8(text.toStdString()), valid);
}

void FieldValuesTest::plainAscii_isToldFromAnyOtherByte()
{
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 63U, 4095U, 4096U, 4097U, 9000U}) {
        const std::string plain(size, 'a');
        QVERIFY(isPlainAscii(plain));
        for (std::size_t at = 0; at < size; at += 1 + size / 50) {
            for (const int byte : {0, 1, 0x20, 0x7F, 0x80, 0xC3, 0xFF}) {
                std::string other = plain;
                other[at] = static_cast<char>(byte);
                QCOMPARE(isPlainAscii(other), byte > 0 && byte < 0x80);
            }
        }
    }
}

void FieldValuesTest::uri_isTakenApart()
{
    const auto file = parseSourceUri("csv:a:b?c.csv");
    QVERIFY(file.ok() && file->kind == SourceKind::kFile);
    QVERIFY(file->format == RecordFormatKind::kCsv && file->path == "a:b?c.csv");
    const auto plain = parseSourceUri("-");
    QVERIFY(plain.ok() && plain->kind == SourceKind::kStandardInput);
    QVERIFY(plain->format == RecordFormatKind::kLines && plain->path == "-");
    const auto jsonl = parseSourceUri("-?format=jsonl");
    QVERIFY(jsonl.ok() && jsonl->format == RecordFormatKind::kJsonl);
    const auto synth = parseSourceUri("synth:skew?seed=7&rate=10");
    QVERIFY(synth.ok() && synth->kind == SourceKind::kSynth && synth->name == "skew");
    QVERIFY(synth->parameters.at("seed") == "7" && synth->parameters.at("rate") == "10");
}

void FieldValuesTest::uri_thatIsNotKnown_namesWhatIs_data()
{
    QTest::addColumn<QByteArray>("uri");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* uri, Errc code, const char* says) {
        QTest::newRow(uri) << QByteArray(uri) << int(code) << QByteArray(says);
    };
    row("xml:a", Errc::kInvalid, "jsonl:FILE");
    row("a.csv", Errc::kInvalid, "csv:a.csv");
    row("", Errc::kInvalid, "csv:FILE");
    row("csv:", Errc::kInvalid, "file name");
    row("-?format=xml", Errc::kInvalid, "unknown format 'xml'");
    row("-?colour=red", Errc::kInvalid, "unknown parameter 'colour'");
    row("synth:skew?seed", Errc::kInvalid, "name=value");
    row("zmq:tcp://a:1", Errc::kUnsupported, "zmq");
    row("nats:a/b", Errc::kUnsupported, "nats");
    row("kafka:a/b", Errc::kUnsupported, "kafka");
}

void FieldValuesTest::uri_thatIsNotKnown_namesWhatIs()
{
    QFETCH(QByteArray, uri);
    QFETCH(int, code);
    QFETCH(QByteArray, says);
    const auto parsed = parseSourceUri(uri.toStdString());
    QVERIFY(!parsed.ok());
    QCOMPARE(int(parsed.error().code), code);
    QVERIFY2(parsed.error().message.find(says.toStdString()) != std::string::npos,
             parsed.error().message.c_str());
}

void FieldValuesTest::advice_namesTheNearest()
{
    QVERIFY(nameAdvice("valeu", {"ts", "key", "value"})
            == "has ts, key, value: did you mean 'value'?");
    QVERIFY(nameAdvice("KEY", {"key"}) == "has key: did you mean 'key'?");
    QVERIFY(nameAdvice("colour", {"a", "b"}) == "has a, b: name one of these");
    // Two letters that changed places are one step.
    QVERIFY(nearestName("rnu", {"sink", "run", "ctl"}) == "run");
    QVERIFY(nearestName("frobnicate", {"sink", "run", "ctl"}).empty());
}

QTEST_GUILESS_MAIN(FieldValuesTest)
#include "tst_field_values.moc"
