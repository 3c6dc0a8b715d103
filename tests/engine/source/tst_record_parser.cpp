// The parsers, chunk by chunk: nothing lost, nothing doubled, every bad row kept with its reason.
#include "engine/base/split_mix.h"
#include "engine/source/record_parser.h"

#include <QtTest>

#include <string>
#include <vector>

using namespace foreshard;

namespace {

constexpr std::uint64_t kLimit = 64;

struct Case {
    const char* name;
    RecordFormatKind format;
    StreamSchema schema;
    Bytes input;
    // One line per record: kind or reason, key, value, type, line.
    std::vector<std::string> expected;
};

StreamSchema schemaOf(const char* key, const char* value, const char* time = "",
                      const char* type = "", const char* pattern = "")
{
    StreamSchema schema;
    schema.pattern = pattern;
    schema.keyField = key;
    schema.valueField = value;
    schema.timeField = time;
    schema.typeField = type;
    schema.recordBytesMax = kLimit;
    return schema;
}

// "data k=1" , "header", "rejected: value is not a number"
std::string wordsFor(const RecordView& record, std::uint64_t line)
{
    const std::string at = " @" + std::to_string(line);
    if (record.kind == RecordKind::kHeader) return "header" + at;
    if (record.kind == RecordKind::kRejected)
        return std::string(rejectReasonText(record.reason)) + at;
    std::string value = QByteArray::number(record.value).toStdString();
    std::string words = std::string(record.key) + "=" + value;
    if (!record.type.empty()) words += " " + std::string(record.type);
    if (record.eventTimeMs != 0) words += " t" + std::to_string(record.eventTimeMs);
    return words + at;
}

std::vector<std::string> wordsFor(const ParsedBatch& batch)
{
    std::vector<std::string> words;
    for (std::size_t i = 0; i < batch.records.size(); ++i)
        words.push_back(wordsFor(batch.records[i], batch.lines[i]));
    return words;
}

const Bytes kLong(150, 'x');

std::vector<Case> csvCases()
{
    const auto kv = schemaOf("key", "value");
    const auto csv = RecordFormatKind::kCsv;
    return {
        {"csv plain", csv, kv, "key,value\na,1\nb,2.5\n", {"header @1", "a=1 @2", "b=2.5 @3"}},
        {"csv empty", csv, kv, "", {}},
        {"csv header only", csv, kv, "key,value", {"header @1"}},
        {"csv no newline at the end", csv, kv, "key,value\na,1", {"header @1", "a=1 @2"}},
        {"csv crlf", csv, kv, "key,value\r\na,1\r\nb,2\r\n", {"header @1", "a=1 @2", "b=2 @3"}},
        {"csv byte order mark", csv, kv, "\xEF\xBB\xBFkey,value\na,1\n", {"header @1", "a=1 @2"}},
        {"csv quotes",
         csv,
         kv,
         "key,value\n\"a,b\",1\n\"say \"\"hi\"\"\",2\n\"\",3\n,4\n",
         {"header @1", "a,b=1 @2", "say \"hi\"=2 @3", "=3 @4", "=4 @5"}},
        {"csv stray quotes",
         csv,
         kv,
         "key,value\na\"b,1\n\"a\"b,2\n",
         {"header @1", "a\"b=1 @2", "text stands behind a closing quote @3"}},
        {"csv blanks around quotes",
         csv,
         kv,
         "\xEF\xBB\xBF\"key\" , \"value\" \r\n \"a,\" , 1\r\n\"b\"\t,\"2\" \r\n",
         {"header @1", "a,=1 @2", "b=2 @3"}},
        {"csv stray quotes in two rows",
         csv,
         kv,
         "value,key\n1,\"12 in\n2,x\n4,\"9 in\n8,y\n",
         {"header @1", "quoted field is never closed @2", "x=2 @3",
          "quoted field is never closed @4", "y=8 @5"}},
        {"csv quote over whole rows",
         csv,
         schemaOf("key", "n"),
         "key,x,n\na,\"12,1\nb,x,2\nc,9\",3\n",
         {"header @1", "quoted field holds whole rows @2", "b=2 @3", "c=3 @4"}},
        {"csv stray quote behind a field with a line end",
         csv,
         kv,
         "key,value\n\"a\nb\",\"1\nc,2\nd,3\n",
         {"header @1", "quoted field is never closed @2", "c=2 @4", "d=3 @5"}},
        {"csv backslash before a quote",
         csv,
         kv,
         "key,value\n\"say \\\"hi, you\\\" now\",5\nb,6\n",
         {"header @1", "text stands behind a closing quote @2", "b=6 @3"}},
        {"csv quoted newline",
         csv,
         kv,
         "key,value\n\"a\nb\",1\nc,2\n",
         {"header @1", "a\nb=1 @2", "c=2 @4"}},
    };
}

std::vector<Case> brokenCsvCases()
{
    const auto kv = schemaOf("key", "value");
    const auto csv = RecordFormatKind::kCsv;
    return {
        {"csv unclosed quote at the end",
         csv,
         kv,
         "key,value\na,1\n\"b,2\nc,3\n",
         {"header @1", "a=1 @2", "quoted field is never closed @3", "c=3 @4"}},
        {"csv unclosed quote, lines over the limit",
         csv,
         kv,
         "key,value\n\"b,2\nc,3\n" + Bytes(40, 'd') + ",4\n" + Bytes(40, 'e') + ",5\n",
         {"header @1", "quoted field is never closed @2", "c=3 @3", Bytes(40, 'd') + "=4 @4",
          Bytes(40, 'e') + "=5 @5"}},
        {"csv unclosed quote over the limit",
         csv,
         kv,
         "key,value\n\"" + kLong + "\nb,2\n",
         {"header @1", "quoted field is never closed @2", "record is longer than the limit @2",
          "record is longer than the limit @2", "b=2 @3"}},
        {"csv blank lines",
         csv,
         kv,
         "key,value\n\na,1\n\r\n  \t\n",
         {"header @1", "line is blank @2", "a=1 @3", "line is blank @4", "line is blank @5"}},
        {"csv too few fields",
         csv,
         kv,
         "key,value\na\nb,2\n",
         {"header @1", "too few fields @2", "b=2 @3"}},
        {"csv too many fields",
         csv,
         kv,
         "key,value\na,1,234\nb,2,\nc,3,,\n\"d\",4,\"\"\n",
         {"header @1", "more fields than columns @2", "b=2 @3", "more fields than columns @4",
          "more fields than columns @5"}},
        {"csv nul bytes",
         csv,
         kv,
         Bytes("key,value\n\0\0a,1\nb,2\n", 20),
         {"header @1", "line holds NUL bytes @2", "b=2 @3"}},
        {"csv value",
         csv,
         kv,
         "key,value\na,one\nb,\nc, 3 \nd,nan\n",
         {"header @1", "value is not a number @2", "value is not a number @3", "c=3 @4",
          "value is not a number @5"}},
        {"csv time and type",
         csv,
         schemaOf("k", "v", "t", "y"),
         "t,y,k,v\n1700000000,view,a,1\nsoon,view,b,2\n",
         {"header @1", "a=1 view t1700000000000 @2", "b=2 view @3"}},
        {"csv invalid utf-8 in the key",
         csv,
         kv,
         "key,value\na\xFF,1\n",
         {"header @1", "key is not valid UTF-8 @2"}},
        {"csv too long",
         csv,
         kv,
         "key,value\n" + kLong + ",1\nb,2\n",
         {"header @1", "record is longer than the limit @2", "record is longer than the limit @2",
          "record is longer than the limit @2", "b=2 @3"}},
    };
}

std::vector<Case> csvNumberCases()
{
    const auto kv = schemaOf("key", "value");
    const auto csv = RecordFormatKind::kCsv;
    return {
        {"csv numbers that do not fit",
         csv,
         kv,
         "key,value\na,1e-400\nb,1e400\nc,9007199254740993\nd,9007199254740992\n",
         {"header @1", "a=0 @2", "value is beyond the largest number @3",
          "integer beyond 2^53 cannot be held exactly @4", "d=9.0072e+15 @5"}},
        {"csv long zero", csv, kv, "key,value\na,-0000000000000000\n", {"header @1", "a=0 @2"}},
        {"csv integers written another way",
         csv,
         kv,
         "key,value\na,9007199254740993e0\nb,900719925474099.3e1\nc,9007199254740993.0\n"
         "d,6.02214076e23\ne,1234567890123456.5e0\nf,9007199254740992e0\ng,-0\n"
         "h,1.2345678901234567e+20\ni,1.7976931348623157e308\n",
         {"header @1", "integer beyond 2^53 cannot be held exactly @2",
          "integer beyond 2^53 cannot be held exactly @3",
          "integer beyond 2^53 cannot be held exactly @4", "d=6.02214e+23 @5", "e=1.23457e+15 @6",
          "f=9.0072e+15 @7", "g=0 @8", "h=1.23457e+20 @9", "i=1.79769e+308 @10"}},
    };
}

std::vector<Case> jsonlCases()
{
    const auto jsonl = RecordFormatKind::kJsonl;
    const auto kv = schemaOf("key", "value");
    const auto nested = schemaOf("a.b", "v", "t", "y");
    return {
        {"jsonl plain",
         jsonl,
         kv,
         "{\"key\":\"a\",\"value\":1}\r\n{\"value\":2,\"key\":\"b\"}",
         {"a=1 @1", "b=2 @2"}},
        {"jsonl nested",
         jsonl,
         nested,
         "{\"a\":{\"x\":[{\"b\":9}],\"b\":\"k\"},\"v\":\"2.5\",\"t\":17e8,\"y\":\"view\"}\n",
         {"k=2.5 view t1700000000000 @1"}},
        {"jsonl number keys",
         jsonl,
         kv,
         "{\"key\":12,\"value\":1}\n{\"key\":1.50,\"value\":1}\n{\"key\":-0,\"value\":1}\n",
         {"12=1 @1", "1.50=1 @2", "-0=1 @3"}},
        {"jsonl escapes",
         jsonl,
         kv,
         "{\"key\":\"a\\u00e4\\n\",\"value\":1}\n",
         {"a\xC3\xA4\n=1 @1"}},
        {"jsonl rejects",
         jsonl,
         kv,
         "{\"key\":\"a\"\n\n[1]\n7\n{\"value\":1}\n{\"key\":null,\"value\":1}\n{\"key\":\"a\"}\n"
         "{\"key\":\"a\",\"value\":true}\n{\"key\":\"\xFF\",\"value\":1}\n",
         {"not a JSON object @1", "line is blank @2", "not a JSON object @3",
          "not a JSON object @4", "key field is missing @5", "key field is missing @6",
          "value field is missing @7", "value is not a number @8", "key is not valid UTF-8 @9"}},
        {"jsonl fields nobody asked for",
         jsonl,
         kv,
         "{\"key\":\"a\",\"value\":1,\"x\":1e400}\n"
         "{\"key\":\"b\",\"value\":1,\"x\":\"\\ud83d\"}\n"
         "{\"key\":\"c\",\"value\":1,\"x\":\"\xE9\\q\t\"}\n"
         "{\"key\":\"d\",\"value\":1,\"x\":[NaN,{}]}\n"
         "{\"key\":\"e\",\"value\":1,\"x\":01}\n",
         {"a=1 @1", "b=1 @2", "c=1 @3", "d=1 @4", "not a JSON object @5"}},
        {"jsonl fields asked for",
         jsonl,
         kv,
         "{\"key\":true,\"value\":1}\n{\"key\":\"a\",\"value\":1e400}\n"
         "{\"key\":\"a\",\"value\":1,\"key\":\"b\"}\n"
         "{\"key\":\"\\ud83d\",\"value\":1}\n{\"key\":\"\\ud83d\\ude00\",\"value\":1}\n",
         {"key is no text and no number @1", "value is beyond the largest number @2",
          "a field that is asked for stands twice @3", "key is not valid UTF-8 @4",
          "\xF0\x9F\x98\x80=1 @5"}},
        {"jsonl members without a name",
         jsonl,
         kv,
         "{\"\":{\"key\":\"a\"},\"value\":1}\n{\"\":{\"key\":\"a\"},\"key\":\"b\",\"value\":1}\n",
         {"key field is missing @1", "b=1 @2"}},
        {"jsonl empty", jsonl, kv, "", {}},
        {"jsonl too long",
         jsonl,
         kv,
         "{\"key\":\"" + kLong + "\"}\n{\"key\":\"a\",\"value\":1}\n",
         {"record is longer than the limit @1", "record is longer than the limit @1",
          "record is longer than the limit @1", "a=1 @2"}},
    };
}

std::vector<Case> linesCases()
{
    const auto lines = RecordFormatKind::kLines;
    const auto grouped = schemaOf("k", "v", "", "", "^(?P<k>\\w+)? (?P<v>\\S+)");
    return {
        {"lines whole", lines, schemaOf("", ""), "one\r\n\ntwo", {"one=1 @1", "=1 @2", "two=1 @3"}},
        {"lines at the limit",
         lines,
         schemaOf("", ""),
         Bytes(kLimit - 1, 'y') + "\n" + Bytes(kLimit, 'z') + "\nc\n",
         {Bytes(kLimit - 1, 'y') + "=1 @1", "record is longer than the limit @2",
          "record is longer than the limit @2", "c=1 @3"}},
        {"lines last of limit's length",
         lines,
         schemaOf("", ""),
         Bytes(kLimit, 'z'),
         {Bytes(kLimit, 'z') + "=1 @1"}},
        {"lines pattern",
         lines,
         grouped,
         "a 1\nb -\nc x\n 5\nnothing\n\xFF 1\n",
         {"a=1 @1", "b=0 @2", "value is not a number @3", "key field is missing @4",
          "line does not match the pattern @5", "line does not match the pattern @6"}},
        {"lines other ways to name a group",
         lines,
         schemaOf("k", "v", "", "", "[](?<]?(?<k>\\w+)\\Q(?<\\E (?P<v>\\d+)"),
         "a(?< 1\n  at x\n\n",
         {"a=1 @1", "indented line does not match the pattern @2", "line is blank @3"}},
        {"lines key not utf-8",
         lines,
         schemaOf("", ""),
         "a\xFF\nb\n",
         {"key is not valid UTF-8 @1", "b=1 @2"}},
    };
}

std::vector<Case> allCases()
{
    std::vector<Case> cases = csvCases();
    for (const auto& more : {brokenCsvCases(), csvNumberCases(), jsonlCases(), linesCases()})
        cases.insert(cases.end(), more.begin(), more.end());
    return cases;
}

std::unique_ptr<RecordParser> parserOf(const Case& one)
{
    auto made = makeParser(one.schema, one.format);
    return made.ok() ? std::move(made).value() : nullptr;
}

// Everything in one piece.
ParsedBatch parsedWhole(const Case& one)
{
    ParsedBatch out;
    const Status status = parserOf(one)->feed(one.input, true, out);
    return status.ok() ? std::move(out) : ParsedBatch{};
}

Bytes joined(const std::vector<RecordView>& records)
{
    Bytes all;
    for (const RecordView& record : records)
        all += record.raw;
    return all;
}

std::string failureOf(RecordFormatKind format, const StreamSchema& schema, BytesView input)
{
    auto parser = makeParser(schema, format);
    if (!parser.ok()) return parser.error().message;
    ParsedBatch out;
    const Status status = (*parser)->feed(input, true, out);
    return status.ok() ? "" : status.error().message;
}

// Random bytes with plenty of what the formats care about.
Bytes randomInput(SplitMix64& random)
{
    const std::vector<BytesView> pieces{"a",
                                        "key",
                                        ",",
                                        ",",
                                        "1",
                                        "\"",
                                        "\"",
                                        "\"\"",
                                        "\n",
                                        "\n",
                                        "\r\n",
                                        "{\"key\":\"b\",\"value\":2}\n",
                                        "c,3\n",
                                        "\"d\",4\n",
                                        "\xC3\xA4",
                                        "\xFF",
                                        "zzzzzzzzzzzzz"};
    Bytes input = "key,value\n";
    for (std::uint64_t i = random.below(120); i > 0; --i)
        input += pieces[random.below(pieces.size())];
    return input;
}

}  // namespace

