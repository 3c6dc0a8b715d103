#include "app/bench/bench.h"
#include "app/bench/bench_stream.h"
#include "app/bench/report.h"
#include "app/bench/scratch_folder.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <map>

using namespace foreshard;

namespace {

BenchOptions quick(const char* name, const QTemporaryDir& directory)
{
    BenchOptions options;
    options.name = name;
    options.seconds = 0.05;
    options.directory = directory.path().toStdString();
    options.json = true;
    options.rounds = 2;
    options.records = 20'000;
    options.diskBytes = 8U << 20U;
    return options;
}

QJsonObject parsed(const std::string& json)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
}

QStringList names(const QJsonArray& entries)
{
    QStringList all;
    for (const QJsonValue& entry : entries)
        all << entry.toObject().value(QStringLiteral("name")).toString();
    return all;
}

// What a right engine would find in the csv file.
std::vector<AggregateRow> aggregated(const QString& csv)
{
    QFile file(csv);
    if (!file.open(QIODevice::ReadOnly)) return {};
    std::map<Bytes, Aggregate> keys;
    for (const QByteArray& row : file.readAll().split('\n').mid(1)) {
        const QList<QByteArray> fields = row.split(',');
        if (fields.size() == 3) keys[fields[0].toStdString()].add(fields[1].toDouble());
    }
    std::vector<AggregateRow> rows;
    for (const auto& [key, value] : keys)
        rows.push_back({key, value});
    return rows;
}

}  // namespace

class BenchTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void unknownName_isRefusedWithTheKnownOnes();
    void numbersOutOfRange_areRefused();
    void csvFile_holdsWhatThePlainLoopCounted();
    void check_whenOneRecordIsMissing_namesTheKey();
    void check_whenAKeyIsMissing_fails();
    void report_takesMedianAndPairsRoundsForRatios();
    void scratchFolder_isGoneWithItsOwner();
    void pipeline_runsTheEngineAndLeavesNothingBehind();
    void ingest_runsTheEdgeAlone();
    void limits_measuresEveryPart();
};

void BenchTest::unknownName_isRefusedWithTheKnownOnes()
{
    BenchOptions options;
    options.name = "warp";
    const Result<std::string> result = runBench(options);
    QVERIFY(!result.ok());
    QCOMPARE(result.error().code, Errc::kInvalid);
    for (const std::string& name : benchNames())
        QVERIFY(result.error().message.find(name) != std::string::npos);
}

void BenchTest::numbersOutOfRange_areRefused()
{
    const QTemporaryDir directory;
    BenchOptions options = quick("limits", directory);
    options.seconds = 0;
    QCOMPARE(runBench(options).error().code, Errc::kInvalid);
    options = quick("limits", directory);
    options.rounds = 0;
    QCOMPARE(runBench(options).error().code, Errc::kInvalid);
}

