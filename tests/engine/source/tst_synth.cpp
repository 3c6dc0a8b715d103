// The synthetic stream: the same bytes for the same seed, whoever asks and from wherever.
#include "engine/model/work_cost.h"
#include "engine/source/record_parser.h"
#include "engine/source/synth.h"
#include "tests/engine/source/memory_input_disk.h"

#include <QtTest>

#include <map>
#include <string>

using namespace foreshard;

namespace {

StreamSchema schemaFor(const std::string& uri)
{
    StreamSchema schema;
    schema.source = uri;
    return schema;
}

SynthOptions optionsFor(const std::string& text)
{
    const auto uri = parseSourceUri(text);
    const auto options = synthOptions(*uri, StreamSchema{});
    return *options;
}

// All records from `from` on, however small the reads.
Bytes bytesOf(const std::string& uri, const SourcePosition& from, std::size_t bytesMax,
              SourcePosition* after = nullptr)
{
    MemoryInputDisk disk;
    auto source = openSource(schemaFor(uri), disk, from, 0, {}, true);
    Bytes all;
    for (bool end = false; !end;) {
        auto batch = (*source)->read(bytesMax, Instant{0});
        for (const RecordView& record : batch->parsed.records)
            all += record.raw;
        if (after != nullptr) *after = batch->after;
        end = batch->end;
    }
    return all;
}

}  // namespace

class SynthTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sameSeed_givesTheSameBytes_data();
    void sameSeed_givesTheSameBytes();
    void resume_inTheMiddle_givesTheRest();
    void lines_parseBackToTheSameFields();
    void skew_hasAHotKey_andUniformHasNone();
    void drift_movesTheHotKey();
    void virtualTime_neverFalls_andHoldsTheMeanRate();
    void bursts_threefoldTheRate();
    void pacedSource_followsItsVirtualTime();
    void badParameters_areExplained_data();
    void badParameters_areExplained();
    void workCost_isTypePlusBytes();
};

void SynthTest::sameSeed_givesTheSameBytes_data()
{
    QTest::addColumn<QByteArray>("name");
    for (const char* name : {"uniform", "skew", "drift", "bursts", "mixed"})
        QTest::newRow(name) << QByteArray(name);
}

