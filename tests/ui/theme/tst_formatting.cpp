// Numbers, times and errors in words.
#include "ui/theme/formatting.h"

#include <QtTest>

using namespace foreshard;
using namespace foreshard::ui;

class FormattingTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbers_haveUnitsAndThinGroups()
    {
        QCOMPARE(formatCount(8120), QStringLiteral("8\u202F120"));
        QCOMPARE(formatCount(1234567), QStringLiteral("1\u202F234\u202F567"));
        QCOMPARE(formatMillis(128), QStringLiteral("128 ms"));
        QCOMPARE(formatMillis(0.42), QStringLiteral("0.42 ms"));
        QCOMPARE(formatMillis(1280), QStringLiteral("1.28 s"));
        QCOMPARE(formatMillis(125'000), QStringLiteral("2 min 05 s"));
        QCOMPARE(formatBytes(512), QStringLiteral("512 B"));
        QCOMPARE(formatBytes(4'200'000), QStringLiteral("4.2 MB"));
        QCOMPARE(formatBytes(999'960), QStringLiteral("1.0 MB"));
        QCOMPARE(formatPercent(614), QStringLiteral("61 %"));
        QCOMPARE(formatRate(12'400.4), QStringLiteral("12\u202F400 rec/s"));
        QCOMPARE(formatInterval(1000), QStringLiteral("1 s"));
        QCOMPARE(formatInterval(500), QStringLiteral("500 ms"));
        QCOMPARE(formatDateTime(0), QStringLiteral("1970-01-01 00:00:00.000 UTC"));
    }

    void everyCode_hasASentence()
    {
        for (int code = 0; code <= static_cast<int>(Errc::kTimeout); ++code)
            QVERIFY(errcSentence(static_cast<Errc>(code)).endsWith(u'.'));
    }

    void remoteText_losesControlCharacters()
    {
        QCOMPARE(plainText("a\nb\x1b[31m"), QStringLiteral("a b [31m"));
        QCOMPARE(plainText("\u202Ex"), QStringLiteral(" x"));
        QCOMPARE(plainText(std::string(1000, 'x'), 10).size(), 10);
    }

    void age_ofAPicture_countsToDays()
    {
        QCOMPARE(formatAge(2'300), QStringLiteral("2.3 s"));
        QCOMPARE(formatAge(245'000), QStringLiteral("4 min 05 s"));
        QCOMPARE(formatAge(12LL * 86'400'000 + 3 * 3'600'000), QStringLiteral("12 d 03 h"));
    }

    void whatNobodyMeasured_isADash()
    {
        QCOMPARE(formatP99({}), unknownText());
        LatencySnapshot latency;
        latency.p99 = latency.max = 1200;
        QCOMPARE(formatP99(latency), formatMicros(1200));
        QCOMPARE(formatInterval(0), unknownText());
    }
};

QTEST_APPLESS_MAIN(FormattingTest)
#include "tst_formatting.moc"
