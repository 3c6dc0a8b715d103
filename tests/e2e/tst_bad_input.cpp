// What the real program says and does when its input, its disk or its words are bad: the right exit
// code, a message "what: likely cause: next step" that names the place, and nothing lost.
#include "tests/e2e/program.h"
#include "tests/e2e/stream_file.h"
#include "tests/support/small_mount.h"

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <memory>

namespace foreshard::e2e {
namespace {

bool writeFile(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

// One bit other than before. False when the file is not that long.
bool flipByte(const QString& path, qint64 position)
{
    QFile file(path);
    char byte = 0;
    if (!file.open(QIODevice::ReadWrite) || !file.seek(position) || !file.getChar(&byte))
        return false;
    return file.seek(position) && file.putChar(static_cast<char>(byte ^ 0x10));
}

// Of all files below `folder`, those whose path holds `part`, with their sizes.
QList<QFileInfo> filesBelow(const QString& folder, const QString& part)
{
    QList<QFileInfo> found;
    QDirIterator files(folder, QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        if (files.filePath().contains(part)) found.append(files.fileInfo());
    }
    return found;
}

bool crashed(const Outcome& outcome) { return outcome.signal != 0 || outcome.exitCode >= 128; }

}  // namespace

class BadInputTest final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void sourceFile_missing_isNamed();
    void column_unknown_isNamedWithTheNearest();
    void row_withTooFewFields_isRejectedAndKept();
    void value_thatIsNoNumber_isRejectedAndKept();
    void key_thatIsNoUtf8_isRejectedAndKept();
    void note_thatIsNoUtf8_isCountedAndApplied();
    void file_empty_isSaid();
    void line_overTheLimit_isRejectedAndKept_data();
    void line_overTheLimit_isRejectedAndKept();
    void lastLine_withoutLineEnd_counts();
    void lines_withCarriageReturns_countAndStay();
    void field_quotedWithLineEnd_isOneRecord();
    void binary_asCsv_isRefused();
    void binary_behindAHeader_isRejectedAndKept();
    void flags_unknownOrSenseless_areRefused_data();
    void flags_unknownOrSenseless_areRefused();
    void resume_withOtherArguments_isRefused_data();
    void resume_withOtherArguments_isRefused();
    void dataDirectory_inUse_namesTheHolder();
    void dataDirectory_readOnly_isRefusedButReadable();
    void disk_full_readingWaitsAndGoesOnWithoutARestart_data();
    void disk_full_readingWaitsAndGoesOnWithoutARestart();
    void disk_full_killedThere_aRestartCompletes();
    void fileSize_limited_isSaidAndARestartCompletes();
    void model_damaged_leavesTheReactiveEstimate();
    void segment_damaged_isNamedAndCrashesNobody();
    void segment_damagedAtItsEnd_isNamedAndAppliesNothingTwice_data();
    void segment_damagedAtItsEnd_isNamedAndAppliesNothingTwice();
    void file_damaged_isFoundAndGivesNoWrongAnswer_data();
    void file_damaged_isFoundAndGivesNoWrongAnswer();
    void directory_thatIsNoDataDirectory_isSaid_data();
    void directory_thatIsNoDataDirectory_isSaid();

private:
    QString at(const char* name) const { return folder_->filePath(QString::fromLatin1(name)); }
    // Results are those of keys a and b: 2 records each unless said otherwise.
    StreamFile csv(const QByteArray& bytes, const QByteArray& results) const;
    QStringList runArguments(const StreamFile& stream) const;
    Outcome run(const StreamFile& stream, const QStringList& more = {}) const;
    QJsonObject source() const { return readJson(at("report.json"))[u"source"].toObject(); }
    void checkRejected(const StreamFile& stream, const QByteArray& line, const QByteArray& why,
                       const QStringList& more = {});
    Outcome ask(const char* command) const;