void SynthTest::sameSeed_givesTheSameBytes()
{
    QFETCH(QByteArray, name);
    const std::string uri = "synth:" + name.toStdString() + "?rate=0&count=2000&seed=";
    const Bytes one = bytesOf(uri + "1", {}, 100'000);
    QVERIFY(!one.empty());
    QVERIFY(one == bytesOf(uri + "1", {}, 333));
    QVERIFY(one != bytesOf(uri + "2", {}, 100'000));
}

void SynthTest::resume_inTheMiddle_givesTheRest()
{
    const Bytes whole = bytesOf("synth:mixed?rate=0&count=3000", {}, 10'000);
    SourcePosition middle;
    const Bytes first = bytesOf("synth:mixed?rate=0&count=1234", {}, 10'000, &middle);
    QCOMPARE(middle.nextOffset, Offset(1234));
    QCOMPARE(middle.byte, std::uint64_t(first.size()));
    QVERIFY(first + bytesOf("synth:mixed?rate=0&count=3000", middle, 777) == whole);
}

void SynthTest::lines_parseBackToTheSameFields()
{
    StreamSchema schema;
    schema.keyField = "key";
    schema.typeField = "type";
    schema.valueField = "value";
    schema.timeField = "time";
    auto parser = makeParser(schema, RecordFormatKind::kCsv);
    ParsedBatch parsed;
    QVERIFY((*parser)->feed("type,key,value,time,payload\n", false, parsed).ok());
    const SynthGenerator generator(optionsFor("synth:mixed"));
    ByteArena arena;
    for (std::uint64_t i = 0; i < 2000; ++i) {
        const RecordView record = generator.record(i * 1'000'003, arena);
        parsed.records.clear();
        QVERIFY((*parser)->feed(record.raw, false, parsed).ok());
        QCOMPARE(parsed.records.size(), std::size_t(1));
        const RecordView& back = parsed.records.front();
        QVERIFY(back.kind == RecordKind::kData && back.key == record.key);
        QVERIFY(back.type == record.type && back.eventTimeMs == record.eventTimeMs);
        QCOMPARE(back.value, record.value);
        QVERIFY(record.raw.size() > 20 && record.raw.size() < 700);
    }
}

void SynthTest::skew_hasAHotKey_andUniformHasNone()
{
    const auto hottest = [](const char* uri) {
        const SynthGenerator generator(optionsFor(uri));
        ByteArena arena;
        std::map<BytesView, int> counts;
        int most = 0;
        for (std::uint64_t i = 0; i < 5000; ++i)
            most = std::max(most, ++counts[generator.record(i, arena).key]);
        return most;
    };
    QVERIFY(hottest("synth:skew") > 400);  // Zipf over 5000 keys gives the first 11 %
    QVERIFY(hottest("synth:uniform") < 20);
}

void SynthTest::drift_movesTheHotKey()
{
    const SynthGenerator generator(optionsFor("synth:drift"));
    const auto share = [&](BytesView key, std::uint64_t from) {
        ByteArena arena;
        int count = 0;
        for (std::uint64_t i = from; i < from + 2000; ++i)
            count += generator.record(i, arena).key == key ? 1 : 0;
        return count;
    };
    QVERIFY(share("k00000", 0) > 150);
    QVERIFY(share("k00000", 100'000) < 50);
    QVERIFY(share("k00020", 100'000) > 150);
}

void SynthTest::virtualTime_neverFalls_andHoldsTheMeanRate()
{
    for (const char* uri : {"synth:bursts?rate=5000", "synth:skew?rate=123"}) {
        const SynthOptions options = optionsFor(uri);
        const SynthGenerator generator(options);
        Nanos last{-1};
        for (std::uint64_t i = 0; i < 300'000; i += 37) {
            const Nanos time = generator.timeOf(i);
            QVERIFY(time >= last);
            last = time;
        }
        const std::uint64_t cycles = 10 * 512 * 256;
        const double seconds = toSeconds(generator.timeOf(cycles));
        QVERIFY(std::abs(double(cycles) / seconds / double(options.rate) - 1) < 0.01);
    }
}

void SynthTest::bursts_threefoldTheRate()
{
    const SynthGenerator generator(optionsFor("synth:bursts"));
    double slowest = 1e9;
    double fastest = 0;
    for (std::uint64_t block = 0; block < 256; ++block) {
        const Nanos length = generator.timeOf((block + 1) * 512) - generator.timeOf(block * 512);
        slowest = std::min(slowest, 512 / toSeconds(length));
        fastest = std::max(fastest, 512 / toSeconds(length));
    }
    QVERIFY(fastest > 3 * slowest);
}

void SynthTest::pacedSource_followsItsVirtualTime()
{
    MemoryInputDisk disk;
    const SourcePosition from{0, 70'000, 70'000};
    auto source = openSource(schemaFor("synth:bursts?rate=1000"), disk, from, 0, {}, true);
    QVERIFY(source.ok());
    const SynthGenerator generator(optionsFor("synth:bursts?rate=1000"));
    const Nanos start = generator.timeOf(from.nextOffset);
    for (int tick = 0; tick < 100; ++tick) {
        const Nanos passed = tick * 10ms;
        auto batch = (*source)->read(1 << 20, Instant{5'000'000'000} + passed);
        QVERIFY(batch.ok() && !batch->end);
        const Offset next = batch->after.nextOffset;
        QVERIFY(generator.timeOf(next) - start > passed);
        QVERIFY(next == from.nextOffset || generator.timeOf(next - 1) - start <= passed);
    }
}

void SynthTest::badParameters_areExplained_data()
{
    QTest::addColumn<QByteArray>("uri");
    QTest::addColumn<QByteArray>("key");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char* uri, const char* key, const char* says) {
        QTest::newRow(uri) << QByteArray(uri) << QByteArray(key) << QByteArray(says);
    };
    row("synth:skwe", "", "did you mean 'skew'?");
    row("synth:skew?speed=1", "", "'speed'");
    row("synth:skew?rate=fast", "", "rate=fast");
    row("synth:skew?keys=0", "", "from 1");
    row("synth:skew?types=6", "", "to 5");
    row("synth:skew", "user", "'user'");
}

void SynthTest::badParameters_areExplained()
{
    QFETCH(QByteArray, uri);
    QFETCH(QByteArray, key);
    QFETCH(QByteArray, says);
    MemoryInputDisk disk;
    StreamSchema schema = schemaFor(uri.toStdString());
    schema.keyField = key.toStdString();
    const auto source = openSource(schema, disk, {}, 0, {}, true);
    QVERIFY(!source.ok());
    QVERIFY(source.error().code == Errc::kInvalid);
    QVERIFY2(source.error().message.find(says.toStdString()) != std::string::npos,
             source.error().message.c_str());
}

void SynthTest::workCost_isTypePlusBytes()
{
    QVERIFY(workCost("view", 100, 1) == 17us);
    QVERIFY(workCost("report", 500, 2) == 720us);
    QVERIFY(workCost("", 0, 0.5) == 10us);
    QCOMPARE(costBucket("view", 50), 0);
    QCOMPARE(costBucket("cart", 100), 1);
    QCOMPARE(costBucket("search", 100), 1);
    QCOMPARE(costBucket("order", 200), 2);
    QCOMPARE(costBucket("report", 400), 3);
}

QTEST_GUILESS_MAIN(SynthTest)
#include "tst_synth.moc"