class RecordParserTest final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void records_areWhatTheTableSays_data();
    void records_areWhatTheTableSays();
    void records_areTheSame_whateverTheChunks_data() { records_areWhatTheTableSays_data(); }
    void records_areTheSame_whateverTheChunks();
    void records_goOn_fromEveryBoundary_data() { records_areWhatTheTableSays_data(); }
    void records_goOn_fromEveryBoundary();
    void randomBytes_areKeptVerbatim_andResumeAnywhere();
    void invalidUtf8_outsideTheKey_isCountedAndKept();
    void lineOverTheLimit_countsAsOneReject();
    void endlessLine_takesBoundedMemory();
    void movedBatch_keepsItsViews();
    void longType_isCut();
    void unknownNames_areExplained();
};

void RecordParserTest::records_areWhatTheTableSays_data()
{
    QTest::addColumn<int>("index");
    const auto cases = allCases();
    for (std::size_t i = 0; i < cases.size(); ++i)
        QTest::newRow(cases[i].name) << int(i);
}

void RecordParserTest::records_areWhatTheTableSays()
{
    QFETCH(int, index);
    const Case one = allCases()[std::size_t(index)];
    const ParsedBatch out = parsedWhole(one);
    const auto words = wordsFor(out);
    for (std::size_t i = 0; i < std::min(words.size(), one.expected.size()); ++i)
        QVERIFY2(words[i] == one.expected[i], (words[i] + " / " + one.expected[i]).c_str());
    QCOMPARE(words.size(), one.expected.size());
    QVERIFY(joined(out.records) == one.input);
    for (std::size_t i = 0; i < out.records.size(); ++i)
        QCOMPARE(out.records[i].offset, Offset(i));
}