void BenchTest::csvFile_holdsWhatThePlainLoopCounted()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("stream.csv"));
    BenchStream stream(5'000);
    const Round round = stream.plainLoop(0);
    QCOMPARE(round.items, std::uint64_t{5'000});
    QCOMPARE(round.bytes, std::uint64_t{500'000});
    QVERIFY(stream.writeCsv(path.toStdString(), 3).ok());
    QCOMPARE(QFileInfo(path).size(), qint64{18 + 3 * 500'000});
    const Status status = stream.check(aggregated(path), 3);
    QVERIFY2(status.ok(), status.ok() ? "" : status.error().message.c_str());
}

void BenchTest::check_whenOneRecordIsMissing_namesTheKey()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("stream.csv"));
    BenchStream stream(1'000);
    stream.plainLoop(0);
    QVERIFY(stream.writeCsv(path.toStdString(), 1).ok());
    std::vector<AggregateRow> rows = aggregated(path);
    --rows[0].value.count;
    const Status status = stream.check(rows, 1);
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, Errc::kCorrupt);
    QVERIFY(status.error().message.find(rows[0].key) != std::string::npos);
}

void BenchTest::check_whenAKeyIsMissing_fails()
{
    const QTemporaryDir directory;
    const QString path = directory.filePath(QStringLiteral("stream.csv"));
    BenchStream stream(1'000);
    stream.plainLoop(0);
    QVERIFY(stream.writeCsv(path.toStdString(), 1).ok());
    std::vector<AggregateRow> rows = aggregated(path);
    rows.pop_back();
    QVERIFY(!stream.check(rows, 1).ok());
    rows.push_back({"k99999x", {}});
    QVERIFY(!stream.check(rows, 1).ok());
}

void BenchTest::report_takesMedianAndPairsRoundsForRatios()
{
    BenchReport report("pipeline");
    for (const std::uint64_t items : {10U, 40U, 20U}) {
        report.add("limit", "records", {1, 100, 1000, 0.5, 0});
        report.add("engine", "records", {1, items, 10 * items, 0.5, 0});
    }
    report.addRatio("engine", "limit", false);
    report.addLatency("commit", {3, 1, 2});
    report.note("said once");
    report.note("said once");
    const QJsonObject json = parsed(report.json());
    const QJsonObject ratio = json.value(QStringLiteral("ratios")).toArray()[0].toObject();
    QCOMPARE(ratio.value(QStringLiteral("median")).toDouble(), 0.2);
    QCOMPARE(ratio.value(QStringLiteral("max")).toDouble(), 0.4);
    const QJsonObject latency = json.value(QStringLiteral("latencies")).toArray()[0].toObject();
    QCOMPARE(latency.value(QStringLiteral("p50_us")).toDouble(), 2.0);
    QCOMPARE(json.value(QStringLiteral("notes")).toArray().size(), 1);
    QVERIFY(report.text().find("engine_to_limit") != std::string::npos);
}

void BenchTest::scratchFolder_isGoneWithItsOwner()
{
    const QTemporaryDir directory;
    QString path;
    {
        const auto folder = ScratchFolder::make(directory.path().toStdString());
        QVERIFY(folder.ok());
        path = QString::fromStdString((*folder)->path());
        QVERIFY(QDir(path).exists());
        QVERIFY((*folder)->mustHold(1).ok());
        QCOMPARE((*folder)->mustHold(UINT64_MAX).error().code, Errc::kNoSpace);
    }
    QVERIFY(!QDir(path).exists());
}

void BenchTest::pipeline_runsTheEngineAndLeavesNothingBehind()
{
    const QTemporaryDir directory;
    const Result<std::string> result = runBench(quick("pipeline", directory));
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().message.c_str());
    const QJsonObject json = parsed(*result);
    const QJsonArray figures = json.value(QStringLiteral("figures")).toArray();
    QCOMPARE(names(figures),
             (QStringList{QStringLiteral("plain_loop"), QStringLiteral("disk_limit"),
                          QStringLiteral("pipeline")}));
    for (const QJsonValue& figure : figures)
        QCOMPARE(figure.toObject().value(QStringLiteral("rounds")).toArray().size(), 2);
    QCOMPARE(json.value(QStringLiteral("ratios")).toArray().size(), 2);
    QVERIFY(QDir(directory.path()).isEmpty());
}

void BenchTest::ingest_runsTheEdgeAlone()
{
    const QTemporaryDir directory;
    const Result<std::string> result = runBench(quick("ingest", directory));
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().message.c_str());
    const QJsonArray figures = parsed(*result).value(QStringLiteral("figures")).toArray();
    QVERIFY(names(figures).contains(QStringLiteral("ingest")));
}

void BenchTest::limits_measuresEveryPart()
{
    const QTemporaryDir directory;
    BenchOptions options = quick("limits", directory);
    options.json = false;
    const Result<std::string> result = runBench(options);
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().message.c_str());
    for (const char* name : {"plain_loop", "disk_limit", "xxh3_cached", "memcpy_256_MiB",
                             "fdatasync_4_KiB", "inproc_64_KiB"})
        QVERIFY2(result->find(name) != std::string::npos, name);
}

QTEST_GUILESS_MAIN(BenchTest)
#include "tst_bench.moc"
