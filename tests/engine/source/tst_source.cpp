// Sources over a fake disk: pacing, ends, and going on where a former run stopped.
#include "engine/edge/source_memory.h"
#include "engine/source/source.h"
#include "tests/engine/source/memory_input_disk.h"

#include <QtTest>

#include <optional>
#include <string>
#include <vector>

using namespace foreshard;

namespace {

StreamSchema schemaFor(const std::string& source)
{
    StreamSchema schema;
    schema.source = source;
    if (source.find("csv") != std::string::npos) {
        schema.keyField = "key";
        schema.valueField = "value";
    }
    return schema;
}

struct Told {
    std::vector<std::string> raw;
    std::vector<Offset> offsets;
    std::vector<SourcePosition> after;  // of each read that gave records
    bool end = false;
    std::string failure;
    Errc code = Errc::kInvalid;
};

// What a number of reads give; a file of the tests is far smaller than all of them.
void readInto(Told& told, Source& source, std::size_t bytesMax = 3)
{
    for (int i = 0; i < 200 && !told.end; ++i) {
        auto batch = source.read(bytesMax, Instant{0});
        if (!batch.ok()) {
            told.failure = batch.error().message;
            told.code = batch.error().code;
            return;
        }
        for (const RecordView& record : batch->parsed.records) {
            told.raw.emplace_back(record.raw);
            told.offsets.push_back(record.offset);
        }
        if (!batch->parsed.records.empty()) told.after.push_back(batch->after);
        told.end = batch->end;
    }
}

Told readAll(Disk& disk, const std::string& uri, const SourcePosition& from = {},
             BytesView prefix = {}, bool finishAtEnd = true)
{
    Told told;
    StoredStream stored;
    stored.prefix = prefix;
    auto source = openSource(schemaFor(uri), disk, from, 0, &stored, finishAtEnd);
    if (!source.ok()) {
        told.failure = source.error().message;
        told.code = source.error().code;
        return told;
    }
    readInto(told, **source);
    return told;
}

using Lines = std::vector<std::string>;

// Numbered lines of so many bytes, or little more.
Bytes linesOf(std::size_t bytes)
{
    Bytes stream;
    for (int i = 0; stream.size() < bytes; ++i)
        stream += "line " + std::to_string(i) + "\n";
    return stream;
}

}  // namespace

class SourceTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void missingFile_isNotFound();
    void emptyFile_endsWithoutRecords();
    void unknownColumn_failsTheRead();
    void file_isReadWhole_andEnds();
    void file_resumedAtEveryBoundary_goesOn();
    void file_thatWasCut_isAGap();
    void file_withoutFinish_waitsForMore();
    void rate_holdsRecordsBack();
    void batch_behindOneThatLeftRecordsOver_isNoLonger();
    void standardInput_endsWithItsTail();
    void standardInput_sentAgain_isSkipped();
    void standardInput_ofOtherBytes_isTheContinuation();
    void standardInput_whoseBeginningIsNotKnown_isRefused();
    void standardInput_sentAgainButShorter_isAGap();
    void standardInput_thatOnlyBeginsLikeTheStoredOne_isRefused_data();
    void standardInput_thatOnlyBeginsLikeTheStoredOne_isRefused();
    void standardInput_editedBehindItsBeginning_isRefused();
    void standardInput_sentAgain_goesOnWithItsFingerprint();
    void fingerprint_hasOneHash_howeverTheBytesCame();
    void source_ofAnotherHash_isRefused_data();
    void source_ofAnotherHash_isRefused();
    void memory_behindAContinuationItCannotFollow_givesNoHash();
};

void SourceTest::missingFile_isNotFound()
{
    MemoryInputDisk disk;
    const Told told = readAll(disk, "csv:none.csv");
    QVERIFY(told.code == Errc::kNotFound);
    QVERIFY(told.failure.find("none.csv") != std::string::npos);
}