void RecordParserTest::records_areTheSame_whateverTheChunks()
{
    QFETCH(int, index);
    const Case one = allCases()[std::size_t(index)];
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SplitMix64 random(seed);
        const auto parser = parserOf(one);
        ParsedBatch out;
        for (BytesView rest = one.input; !rest.empty();) {
            const std::size_t length = std::min<std::size_t>(1 + random.below(seed), rest.size());
            // Sometimes only a few records may come out, and the rest must wait.
            const std::size_t most =
                random.chance(500) ? out.records.size() + random.below(2) : RecordParser::kNoLimit;
            QVERIFY(parser->feed(rest.substr(0, length), false, out, most).ok());
            rest.remove_prefix(length);
        }
        QVERIFY(parser->feed({}, true, out).ok());
        QVERIFY(wordsFor(out) == one.expected);
        QVERIFY(joined(out.records) == one.input);
        QCOMPARE(parser->position().byte, std::uint64_t(one.input.size()));
        QCOMPARE(parser->pendingBytes(), std::size_t(0));
    }
}

void RecordParserTest::records_goOn_fromEveryBoundary()
{
    QFETCH(int, index);
    const Case one = allCases()[std::size_t(index)];
    const ParsedBatch whole = parsedWhole(one);
    SourcePosition position;
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
        position.line = whole.lines[i] - 1;
        position.nextOffset = i;
        const auto parser = parserOf(one);
        const BytesView header = parser->needsHeader() && i > 0 ? whole.records[0].raw : "";
        const bool midLine = position.byte > 0 && one.input[position.byte - 1] != '\n';
        QVERIFY(parser->resumeAt(position, header, midLine ? Before::kLongLine : Before::kLineEnd)
                    .ok());
        ParsedBatch out;
        QVERIFY(parser->feed(BytesView(one.input).substr(position.byte), true, out).ok());
        const auto words = wordsFor(out);
        QVERIFY(std::equal(words.begin(), words.end(), one.expected.begin() + std::ptrdiff_t(i),
                           one.expected.end()));
        QCOMPARE(out.records.front().offset, Offset(i));
        position.byte += whole.records[i].raw.size();
    }
}

