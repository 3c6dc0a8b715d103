// Rows that do not fit, and inputs that are something else: what does not count is named, what does
// is right, and a run that took next to nothing does not end well.
#include "tests/e2e/program.h"

#include <QDir>
#include <QFile>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace foreshard::e2e {

class RowsTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void rows_thatDoNotFit_areNamedAndTheOthersCount_data();
    void rows_thatDoNotFit_areNamedAndTheOthersCount();
    void mostRowsRejected_failsTheRun_data();
    void mostRowsRejected_failsTheRun();
    void input_thatIsNoText_isRefusedWithAdvice_data();
    void input_thatIsNoText_isRefusedWithAdvice();
    void column_thatStandsTwice_isRefused();
    void message_aboutARawHeader_isEscaped();
    void rejects_areCountedByReason_inTheReport();
    void row_thatStaysOpen_isNamedInTheStatus();
    void sums_thatADoubleRounds_areSaid();

private:
    QString at(const char* name) const { return folder_->filePath(QString::fromLatin1(name)); }
    QStringList arguments(const QString& format, const QByteArray& bytes,
                          const QStringList& fields) const;
    Outcome run(const QString& format, const QByteArray& bytes, const QStringList& fields) const;
    Outcome ask(const char* command) const;

    std::unique_ptr<QTemporaryDir> folder_;
};

namespace {

const QStringList kFields{QStringLiteral("--key"), QStringLiteral("k"), QStringLiteral("--value"),
                          QStringLiteral("v")};
const QString kCsv = QStringLiteral("csv");
const QString kJsonl = QStringLiteral("jsonl");
const QString kLines = QStringLiteral("lines");

}  // namespace

void RowsTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
}

void RowsTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
}

QStringList RowsTest::arguments(const QString& format, const QByteArray& bytes,
                                const QStringList& fields) const
{
    QFile file(at("in"));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write a test's input");
    return QStringList{QStringLiteral("run"),
                       QStringLiteral("--source"),
                       format + u':' + at("in"),
                       QStringLiteral("--data"),
                       at("data"),
                       QStringLiteral("--nodes"),
                       QStringLiteral("2"),
                       QStringLiteral("--shards"),
                       QStringLiteral("4"),
                       QStringLiteral("--predictor"),
                       QStringLiteral("off"),
                       QStringLiteral("--report"),
                       at("report.json")}
           + fields;
}

Outcome RowsTest::run(const QString& format, const QByteArray& bytes,
                      const QStringList& fields) const
{
    return runProgram(arguments(format, bytes, fields)
                      + QStringList{QStringLiteral("--until-end")});
}

Outcome RowsTest::ask(const char* command) const
{
    return runProgram({QString::fromLatin1(command), QStringLiteral("--data"), at("data")});
}

void RowsTest::rows_thatDoNotFit_areNamedAndTheOthersCount_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("results");
    QTest::addColumn<QByteArray>("said");
    QByteArray open = "k,note,v\nz,\"12 inch,1\n";
    for (int i = 0; i < 300; ++i)
        open += "a,ok,1\n";
    QTest::newRow("a stray quote in two rows")
        << kCsv << QByteArray("k,note,v\nn,\"12 in,1\ne,x,2\ns,x,4\nw,\"9 in,8\nh,x,16\n")
        << QByteArray("e,1,2,2,2\nh,1,16,16,16\ns,1,4,4,4\n") << QByteArray("2 rows (2 lines)");
    QTest::newRow("a quote open to the end") << kCsv << open << QByteArray("a,300,300,1,1\n")
                                             << QByteArray("line 2: quoted field is never closed");
    QTest::newRow("a field too many")
        << kCsv << QByteArray("k,v,c\na,1,234,x\nb,55,y\nc,2,500,z\nd,1,u\ne,1,u\n")
        << QByteArray("b,1,55,55,55\nd,1,1,1,1\ne,1,1,1,1\n")
        << QByteArray("2 \"more fields than columns\"");
    QTest::newRow("blank lines") << kCsv << QByteArray("k,v\n\na,1\n\n  \t\nb,2\n\n")
                                 << QByteArray("a,1,1,1,1\nb,1,2,2,2\n")
                                 << QByteArray("0 rejected");
    QTest::newRow("NUL bytes") << kCsv << QByteArray("k,v\n\0\0\0a,1\nb\0x,2\nc,3\nd,4\n", 25)
                               << QByteArray("c,1,3,3,3\nd,1,4,4,4\n")
                               << QByteArray("2 \"line holds NUL bytes\"");
    QTest::newRow("integers too large")
        << kCsv << QByteArray("k,v\na,9007199254740993\nb,1e-400\n") << QByteArray("b,1,0,0,0\n")
        << QByteArray("cannot be held exactly");
    QTest::newRow("a field that nobody asked for")
        << kJsonl
        << QByteArray(
               "{\"k\":\"a\",\"v\":1,\"x\":1e400}\n{\"k\":\"b\",\"v\":1,\"x\":\"\\ud83d\"}\n"
               "{\"k\":\"c\",\"v\":1,\"x\":\"\xE9\"}\n{\"k\":true,\"v\":1}\n")
        << QByteArray("a,1,1,1,1\nb,1,1,1,1\nc,1,1,1,1\n")
        << QByteArray("line 4: key is no text and no number");
}