void SourceTest::emptyFile_endsWithoutRecords()
{
    MemoryInputDisk disk;
    disk.files["a.csv"] = "";
    const Told told = readAll(disk, "csv:a.csv");
    QVERIFY2(told.failure.empty(), told.failure.c_str());
    QVERIFY(told.end && told.raw.empty());
}

void SourceTest::unknownColumn_failsTheRead()
{
    MemoryInputDisk disk;
    disk.files["a.csv"] = "kee,value\na,1\n";
    const Told told = readAll(disk, "csv:a.csv");
    QVERIFY(told.code == Errc::kInvalid);
    QVERIFY2(told.failure.find("did you mean 'kee'?") != std::string::npos, told.failure.c_str());
}

void SourceTest::file_isReadWhole_andEnds()
{
    MemoryInputDisk disk;
    disk.files["a.csv"] = "key,value\nlong key of one record,1\nb,2";
    const Told told = readAll(disk, "csv:a.csv");
    QVERIFY(told.end);
    QVERIFY(told.raw == (Lines{"key,value\n", "long key of one record,1\n", "b,2"}));
    QVERIFY(told.after.back() == (SourcePosition{disk.files["a.csv"].size(), 2, 3}));
}

void SourceTest::file_resumedAtEveryBoundary_goesOn()
{
    for (const char* uri : {"csv:f", "lines:f"}) {
        MemoryInputDisk disk;
        disk.files["f"] = "key,value\na,1\n\"b\nb\",2\n\nc,3\nd,4";
        const Told whole = readAll(disk, uri);
        QVERIFY(whole.after.size() >= 4);
        for (const SourcePosition& position : whole.after) {
            const Told rest = readAll(disk, uri, position);
            QVERIFY2(rest.failure.empty(), rest.failure.c_str());
            QVERIFY(rest.end);
            QVERIFY(std::equal(rest.raw.begin(), rest.raw.end(),
                               whole.raw.begin() + std::ptrdiff_t(position.nextOffset),
                               whole.raw.end()));
            if (!rest.offsets.empty()) QCOMPARE(rest.offsets.front(), position.nextOffset);
            if (!rest.after.empty()) QVERIFY(rest.after.back() == whole.after.back());
        }
    }
}

void SourceTest::file_thatWasCut_isAGap()
{
    MemoryInputDisk disk;
    disk.files["f"] = "a\nb\nc\n";
    const SourcePosition position = readAll(disk, "lines:f").after.back();
    disk.files["f"] = "a\nb\n";
    const Told told = readAll(disk, "lines:f", position);
    QVERIFY(told.code == Errc::kGap);
    QVERIFY2(told.failure.find("the source was cut") != std::string::npos, told.failure.c_str());
}

void SourceTest::file_withoutFinish_waitsForMore()
{
    MemoryInputDisk disk;
    disk.files["f"] = "a\nb";
    auto source = openSource(schemaFor("lines:f"), disk, {}, 0, {}, false);
    QVERIFY(source.ok());
    Told told;
    readInto(told, **source);
    QVERIFY(!told.end && told.raw == (Lines{"a\n"}));
    QVERIFY(told.after.back() == (SourcePosition{2, 1, 1}));
    disk.files["f"] += "b\nc\n";
    readInto(told, **source);
    QVERIFY(told.raw == (Lines{"a\n", "bb\n", "c\n"}));
}

void SourceTest::rate_holdsRecordsBack()
{
    MemoryInputDisk disk;
    for (int i = 0; i < 100; ++i)
        disk.files["f"] += "x\n";
    auto source = openSource(schemaFor("lines:f"), disk, {}, 10, {}, true);
    QVERIFY(source.ok());
    std::size_t records = 0;
    for (std::int64_t tick = 0; tick <= 50; ++tick) {
        auto batch = (*source)->read(1000, Instant{} + tick * 100ms);
        QVERIFY(batch.ok());
        records += batch->parsed.records.size();
        QCOMPARE(records, std::size_t(tick));
        QVERIFY(!batch->end);
        QCOMPARE(batch->after.byte, std::uint64_t(2 * tick));
    }
    auto batch = (*source)->read(1000, Instant{} + 1h);
    QVERIFY(batch.ok());
    QCOMPARE(batch->parsed.records.size(), std::size_t(50));
    QVERIFY(batch->end);
}