void RecordParserTest::randomBytes_areKeptVerbatim_andResumeAnywhere()
{
    const std::vector<std::pair<RecordFormatKind, StreamSchema>> formats{
        {RecordFormatKind::kCsv, schemaOf("key", "value")},
        {RecordFormatKind::kJsonl, schemaOf("key", "value")},
        {RecordFormatKind::kLines, schemaOf("", "")}};
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SplitMix64 random(seed);
        const Bytes input = randomInput(random);
        for (const auto& [format, schema] : formats) {
            const Case one{"random", format, schema, input, {}};
            const ParsedBatch whole = parsedWhole(one);
            const auto words = wordsFor(whole);
            QVERIFY(joined(whole.records) == input);
            const auto parser = parserOf(one);
            ParsedBatch out;
            for (std::size_t at = 0; at < input.size();) {
                const std::size_t length = 1 + random.below(30);
                QVERIFY(parser->feed(BytesView(input).substr(at, length), false, out).ok());
                at += length;
            }
            QVERIFY(parser->feed({}, true, out).ok());
            QVERIFY(wordsFor(out) == words);
            QCOMPARE(out.rejected, whole.rejected);
            // And from one boundary.
            const std::size_t from = random.below(whole.records.size());
            SourcePosition position{0, whole.lines[from] - 1, from};
            for (std::size_t i = 0; i < from; ++i)
                position.byte += whole.records[i].raw.size();
            const auto later = parserOf(one);
            const bool midLine = from > 0 && input[position.byte - 1] != '\n';
            const BytesView header = later->needsHeader() && from > 0 ? whole.records[0].raw : "";
            QVERIFY(
                later->resumeAt(position, header, midLine ? Before::kLongLine : Before::kLineEnd)
                    .ok());
            ParsedBatch rest;
            QVERIFY(later->feed(BytesView(input).substr(position.byte), true, rest).ok());
            const auto restWords = wordsFor(rest);
            QVERIFY(std::equal(restWords.begin(), restWords.end(),
                               words.begin() + std::ptrdiff_t(from), words.end()));
        }
    }
}