void RowsTest::rows_thatDoNotFit_areNamedAndTheOthersCount()
{
    QFETCH(QString, format);
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, results);
    QFETCH(QByteArray, said);
    const Outcome outcome = run(format, bytes, kFields);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains(said), qPrintable(described(outcome)));
    QCOMPARE(ask("results").out, "key,count,sum,min,max\n" + results);
    QCOMPARE(ask("rebuild").out, bytes);
    QCOMPARE(ask("verify").exitCode, 0);
}

void RowsTest::mostRowsRejected_failsTheRun_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QStringList>("fields");
    const QByteArray json = "{\"a\":\"x\",\"v\":1}\n{\"a\":\"y\",\"v\":1}\n";
    QTest::newRow("a key that is nowhere") << kJsonl << json << kFields;
    QTest::newRow("a pattern that fits nothing")
        << kLines << QByteArray("one\ntwo\n")
        << QStringList{QStringLiteral("--pattern"), QStringLiteral("(?<key>\\d+)")};
    QTest::newRow("indented lines alone")
        << kLines << QByteArray("  one\n  two\n")
        << QStringList{QStringLiteral("--pattern"), QStringLiteral("(?<key>\\d+)")};
    QTest::newRow("a column of words") << kCsv << QByteArray("k,v\na,x\nb,y\nc,1\n") << kFields;
}

void RowsTest::mostRowsRejected_failsTheRun()
{
    QFETCH(QString, format);
    QFETCH(QByteArray, bytes);
    QFETCH(QStringList, fields);
    const Outcome outcome = run(format, bytes, fields);
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"most rows were rejected"}), QString());
    QCOMPARE(ask("rebuild").out, bytes);
}

void RowsTest::input_thatIsNoText_isRefusedWithAdvice_data()
{
    QTest::addColumn<QString>("format");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("said");
    const QByteArray gzip("\x1F\x8B\x08\0\n\n\xFF", 7);
    QTest::newRow("gzip as csv") << kCsv << gzip << QByteArray("zcat FILE");
    QTest::newRow("gzip as jsonl") << kJsonl << gzip << QByteArray("zcat FILE");
    QTest::newRow("gzip as lines") << kLines << gzip << QByteArray("zcat FILE");
    QTest::newRow("zstd") << kCsv << QByteArray("\x28\xB5\x2F\xFD\x04\0\x41\0", 8)
                          << QByteArray("zstdcat FILE");
    QTest::newRow("xz") << kCsv
                        << QByteArray(
                               "\xFD"
                               "7zXZ\0\0\x04",
                               8)
                        << QByteArray("xzcat FILE");
    QTest::newRow("bzip2") << kLines << QByteArray("BZh91AY&SY\x9A\xF1")
                           << QByteArray("bzcat FILE");
    QTest::newRow("zip") << kCsv << QByteArray("PK\x03\x04\x14\0\x08", 7) << QByteArray("unzip -p");
    QTest::newRow("Parquet") << kCsv << QByteArray("PAR1\x15\0\x15", 7) << QByteArray("Parquet");
    QTest::newRow("UTF-16 with a mark")
        << kCsv << QByteArray("\xFF\xFEk\0,\0v\0\n\0", 10) << QByteArray("iconv -f UTF-16 ");
    QTest::newRow("UTF-16 without one")
        << kCsv << QByteArray("k\0,\0v\0\n\0", 8) << QByteArray("iconv -f UTF-16LE");
    QTest::newRow("a JSON array") << kJsonl << QByteArray("[\n {\"k\":\"a\",\"v\":1},\n")
                                  << QByteArray("jq -c '.[]' FILE");
    QTest::newRow("JSON over several lines")
        << kJsonl << QByteArray("\n{\n \"k\":\"a\",\n \"v\":1\n}\n") << QByteArray("jq -c . FILE");
    QTest::newRow("a blank line in front of the header")
        << kCsv << QByteArray("\nk,v\na,1\n") << QByteArray("the first line is blank");
    QTest::newRow("lines that end with carriage returns")
        << kCsv << QByteArray("k,v,x\ra,1,2\rb,2,3\r") << QByteArray("carriage returns");
}