void SourceTest::batch_behindOneThatLeftRecordsOver_isNoLonger()
{
    MemoryInputDisk disk;
    for (int i = 0; i < 100; ++i)
        disk.files["f"] += "x\n";
    auto source = openSource(schemaFor("lines:f"), disk, {}, 1, {}, true);
    QVERIFY(source.ok());
    QVERIFY((*source)->read(20, Instant{}).ok());
    auto first = (*source)->read(20, Instant{} + 1s);
    QVERIFY(first.ok());
    QCOMPARE(first->parsed.records.size(), std::size_t(1));
    // Nine records are left over, and the rate allows all there are.
    auto second = (*source)->read(20, Instant{} + 1h);
    QVERIFY(second.ok());
    QCOMPARE(second->parsed.records.size(), std::size_t(10));
    QCOMPARE(second->after.byte, std::uint64_t(22));
}

void SourceTest::standardInput_endsWithItsTail()
{
    MemoryInputDisk disk;
    disk.files["-"] = "a\nb";
    const Told told = readAll(disk, "-", {}, {}, false);
    QVERIFY(told.end && told.raw == (Lines{"a\n", "b"}));
}

void SourceTest::standardInput_sentAgain_isSkipped()
{
    MemoryInputDisk disk;
    disk.files["-"] = "key,value\na,1\nb,2\nc,3\n";
    const Told whole = readAll(disk, "-?format=csv");
    const SourcePosition position = whole.after[1];
    const BytesView prefix = BytesView(disk.files["-"]).substr(0, position.byte);
    const Told rest = readAll(disk, "-?format=csv", position, prefix);
    QVERIFY2(rest.failure.empty(), rest.failure.c_str());
    QVERIFY(rest.end);
    QVERIFY(std::equal(rest.raw.begin(), rest.raw.end(),
                       whole.raw.begin() + std::ptrdiff_t(position.nextOffset), whole.raw.end()));
    QVERIFY(rest.after.back() == whole.after.back());
}

void SourceTest::standardInput_ofOtherBytes_isTheContinuation()
{
    MemoryInputDisk disk;
    const Bytes stored = "key,value\na,1\n";
    const SourcePosition position{stored.size(), 2, 2};
    disk.files["-"] = "b,2\nc,3\n";
    for (const char* uri : {"-?format=csv", "-"}) {
        const Told rest = readAll(disk, uri, position, stored);
        QVERIFY2(rest.failure.empty(), rest.failure.c_str());
        QVERIFY(rest.raw == (Lines{"b,2\n", "c,3\n"}));
        QVERIFY(rest.after.back() == (SourcePosition{stored.size() + 8, 4, 4}));
    }
}

void SourceTest::standardInput_whoseBeginningIsNotKnown_isRefused()
{
    MemoryInputDisk disk;
    const Bytes stored = "key,value\na,1\n";
    disk.files["-"] = stored + "b,2\n";
    for (const char* uri : {"-?format=csv", "-"}) {
        for (const std::size_t known : {std::size_t{0}, std::size_t{10}, stored.size() - 1}) {
            const Told told =
                readAll(disk, uri, {stored.size(), 2, 2}, BytesView(stored).substr(0, known));
            QVERIFY2(told.code == Errc::kStale, told.failure.c_str());
            QVERIFY(told.raw.empty());
        }
    }
}