    std::unique_ptr<QTemporaryDir> folder_;
};

void BadInputTest::initTestCase()
{
    QVERIFY2(QFile::exists(programPath()), "build the target `foreshard` first");
}

void BadInputTest::init()
{
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(folder_->isValid());
}

StreamFile BadInputTest::csv(const QByteArray& bytes, const QByteArray& results) const
{
    StreamFile stream;
    stream.path = at("in.csv");
    stream.format = QStringLiteral("csv");
    stream.fields = {QStringLiteral("--key"), QStringLiteral("key"), QStringLiteral("--value"),
                     QStringLiteral("value")};
    stream.bytes = bytes;
    stream.results = "key,count,sum,min,max\n" + results;
    if (!writeFile(stream.path, bytes)) qFatal("cannot write a test's input");
    return stream;
}

QStringList BadInputTest::runArguments(const StreamFile& stream) const
{
    return QStringList{QStringLiteral("run")} + stream.fromFile()
           + QStringList{QStringLiteral("--data"),     at("data"),
                         QStringLiteral("--nodes"),    QStringLiteral("2"),
                         QStringLiteral("--shards"),   QStringLiteral("4"),
                         QStringLiteral("--report"),   at("report.json"),
                         QStringLiteral("--until-end")};
}

Outcome BadInputTest::run(const StreamFile& stream, const QStringList& more) const
{
    const bool namesModel = more.contains(QStringLiteral("--model"));
    const QStringList off{QStringLiteral("--predictor"), QStringLiteral("off")};
    return runProgram(runArguments(stream) + more + (namesModel ? QStringList{} : off));
}

Outcome BadInputTest::ask(const char* command) const
{
    return runProgram({QString::fromLatin1(command), QStringLiteral("--data"), at("data")});
}

void BadInputTest::checkRejected(const StreamFile& stream, const QByteArray& line,
                                 const QByteArray& why, const QStringList& more)
{
    const Outcome outcome = run(stream, more);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"1 row", "line " + line, why}), QString());
    QCOMPARE(source()[u"records_rejected"].toInt(), 1);
    QCOMPARE(source()[u"last_reject"].toString().toUtf8(), "line " + line + ": " + why);
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::sourceFile_missing_isNamed()
{
    StreamFile stream = csv("", "");
    stream.path = at("absent.csv");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"absent.csv", "no such file"}), QString());
}

void BadInputTest::column_unknown_isNamedWithTheNearest()
{
    const Outcome outcome = run(csv("keys,value\na,1\n", ""));
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"column 'key'", "keys, value", "did you mean 'keys'?"}),
             QString());
}

void BadInputTest::row_withTooFewFields_isRejectedAndKept()
{
    checkRejected(csv("key,value,x\na,1,\nb\na,2,\n", "a,2,3,1,2\n"), "3", "too few fields");
}

void BadInputTest::value_thatIsNoNumber_isRejectedAndKept()
{
    checkRejected(csv("key,value\na,1\na,2\na,one\n", "a,2,3,1,2\n"), "4", "value is not a number");
}

void BadInputTest::key_thatIsNoUtf8_isRejectedAndKept()
{
    checkRejected(csv("key,value\n\xC3\x28,1\na,2\na,2.5\n", "a,2,4.5,2,2.5\n"), "2",
                  "key is not valid UTF-8");
}

void BadInputTest::note_thatIsNoUtf8_isCountedAndApplied()
{
    const StreamFile stream = csv("key,value,note\na,1,\xFF\xFE\nb,2,\n", "a,1,1,1,1\nb,1,2,2,2\n");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(source()[u"records_rejected"].toInt(), 0);
    QCOMPARE(source()[u"records_invalid_utf8"].toInt(), 1);
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::file_empty_isSaid()
{
    const StreamFile stream = csv("", "");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"in.csv", "is empty"}), QString());
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::line_overTheLimit_isRejectedAndKept_data()
{
    QTest::addColumn<int>("length");
    QTest::addColumn<QStringList>("flags");
    QTest::newRow("the limit of 1 MiB") << (1 << 20) + 1 << QStringList{};
    QTest::newRow("far over the limit of 1 MiB") << (5 << 20) << QStringList{};
    QTest::newRow("--record-max 100")
        << 101 << QStringList{QStringLiteral("--record-max"), QStringLiteral("100")};
}

void BadInputTest::line_overTheLimit_isRejectedAndKept()
{
    QFETCH(int, length);
    QFETCH(QStringList, flags);
    const QByteArray start = "a,5,";
    const QByteArray line = start + QByteArray(length - start.size() - 1, 'x') + '\n';
    checkRejected(csv("key,value,x\na,1,\n" + line + "a,2,\n", "a,2,3,1,2\n"), "3",
                  "record is longer than the limit", flags);
}

