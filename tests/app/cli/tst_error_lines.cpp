#include "app/cli/error_lines.h"

#include <QtTest>

using namespace foreshard;
using namespace std::chrono_literals;

namespace {

std::string damage(int checkpoint)
{
    return "damage: checkpoint " + std::to_string(checkpoint) + " of shard 3 is invalidated";
}

class ErrorLinesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void firstOnesOfAKind_areSaid();
    void oneThatRepeats_isSaidOnceInAWhile_withHowManyThereWere();
    void anotherKind_isSaidAtOnce();
    void kindsWithoutEnd_countAsOne();
    void end_saysHowManyWereNot();
};

void ErrorLinesTest::firstOnesOfAKind_areSaid()
{
    ErrorLines lines;
    for (int i = 0; i < static_cast<int>(ErrorLines::kFirst); ++i)
        QCOMPARE(lines.take(1ms, damage(i)), damage(i));
    QCOMPARE(lines.take(1ms, damage(1000)), std::string());
}

void ErrorLinesTest::oneThatRepeats_isSaidOnceInAWhile_withHowManyThereWere()
{
    ErrorLines lines;
    int said = 0;
    for (int i = 0; i < 6'000; ++i)
        said += lines.take(std::chrono::milliseconds(i * 10), damage(i)).empty() ? 0 : 1;
    QVERIFY2(said >= 24 && said <= 26, std::to_string(said).c_str());
    const std::string next = lines.take(100'000ms, damage(7));
    QVERIFY2(next.starts_with(damage(7)), next.c_str());
    QVERIFY2(next.find("more of this kind before") != std::string::npos, next.c_str());
}

void ErrorLinesTest::anotherKind_isSaidAtOnce()
{
    ErrorLines lines;
    for (int i = 0; i < 100; ++i)
        static_cast<void>(lines.take(1ms, damage(i)));
    QCOMPARE(lines.take(2ms, "disk: full"), std::string("disk: full"));
}

void ErrorLinesTest::kindsWithoutEnd_countAsOne()
{
    ErrorLines lines;
    int said = 0;
    for (int i = 0; i < 2'000; ++i) {
        const std::string text = "key " + std::string(static_cast<std::size_t>(i), 'x');
        said += lines.take(1ms, text).empty() ? 0 : 1;
    }
    QCOMPARE(said, static_cast<int>(ErrorLines::kKindsMax + ErrorLines::kFirst));
}

void ErrorLinesTest::end_saysHowManyWereNot()
{
    ErrorLines lines;
    for (int i = 0; i < static_cast<int>(ErrorLines::kFirst); ++i)
        static_cast<void>(lines.take(1ms, damage(i)));
    QCOMPARE(lines.atTheEnd(), std::string());
    for (int i = 0; i < 7; ++i)
        static_cast<void>(lines.take(1ms, damage(i)));
    QVERIFY(lines.atTheEnd().starts_with("7 more errors"));
}

}  // namespace

QTEST_GUILESS_MAIN(ErrorLinesTest)
#include "tst_error_lines.moc"