void SourceTest::standardInput_sentAgainButShorter_isAGap()
{
    MemoryInputDisk disk;
    Bytes stored;
    for (int i = 0; i < 3000; ++i)
        stored += "x\n";
    const SourcePosition position{stored.size(), 3000, 3000};
    disk.files["-"] = stored.substr(0, 5000);
    const BytesView prefix = BytesView(stored).substr(0, kResumePrefixBytes);
    Told told;
    StoredStream known;
    known.prefix = prefix;
    auto source = openSource(schemaFor("-"), disk, position, 0, &known, true);
    QVERIFY(source.ok());
    for (int i = 0; i < 20; ++i)
        readInto(told, **source);
    QVERIFY(told.code == Errc::kGap);
}

void SourceTest::standardInput_thatOnlyBeginsLikeTheStoredOne_isRefused_data()
{
    QTest::addColumn<QString>("uri");
    QTest::addColumn<QByteArray>("stored");
    QTest::addColumn<QByteArray>("sent");
    QTest::addColumn<int>("code");
    const auto row = [](const char* name, const char* uri, const char* stored, const char* sent,
                        std::optional<Errc> code) {
        QTest::newRow(name) << QString::fromLatin1(uri) << QByteArray(stored) << QByteArray(sent)
                            << (code ? static_cast<int>(*code) : -1);
    };
    row("a corrected value", "-?format=csv", "key,value\na,1\nb,2\n", "key,value\na,1\nb,3\n",
        Errc::kStale);
    row("a row in between", "-?format=csv", "key,value\na,1\nb,2\n", "key,value\na,1\nz,9\nb,2\n",
        Errc::kStale);
    row("the next file with its header", "-?format=csv", "key,value\na,1\nb,2\n",
        "key,value\nc,3\nd,4\n", Errc::kStale);
    row("cut", "-?format=csv", "key,value\na,1\nb,2\n", "key,value\na,1\n", Errc::kGap);
    row("a log edited in its second line", "-", "2026-11-29 first line\nsecond\n",
        "2026-11-29 first line\nSecond\n", Errc::kStale);
    row("with a corrected column name", "-?format=csv", "key,value\na,1\nbbbbbbbbbb,2\n",
        "key,Value\na,1\nbbbbbbbbbb,2\nc,3\n", Errc::kStale);
    row("a log edited in its first line", "-", "2026-11-29 first line\nanother second one\n",
        "2026-11-29 First line\nanother second one\n", Errc::kStale);
    row("cut within its header", "-?format=csv", "key,value\na,1\n", "key,v", Errc::kGap);
    row("cut within its first line", "-", "2026-11-29 first line\nb\n", "2026-11", Errc::kGap);
    row("nothing", "-?format=csv", "key,value\na,1\n", "", std::nullopt);
    row("with a byte order mark now", "-?format=csv", "key,value\na,1\n",
        "\xEF\xBB\xBFkey,value\na,1\nb,2\n", Errc::kStale);
    row("with carriage returns now", "-?format=csv", "key,value\na,1\n",
        "key,value\r\na,1\r\nb,2\r\n", Errc::kStale);
    row("without carriage returns now", "-", "2026-11-29 first line\r\nb\r\n",
        "2026-11-29 first line\nb\nc\n", Errc::kStale);
    row("short lines alike", "-", "a\nb\n", "a\nc\n", std::nullopt);
    row("new rows", "-?format=csv", "key,value\na,1\n", "c,3\n", std::nullopt);
}

void SourceTest::standardInput_thatOnlyBeginsLikeTheStoredOne_isRefused()
{
    QFETCH(QString, uri);
    QFETCH(QByteArray, stored);
    QFETCH(QByteArray, sent);
    QFETCH(int, code);
    MemoryInputDisk disk;
    disk.files["-"] = sent.toStdString();
    const Bytes prefix = stored.toStdString();
    const SourcePosition position{prefix.size(), 3, 3};
    const Told told = readAll(disk, uri.toStdString(), position, prefix);
    QCOMPARE(told.failure.empty() ? -1 : static_cast<int>(told.code), code);
}