void BadInputTest::lastLine_withoutLineEnd_counts()
{
    const StreamFile stream = csv("key,value\na,1\nb,2.25", "a,1,1,1,1\nb,1,2.25,2.25,2.25\n");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::lines_withCarriageReturns_countAndStay()
{
    const StreamFile stream = csv("key,value\r\na,1\r\na,-2\r\n", "a,2,-1,-2,1\n");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(source()[u"records_rejected"].toInt(), 0);
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::field_quotedWithLineEnd_isOneRecord()
{
    const StreamFile stream =
        csv("key,value\n\"a\nb \"\"c\"\"\",1\nd,2\n", "\"a\nb \"\"c\"\"\",1,1,1,1\nd,1,2,2,2\n");
    const Outcome outcome = run(stream);
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(source()[u"next_offset"].toInt(), 3);
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::binary_asCsv_isRefused()
{
    const Outcome outcome = run(csv(QByteArray("\x7F"
                                               "ELF\x02\x01\0\0\xFF\xD8\n\0\x01\n",
                                               14),
                                    ""));
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {"it is a program"}), QString());
}

void BadInputTest::binary_behindAHeader_isRejectedAndKept()
{
    QByteArray bytes = "key,value\na,1\n";
    // Every byte but the line feed, the quote and the comma: one row with too few fields.
    for (int byte = 0; byte < 256; ++byte) {
        if (byte != '\n' && byte != '"' && byte != ',') bytes += static_cast<char>(byte);
    }
    checkRejected(csv(bytes + "\na,2\n", "a,2,3,1,2\n"), "3", "line holds NUL bytes");
}

void BadInputTest::flags_unknownOrSenseless_areRefused_data()
{
    QTest::addColumn<QStringList>("flags");
    QTest::addColumn<QByteArray>("named");
    const auto row = [](const char* flags, const char* named) {
        QTest::newRow(flags) << QString::fromLatin1(flags).split(QLatin1Char(' '))
                             << QByteArray(named);
    };
    row("--colour blue", "--colour");
    row("--nodes many", "--nodes");
    row("--nodes 257", "--nodes");
    row("--shards 4097", "--shards");
    row("--policy slow", "--policy");
    row("--policy fixed:5", "--policy");
    row("--routing random", "--routing");
    row("--rate -1", "--rate");
    row("--operator topk", "topk");
    row("--sink parquet:out", "sink parquet:out");
    row("--durability none", "--durability");
    row("--drill earthquake:100", "--drill");
    row("--record-max 1", "--record-max");
    row("--nodes 0", "--nodes");
    row("--shards 0", "--shards");
    row("--operator-timeout nan", "--operator-timeout");
    row("--operator-timeout inf", "--operator-timeout");
    row("--operator-timeout 0", "--operator-timeout");
}

void BadInputTest::flags_unknownOrSenseless_areRefused()
{
    QFETCH(QStringList, flags);
    QFETCH(QByteArray, named);
    // Flags that may stand once only are put in place of those of runArguments().
    QStringList arguments = runArguments(csv("key,value\na,1\n", ""));
    if (const auto at = arguments.indexOf(flags.first()); at >= 0) arguments.remove(at, 2);
    const Outcome outcome = runProgram(arguments + flags);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {named}), QString());
    QVERIFY2(!QFile::exists(at("data/box")), "a refused run must leave no stream behind");
}

void BadInputTest::resume_withOtherArguments_isRefused_data()
{
    QTest::addColumn<QString>("flag");
    QTest::addColumn<QString>("value");
    QTest::newRow("key") << QStringLiteral("--key") << QStringLiteral("other");
    QTest::newRow("value") << QStringLiteral("--value") << QStringLiteral("other");
    QTest::newRow("shards") << QStringLiteral("--shards") << QStringLiteral("8");
    QTest::newRow("nodes") << QStringLiteral("--nodes") << QStringLiteral("3");
    QTest::newRow("source") << QStringLiteral("--source") << QStringLiteral("synth:mixed");
}