void RowsTest::input_thatIsNoText_isRefusedWithAdvice()
{
    QFETCH(QString, format);
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, said);
    const QStringList fields = format == kLines ? QStringList{} : kFields;
    const Outcome outcome = run(format, bytes, fields);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {said}), QString());
    QVERIFY2(outcome.err.contains(" 0 records applied"), qPrintable(described(outcome)));
}

void RowsTest::column_thatStandsTwice_isRefused()
{
    const Outcome outcome = run(kCsv, "k,v,v\na,1,100\n", kFields);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"column 'v'", "stands twice", "columns 2 and 3"}), QString());
}

void RowsTest::message_aboutARawHeader_isEscaped()
{
    const Outcome outcome = run(kCsv, QByteArray("k,\x1B[31mv\x07\xFF,\0n\n", 15), kFields);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    for (const char c : outcome.err)
        QVERIFY2(c == '\n' || (c >= ' ' && c <= '~'), qPrintable(described(outcome)));
    QVERIFY2(outcome.err.contains("\\x1b[31mv\\x07\\xff"), qPrintable(described(outcome)));
}

void RowsTest::rejects_areCountedByReason_inTheReport()
{
    const QStringList timed = kFields + QStringList{QStringLiteral("--time"), QStringLiteral("t")};
    const Outcome outcome =
        run(kCsv, "k,v,t\na,1,2024-05-01\n\nb,x,0\nc,2,soon\nd,3\ne,y,0\nf,1,0\ng,1,0\n", timed);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const QJsonObject source = readJson(at("report.json"))[u"source"].toObject();
    const QJsonObject rejects = source[u"rejects"].toObject();
    QCOMPARE(source[u"records_rejected"].toInt(), 3);
    QCOMPARE(source[u"blank"].toInt(), 1);
    QCOMPARE(source[u"times_unreadable"].toInt(), 1);
    QCOMPARE(rejects[u"by_reason"].toObject()[u"value is not a number"].toInt(), 2);
    QCOMPARE(rejects[u"by_reason"].toObject()[u"too few fields"].toInt(), 1);
    QCOMPARE(rejects[u"first"].toObject()[u"line"].toInt(), 4);
    QCOMPARE(rejects[u"last"].toObject()[u"line"].toInt(), 7);
}

void RowsTest::row_thatStaysOpen_isNamedInTheStatus()
{
    const QString endpoint = QStringLiteral("ipc://") + at("s");
    RunningProgram program(arguments(kCsv, "k,note,v\na,x,1\nb,\"oops,2\nc,x,3\n", kFields)
                           + QStringList{QStringLiteral("--listen"), endpoint});
    QJsonObject source;
    QTRY_VERIFY_WITH_TIMEOUT(
        (source =
             parseJson(runProgram({QStringLiteral("ctl"), QStringLiteral("--connect"), endpoint,
                                   QStringLiteral("status"), QStringLiteral("--json")})
                           .out)[u"source"]
                 .toObject(),
         source[u"problem"].toString().startsWith(u"the row at line 3 ")),
        15'000);
    program.terminate();
    QVERIFY(program.waitForEnd(20'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"the row at line 3", "open"}), QString());
    // At the source's end it is decided.
    const Outcome again = run(kCsv, "k,note,v\na,x,1\nb,\"oops,2\nc,x,3\n", kFields);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(ask("results").out, QByteArray("key,count,sum,min,max\na,1,1,1,1\nc,1,3,3,3\n"));
}

void RowsTest::sums_thatADoubleRounds_areSaid()
{
    const QByteArray rows = "k,v\na,9007199254740992\na,1\nb,0.1\nb,0.2\nc,9007199254740992\n";
    const Outcome outcome = run(kCsv, rows, kFields);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const Outcome results = ask("results");
    QCOMPARE(missingIn(results.err, {"1 keys, the first one a, have a sum beyond 2^53"}),
             QString());
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::RowsTest)
#include "tst_rows.moc"