void RecordParserTest::invalidUtf8_outsideTheKey_isCountedAndKept()
{
    const Case one{"",
                   RecordFormatKind::kCsv,
                   schemaOf("key", "value"),
                   "key,value,note\na,1,caf\xE9\nb,2,ok\n",
                   {}};
    const ParsedBatch out = parsedWhole(one);
    QCOMPARE(out.records.size(), std::size_t(3));
    QCOMPARE(out.invalidUtf8, std::uint64_t(1));
    QCOMPARE(out.rejected, std::uint64_t(0));
    QVERIFY(out.records[1].kind == RecordKind::kData && out.records[1].key == "a");
}

void RecordParserTest::lineOverTheLimit_countsAsOneReject()
{
    const Case one{"", RecordFormatKind::kLines, schemaOf("", ""), Bytes(1000, 'x') + "\na\n", {}};
    const ParsedBatch out = parsedWhole(one);
    QCOMPARE(out.rejected, std::uint64_t(1));
    QCOMPARE(out.records.size(), std::size_t(17));  // 15 pieces of 64, one of 41, and "a"
    for (const RecordView& record : out.records)
        QVERIFY(record.raw.size() <= kLimit);
}

void RecordParserTest::endlessLine_takesBoundedMemory()
{
    const Case one{"", RecordFormatKind::kCsv, schemaOf("key", "value"), "", {}};
    const auto parser = parserOf(one);
    ParsedBatch header;
    QVERIFY(parser->feed("key,value\n\"", false, header).ok());
    for (int i = 0; i < 1000; ++i) {
        ParsedBatch out;
        QVERIFY(parser->feed("0123456789", false, out).ok());
        QVERIFY(parser->pendingBytes() <= kLimit);
    }
}