void BadInputTest::resume_withOtherArguments_isRefused()
{
    QFETCH(QString, flag);
    QFETCH(QString, value);
    const StreamFile stream = csv("key,value,other\na,1,7\n", "a,1,1,1,1\n");
    QCOMPARE(run(stream).exitCode, 0);
    QStringList arguments = runArguments(stream);
    arguments[arguments.indexOf(flag) + 1] = value;
    const Outcome outcome = runProgram(arguments);
    QVERIFY2(outcome.exitCode == 2, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {at("data").toUtf8(), flag.toUtf8()}), QString());
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::dataDirectory_inUse_namesTheHolder()
{
    const QStringList arguments{QStringLiteral("run"),
                                QStringLiteral("--source"),
                                QStringLiteral("synth:mixed"),
                                QStringLiteral("--data"),
                                at("data"),
                                QStringLiteral("--predictor"),
                                QStringLiteral("off")};
    RunningProgram holder(arguments);
    QTRY_VERIFY(QFile::exists(at("data/stream.schema")));
    const Outcome outcome = runProgram(arguments);
    QVERIFY2(outcome.exitCode == 5, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {at("data").toUtf8(), QByteArray::number(holder.pid())}),
             QString());
    QVERIFY(holder.running());
}

void BadInputTest::dataDirectory_readOnly_isRefusedButReadable()
{
    QVERIFY(QDir().mkpath(at("data")));
    test::SmallMount disk(at("data").toStdString(), "256m");
    FS_NEED_MOUNT(disk);
    const StreamFile stream = csv("key,value\na,1\n", "a,1,1,1,1\n");
    QVERIFY(disk.change("ro"));
    const Outcome fresh = run(stream);
    QVERIFY2(fresh.exitCode == 5, qPrintable(described(fresh)));
    QCOMPARE(missingIn(fresh.err, {at("data").toUtf8(), "read-only"}), QString());

    QVERIFY(disk.change("rw"));
    const Outcome written = run(stream);
    QVERIFY2(written.exitCode == 0, qPrintable(described(written)));
    QVERIFY(disk.change("ro"));
    const Outcome resumed = run(stream);
    QVERIFY2(resumed.exitCode == 5, qPrintable(described(resumed)));
    QCOMPARE(missingIn(resumed.err, {at("data").toUtf8(), "read-only"}), QString());
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::disk_full_readingWaitsAndGoesOnWithoutARestart()
{
    QFETCH(QString, reserve);
    QVERIFY(QDir().mkpath(at("data")));
    test::SmallMount disk(at("data").toStdString(), "8m");
    FS_NEED_MOUNT(disk);
    const StreamFile stream = makeCsv(folder_->path(), 300'000, 3);
    RunningProgram program(runArguments(stream)
                           + QStringList{QStringLiteral("--predictor"), QStringLiteral("off"),
                                         QStringLiteral("--disk-reserve"), reserve});
    QVERIFY(program.waitForError("reading has stopped", 20'000));
    QVERIFY(program.running());
    QVERIFY(disk.change("size=256m"));
    QVERIFY(program.waitForEnd(40'000));
    const Outcome outcome = program.outcome();
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    QCOMPARE(missingIn(outcome.err, {at("data").toUtf8(), "free some space"}), QString());
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::disk_full_readingWaitsAndGoesOnWithoutARestart_data()
{
    QTest::addColumn<QString>("reserve");
    QTest::newRow("low mark") << QStringLiteral("3000000");
    QTest::newRow("to the brim") << QStringLiteral("0");
}

void BadInputTest::disk_full_killedThere_aRestartCompletes()
{
    QVERIFY(QDir().mkpath(at("data")));
    test::SmallMount disk(at("data").toStdString(), "4m");
    FS_NEED_MOUNT(disk);
    const StreamFile stream = makeCsv(folder_->path(), 300'000, 3);
    {
        RunningProgram program(runArguments(stream)
                               + QStringList{QStringLiteral("--predictor"), QStringLiteral("off"),
                                             QStringLiteral("--disk-reserve"),
                                             QStringLiteral("0")});
        QVERIFY(program.waitForError("reading has stopped", 20'000));
        program.kill();
        QVERIFY(program.waitForEnd(10'000));
    }
    const Outcome read = ask("results");
    QVERIFY2(!crashed(read), qPrintable(described(read)));
    QVERIFY(disk.change("size=256m"));
    const Outcome again = run(stream);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::fileSize_limited_isSaidAndARestartCompletes()
{
    const StreamFile stream = makeCsv(folder_->path(), 100'000, 4);
    // 512 000 bytes, and the signal as a shell leaves it: a parent that ignores it hands that down.
    const QString script =
        QStringLiteral("ulimit -f 1000; exec env --default-signal=XFSZ \"$0\" \"$@\"");
    // With the reserve it is noticed at the start, without it in the middle.
    for (const QStringList& reserve :
         {QStringList{}, QStringList{QStringLiteral("--disk-reserve"), QStringLiteral("0")}}) {
        const Outcome outcome = runOther(
            QStringLiteral("sh"),
            QStringList{QStringLiteral("-c"), script, programPath()} + runArguments(stream)
                + QStringList{QStringLiteral("--predictor"), QStringLiteral("off")} + reserve);
        QVERIFY2(outcome.exitCode == 1, qPrintable(described(outcome)));
        QCOMPARE(missingIn(outcome.err, {at("data").toUtf8(), "size limit"}), QString());
    }

    const Outcome again = run(stream);
    QVERIFY2(again.exitCode == 0, qPrintable(described(again)));
    QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::model_damaged_leavesTheReactiveEstimate()
{
    const QString shipped = QStringLiteral(FORESHARD_SOURCE_DIR "/resources/model/shard_predictor");
    const QString model = at("model.pt");
    QVERIFY(QFile::copy(shipped + QStringLiteral(".pt"), model));
    QVERIFY(QFile::copy(shipped + QStringLiteral(".json"), at("model.json")));
    QVERIFY(QFile::setPermissions(model, QFile::ReadOwner | QFile::WriteOwner));
    QVERIFY(flipByte(model, QFileInfo(model).size() / 2));

    const StreamFile stream = makeCsv(folder_->path(), 3'000, 5);
    const Outcome outcome = run(stream, {QStringLiteral("--model"), model, QStringLiteral("--rate"),
                                         QStringLiteral("2000")});
    QVERIFY2(outcome.exitCode == 0, qPrintable(described(outcome)));
    const QString gate = readJson(at("report.json"))[u"predictor"][u"gate"].toString();
    QVERIFY2(gate.startsWith(u"reactive (") && gate.contains(u"model.pt"), qPrintable(gate));
    QCOMPARE(inexact(at("data"), stream), QString());

    const Outcome service = runProgram({QStringLiteral("predictor"), QStringLiteral("--listen"),
                                        QStringLiteral("ipc://") + at("predictor.sock"),
                                        QStringLiteral("--model"), model});
    QVERIFY2(service.exitCode == 4, qPrintable(described(service)));
    QCOMPARE(missingIn(service.err, {"model.pt"}), QString());
}

void BadInputTest::segment_damaged_isNamedAndCrashesNobody()
{
    const StreamFile stream = makeCsv(folder_->path(), 5'000, 6);
    QCOMPARE(run(stream).exitCode, 0);
    const QList<QFileInfo> segments = filesBelow(at("data"), QStringLiteral("/box/"));
    QVERIFY(!segments.isEmpty());
    const QFileInfo largest =
        *std::max_element(segments.begin(), segments.end(),
                          [](const auto& a, const auto& b) { return a.size() < b.size(); });
    QVERIFY(largest.size() > 10'000);
    QVERIFY(flipByte(largest.filePath(), largest.size() / 2));

    const Outcome verify = ask("verify");
    QVERIFY2(verify.exitCode == 4, qPrintable(described(verify)));
    QCOMPARE(missingIn(verify.err, {largest.filePath().toUtf8()}), QString());
    const Outcome rebuild = ask("rebuild");
    QVERIFY2(rebuild.exitCode == 4, qPrintable(described(rebuild)));
    QCOMPARE(missingIn(rebuild.err, {largest.filePath().toUtf8()}), QString());
    const Outcome results = ask("results");
    QVERIFY2(!crashed(results), qPrintable(described(results)));
    if (results.exitCode == 0) QCOMPARE(results.out, stream.results);
    const Outcome resumed = run(stream);
    QVERIFY2(!crashed(resumed), qPrintable(described(resumed)));
    if (resumed.exitCode == 0) QCOMPARE(inexact(at("data"), stream), QString());
}

void BadInputTest::segment_damagedAtItsEnd_isNamedAndAppliesNothingTwice_data()
{
    QTest::addColumn<QString>("rate");
    QTest::newRow("one batch") << QStringLiteral("max");
    QTest::newRow("many batches") << QStringLiteral("5000");
}

// What was acknowledged and is behind a checkpoint is no unfinished end of a file.
void BadInputTest::segment_damagedAtItsEnd_isNamedAndAppliesNothingTwice()
{
    QFETCH(QString, rate);
    const StreamFile stream = makeCsv(folder_->path(), 5'000, 8);
    QCOMPARE(run(stream, {QStringLiteral("--rate"), rate}).exitCode, 0);
    const QFileInfo segment(at("data/box/1/000000000001.seg"));
    QVERIFY(segment.size() > 1'000);
    QVERIFY(flipByte(segment.filePath(), segment.size() - 20));

    const Outcome verify = ask("verify");
    const Outcome rebuild = ask("rebuild");
    const Outcome resumed = run(stream);
    const Outcome results = ask("results");
    // The worst first: wrong numbers, then lost rows, then damage that nobody is told of.
    QVERIFY2(!crashed(resumed), qPrintable(described(resumed)));
    if (results.exitCode == 0) QVERIFY2(results.out == stream.results, "the results are wrong");
    if (rebuild.exitCode == 0) QVERIFY2(rebuild.out == stream.bytes, "rows are missing, unsaid");
    QVERIFY2(verify.exitCode == 4 || verify.exitCode == 3, qPrintable(described(verify)));
}

void BadInputTest::file_damaged_isFoundAndGivesNoWrongAnswer_data()
{
    QTest::addColumn<QString>("part");
    for (const char* part : {"/control/", "/checkpoint/", "stream.schema"})
        QTest::newRow(part) << QString::fromLatin1(part);
}

void BadInputTest::file_damaged_isFoundAndGivesNoWrongAnswer()
{
    QFETCH(QString, part);
    const StreamFile stream = makeCsv(folder_->path(), 2'000, 7);
    QCOMPARE(run(stream).exitCode, 0);
    const QList<QFileInfo> files = filesBelow(at("data"), part);
    QVERIFY(!files.isEmpty());
    for (const QFileInfo& file : files)
        QVERIFY(file.size() == 0 || flipByte(file.filePath(), file.size() / 2));
    const Outcome verify = ask("verify");
    for (const char* command : {"verify", "results", "rebuild"}) {
        const Outcome outcome = ask(command);
        QVERIFY2(!crashed(outcome), qPrintable(QString::fromLatin1(command) + described(outcome)));
    }
    // Wrong results are worse than none: whoever answers must answer right.
    const Outcome results = ask("results");
    if (results.exitCode == 0) QCOMPARE(results.out, stream.results);
    const Outcome resumed = run(stream);
    QVERIFY2(!crashed(resumed), qPrintable(described(resumed)));
    if (resumed.exitCode == 0) QCOMPARE(inexact(at("data"), stream), QString());
    QVERIFY2(verify.exitCode == 4, qPrintable(described(verify)));
    QVERIFY2(verify.err.contains(part.toUtf8()), qPrintable(described(verify)));
}

void BadInputTest::directory_thatIsNoDataDirectory_isSaid_data()
{
    QTest::addColumn<QString>("command");
    for (const char* command : {"results", "rebuild", "verify"})
        QTest::newRow(command) << QString::fromLatin1(command);
}

void BadInputTest::directory_thatIsNoDataDirectory_isSaid()
{
    QFETCH(QString, command);
    const Outcome absent = ask(qPrintable(command));
    QVERIFY2(absent.exitCode == 1, qPrintable(described(absent)));
    QCOMPARE(missingIn(absent.err, {at("data").toUtf8()}), QString());
    QVERIFY2(!QFile::exists(at("data")), "asking must not make anything");
}

}  // namespace foreshard::e2e

QTEST_GUILESS_MAIN(foreshard::e2e::BadInputTest)
#include "tst_bad_input.moc"
