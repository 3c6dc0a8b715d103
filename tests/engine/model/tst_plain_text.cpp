#include "engine/base/split_mix.h"
#include "engine/model/plain_text.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>

using namespace foreshard;

namespace {

double parsed(const std::string& text)
{
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// As a reader of JSON gets it.
QString throughJson(const std::string& jsonText)
{
    const std::string document = "{\"t\":" + jsonText + "}";
    const QJsonDocument json = QJsonDocument::fromJson(QByteArray::fromStdString(document));
    return json.object()[u"t"].toString();
}

}  // namespace

class PlainTextTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyDouble_parsesBackToItself()
    {
        SplitMix64 random(7);
        for (int i = 0; i < 200'000; ++i) {
            std::uint64_t bits = random.next();
            if (i % 4 == 1) bits &= 0x800FFFFFFFFFFFFFULL;  // denormals
            const auto value = std::bit_cast<double>(bits);
            if (!std::isfinite(value)) continue;
            const std::string text = plainDecimal(value);
            QVERIFY2(std::bit_cast<std::uint64_t>(parsed(text)) == bits, text.c_str());
            QVERIFY2(text.size() <= 32, text.c_str());
            QCOMPARE(jsonNumber(value), text);
        }
    }

    void edgesOfDouble_parseBackToThemselves()
    {
        using Limits = std::numeric_limits<double>;
        for (const double value :
             {0.0, -0.0, Limits::denorm_min(), Limits::min(), Limits::max(), Limits::lowest(),
              std::nextafter(1e-6, 0), 1e-6, 1e21, std::nextafter(1e21, 1e22), 9007199254740993.0})
            QCOMPARE(std::bit_cast<std::uint64_t>(parsed(plainDecimal(value))),
                     std::bit_cast<std::uint64_t>(value));
    }

    void ordinaryNumbers_arePlain_hugeAndTinyOnesHaveAnExponent()
    {
        QCOMPARE(plainDecimal(1e20), std::string("100000000000000000000"));
        QCOMPARE(plainDecimal(-0.000001), std::string("-0.000001"));
        QCOMPARE(plainDecimal(9007199254740992.0), std::string("9007199254740992"));
        QCOMPARE(plainDecimal(1e22), std::string("1e+22"));
        QCOMPARE(plainDecimal(1e308), std::string("1e+308"));
        QCOMPARE(plainDecimal(1e-310), std::string("1e-310"));
        QCOMPARE(plainDecimal(-2.5e-7), std::string("-2.5e-07"));
    }

    void whatIsNoNumber_isNullInJson()
    {
        using Limits = std::numeric_limits<double>;
        for (const double value : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()})
            QCOMPARE(jsonNumber(value), std::string("null"));
        QCOMPARE(plainDecimal(-Limits::infinity()), std::string("-inf"));
    }

    void jsonString_ofAnyUtf8_isReadBackExactly()
    {
        SplitMix64 random(11);
        for (int i = 0; i < 3000; ++i) {
            QString text;
            for (int k = 0; k < 20; ++k) {
                const auto code =
                    static_cast<char32_t>(random.below(i % 2 == 0 ? 0x300 : 0x110000));
                if (code < 0xD800 || code > 0xDFFF) text += QString::fromUcs4(&code, 1);
            }
            QCOMPARE(throughJson(jsonString(text.toStdString())), text);
        }
    }

    void jsonString_ofBytesThatAreNoUtf8_isStillJson()
    {
        for (const char* bytes :
             {"\xff", "a\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
            QVERIFY(throughJson(jsonString(bytes)).contains(QChar(0xFFFD)));
    }

    void terminal_isNeverCommanded()
    {
        QCOMPARE(printable("\x1b[31mred\x7f"), std::string("\\u001b[31mred\\u007f"));
        QCOMPARE(printable("\xc2\x9b"
                           "31m"),
                 std::string("\\u009b31m"));  // C1: CSI
        QCOMPARE(printable("\x9b"
                           "31m"),
                 std::string("\\x9b31m"));  // the bare byte
        QCOMPARE(printable("a\xe2\x80\xae"
                           "b"),
                 std::string("a\\u202eb"));                                      // right to left
        QCOMPARE(printable("\xe2\x81\xa6"), std::string("\\u2066"));             // isolate
        QCOMPARE(printable("\xf3\xa0\x81\x81"), std::string("\\udb40\\udc41"));  // a tag
        QCOMPARE(printable("a\nb\t\r"), std::string("a\\u000ab\\u0009\\u000d"));
        QCOMPARE(printable("a\nb\t\r", LineEnds::kKeep), std::string("a\nb\t\\u000d"));
        QCOMPARE(printable("Gr\xc3\xbc\xc3\x9f"
                           "e \xe6\xbc\xa2 \xf0\x9f\x98\x80"),
                 std::string("Gr\xc3\xbc\xc3\x9f"
                             "e \xe6\xbc\xa2 \xf0\x9f\x98\x80"));
    }

    void printable_leavesNothingThatATerminalObeys_whateverTheBytes()
    {
        SplitMix64 random(5);
        for (int i = 0; i < 20'000; ++i) {
            std::string bytes;
            for (int k = 0; k < 12; ++k)
                bytes += static_cast<char>(random.below(256));
            const QString text = QString::fromStdString(printable(bytes));
            for (const QChar c : text) {
                QVERIFY(c.category() != QChar::Other_Control);
                QVERIFY(c != QChar(0xFFFD) || bytes.find("\xef\xbf\xbd") != std::string::npos);
            }
        }
    }
};

QTEST_APPLESS_MAIN(PlainTextTest)
#include "tst_plain_text.moc"