void SourceTest::standardInput_editedBehindItsBeginning_isRefused()
{
    const Bytes stream = linesOf(300'000);
    const std::uint64_t taken = stream.size() - 20'000;
    const SourcePosition position{taken, 100, 100};
    for (const std::uint64_t edited : {std::uint64_t{5000}, std::uint64_t{100'000}, taken - 3}) {
        StoredStream known;
        known.prefix = stream.substr(0, kResumePrefixBytes);
        known.fingerprint.add(BytesView(stream).substr(0, taken));
        MemoryInputDisk disk;
        disk.files["-"] = stream;
        disk.files["-"][edited] ^= 1;
        auto source = openSource(schemaFor("-"), disk, position, 0, &known, true);
        QVERIFY(source.ok());
        Told told;
        readInto(told, **source, 5000);
        QVERIFY2(told.code == Errc::kStale, told.failure.c_str());
        QVERIFY(told.raw.empty());
    }
}

void SourceTest::standardInput_sentAgain_goesOnWithItsFingerprint()
{
    const Bytes stream = linesOf(200'000);
    const std::uint64_t taken = stream.find('\n', 150'000) + 1;
    SourceFingerprint whole;
    whole.add(BytesView(stream).substr(0, taken));
    StoredStream known;
    known.prefix = stream.substr(0, kResumePrefixBytes);
    Result<SourceFingerprint> kept = SourceFingerprint::decode(whole.encode());
    known.fingerprint = std::move(kept).value();
    MemoryInputDisk disk;
    disk.files["-"] = stream;
    auto source = openSource(schemaFor("-"), disk, {taken, 100, 100}, 0, &known, true);
    QVERIFY(source.ok());
    Told told;
    readInto(told, **source, 5000);
    QVERIFY2(told.end && told.failure.empty(), told.failure.c_str());
    QVERIFY(known.fingerprint.encode() == whole.encode());
}

void SourceTest::fingerprint_hasOneHash_howeverTheBytesCame()
{
    const Bytes stream = linesOf(300'000);
    SourceFingerprint whole;
    whole.add(stream);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}, std::size_t{65'536},
                                    std::size_t{65'537}, std::size_t{200'000}}) {
        SourceFingerprint pieces;
        for (std::size_t at = 0; at < stream.size(); at += piece)
            pieces.add(BytesView(stream).substr(at, piece));
        QCOMPARE(pieces.hash(), whole.hash());
        QVERIFY(pieces.encode() == whole.encode());
    }
    const Result<SourceFingerprint> decoded = SourceFingerprint::decode(whole.encode());
    QVERIFY(decoded.ok());
    QCOMPARE(decoded->hash(), whole.hash());
    SourceFingerprint taken;
    while (whole.hasWholeBlock(taken.bytes() / SourceFingerprint::kBlockBytes))
        taken.takeFrom(whole);
    taken.add(BytesView(stream).substr(taken.bytes()));
    QCOMPARE(taken.hash(), whole.hash());
    for (const std::size_t at : {std::size_t{0}, std::size_t{70'000}, stream.size() - 1}) {
        Bytes other = stream;
        other[at] ^= 1;
        SourceFingerprint edited;
        edited.add(other);
        QVERIFY(edited.hash() != whole.hash());
    }
    QVERIFY(SourceFingerprint().hash() != 0);
    // Cut back, it is that of the bytes in front.
    for (const std::size_t end : {std::size_t{0}, std::size_t{65'536}, std::size_t{131'072},
                                  stream.size() - 7, stream.size(), stream.size() + 7}) {
        SourceFingerprint cut = whole;
        cut.cutTo(end);
        SourceFingerprint expected;
        expected.add(BytesView(stream).substr(0, end));
        QCOMPARE(cut.bytes(), std::uint64_t(std::min(end, stream.size())));
        QVERIFY(cut.encode() == expected.encode() && cut.hash() == expected.hash());
    }
    SourceFingerprint within = whole;
    within.cutTo(100'000);
    QCOMPARE(within.bytes(), std::uint64_t(65'536));
}

void SourceTest::source_ofAnotherHash_isRefused_data()
{
    QTest::addColumn<QString>("uri");
    QTest::addColumn<int>("knownBytes");  // what the saved fingerprint says, which is older
    for (const int known : {0, 4096, 70'000}) {
        for (const char* uri : {"lines:f", "-"})
            QTest::addRow("%s, %d bytes known", uri, known) << QString::fromLatin1(uri) << known;
    }
}

// After a kill the boxes go further than what is known of each block.
void SourceTest::source_ofAnotherHash_isRefused()
{
    QFETCH(QString, uri);
    QFETCH(int, knownBytes);
    const Bytes stream = linesOf(150'000);
    const std::uint64_t taken = stream.find('\n', 140'000) + 1;
    SourceFingerprint before;
    before.add(BytesView(stream).substr(0, taken));
    const SourcePosition position{taken, 100, 100, before.hash()};
    const std::string file = uri == QStringLiteral("-") ? "-" : "f";
    const auto open = [&](Told& told, std::uint64_t edited) {
        StoredStream known;
        known.prefix = stream.substr(0, kResumePrefixBytes);
        known.fingerprint.add(BytesView(stream).substr(0, static_cast<std::size_t>(knownBytes)));
        MemoryInputDisk disk;
        disk.files[file] = stream;
        if (edited > 0) disk.files[file][edited] ^= 1;
        auto source = openSource(schemaFor(uri.toStdString()), disk, position, 0, &known, true);
        if (!source.ok()) {
            told.code = source.error().code;
            told.failure = source.error().message;
            return;
        }
        readInto(told, **source, 5000);
    };
    for (const std::uint64_t edited : {std::uint64_t{4097}, std::uint64_t{69'999},
                                       std::uint64_t{70'001}, std::uint64_t{100'000}, taken - 1}) {
        Told told;
        open(told, edited);
        QVERIFY2(told.code == Errc::kStale, told.failure.c_str());
        QVERIFY(told.raw.empty());
    }
    Told same;
    open(same, 0);
    QVERIFY2(same.end && same.failure.empty(), same.failure.c_str());
    QVERIFY(!same.raw.empty());
}

// After a kill the fingerprint may end before the boxes: what a continuation adds has no hash, and
// the whole stream sent again is taken for what it is.
void SourceTest::memory_behindAContinuationItCannotFollow_givesNoHash()
{
    const Bytes first = linesOf(5'000);
    const Bytes second = "three\nfour\n";
    SourceFingerprint taken;
    taken.add(first);
    const SourcePosition killed{first.size(), 2, 2, taken.hash()};
    MemoryInputDisk disk;
    disk.files["-"] = second;
    SourceMemory memory(disk, "data");
    memory.stored().prefix = first.substr(0, kResumePrefixBytes);
    memory.stored().fingerprint.add(BytesView(first).substr(0, 5));
    auto source = openSource(schemaFor("-"), disk, killed, 0, &memory.stored(), true);
    QVERIFY(source.ok());
    std::uint64_t from = killed.byte;
    SourcePosition after;
    for (int i = 0; i < 20; ++i) {
        auto batch = (*source)->read(100, Instant{0});
        QVERIFY(batch.ok());
        if (batch->parsed.records.empty()) continue;
        QVERIFY(memory.take(*batch, from, **source).ok());
        after = batch->after;
        from = after.byte;
    }
    QVERIFY((*source)->continues());
    QCOMPARE(after.byte, std::uint64_t(first.size() + second.size()));
    QCOMPARE(after.hash, std::uint64_t(0));
    disk.files["-"] = first + second + "five\n";
    StoredStream known;
    known.prefix = first.substr(0, kResumePrefixBytes);
    auto again = openSource(schemaFor("-"), disk, after, 0, &known, true);
    QVERIFY(again.ok());
    Told told;
    readInto(told, **again, 100);
    QVERIFY2(told.failure.empty(), told.failure.c_str());
    QVERIFY(told.raw == Lines{"five\n"});
}

QTEST_GUILESS_MAIN(SourceTest)
#include "tst_source.moc"