void RecordParserTest::movedBatch_keepsItsViews()
{
    const Case one{"",
                   RecordFormatKind::kCsv,
                   schemaOf("key", "value"),
                   "key,value\n\"say \"\"a\"\"\",1\n",
                   {}};
    ParsedBatch first = parsedWhole(one);
    ParsedBatch second = std::move(first);
    first = ParsedBatch{};
    first.arena.store("something else");
    const ParsedBatch third = std::move(second);
    QVERIFY(third.records[1].key == "say \"a\"");
    QVERIFY(joined(third.records) == one.input);
}

void RecordParserTest::longType_isCut()
{
    StreamSchema schema = schemaOf("key", "", "", "type");
    schema.recordBytesMax = 4096;
    const Case one{"", RecordFormatKind::kCsv, schema, "key,type\na," + Bytes(300, 't') + "\n", {}};
    QCOMPARE(parsedWhole(one).records[1].type.size(), std::size_t(255));
}

void RecordParserTest::unknownNames_areExplained()
{
    const auto says = [](const std::string& message, const char* words) {
        return message.find(words) != std::string::npos;
    };
    const std::string column =
        failureOf(RecordFormatKind::kCsv, schemaOf("key", "valeu"), "key,value\na,1\n");
    QVERIFY2(says(column, "'valeu'") && says(column, "key, value")
                 && says(column, "did you mean 'value'?"),
             column.c_str());
    QVERIFY(says(failureOf(RecordFormatKind::kCsv, schemaOf("", ""), "a,b\n"), "'key'"));
    const std::string group =
        failureOf(RecordFormatKind::kLines, schemaOf("kay", "", "", "", "(?P<key>a)"), "");
    QVERIFY2(says(group, "'kay'") && says(group, "did you mean 'key'?"), group.c_str());
    QVERIFY(says(failureOf(RecordFormatKind::kLines, schemaOf("", "", "", "", "("), ""),
                 "pattern '('"));
    QVERIFY(says(failureOf(RecordFormatKind::kLines, schemaOf("key", ""), ""), "--pattern"));
    QVERIFY(says(failureOf(RecordFormatKind::kCsv, schemaOf("key", "v"), Bytes(100, 'x')),
                 "record limit"));
    QVERIFY(
        says(failureOf(RecordFormatKind::kCsv, schemaOf("key", "v"), "\"key,v\n"), "never closed"));
}

QTEST_GUILESS_MAIN(RecordParserTest)
#include "tst_record_parser.moc"
