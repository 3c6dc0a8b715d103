// Streams, options, the configuration file and the model's manifest.
#include "engine/base/check.h"
#include "engine/base/split_mix.h"
#include "engine/model/operator_spec.h"
#include "engine/predict/model_manifest.h"
#include "engine/source/record_parser.h"
#include "engine/source/source_uri.h"
#include "tests/fuzz/fuzz_target.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <sstream>

namespace foreshard::fuzz {
namespace {

constexpr const char* kPattern = R"(^(?P<key>\S+) (?P<value>\S+) ?(?P<time>\S*)(?P<type>.*))";

StreamSchema schemaOf(RecordFormatKind format, std::size_t recordBytesMax)
{
    StreamSchema schema;
    if (format == RecordFormatKind::kLines) schema.pattern = kPattern;
    schema.keyField = "key";
    schema.valueField = "value";
    schema.timeField = "time";
    schema.typeField = "type";
    schema.recordBytesMax = recordBytesMax;
    return schema;
}

void checkSame(const RecordView& a, const RecordView& b)
{
    FS_CHECK(a.offset == b.offset && a.kind == b.kind && a.reason == b.reason);
    FS_CHECK(a.eventTimeMs == b.eventTimeMs);
    FS_CHECK(std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value));
    FS_CHECK(a.type == b.type && a.key == b.key && a.raw == b.raw);
}

class Parsing {
public:
    Parsing(RecordFormatKind format, std::size_t recordBytesMax, BytesView data)
        : format_(format), recordBytesMax_(recordBytesMax), data_(data)
    {
        const auto parser = make();
        status_ = parser->feed(data_, true, whole_);
        end_ = parser->position();
        if (!status_.ok()) return;
        Bytes raw;
        for (const RecordView& record : whole_.records)
            raw += record.raw;
        FS_CHECK(raw == data_);
        FS_CHECK(parser->pendingBytes() == 0 && end_.byte == data_.size());
        FS_CHECK(end_.nextOffset == whole_.records.size());
    }

    // Records do not depend on how the stream was cut into chunks.
    void inPieces(SplitMix64 random) const
    {
        const auto parser = make();
        ParsedBatch parsed;
        Status status;
        for (BytesView rest = data_; status.ok();) {
            const BytesView chunk = rest.substr(0, 1 + random.below(1 + random.below(64)));
            rest.remove_prefix(chunk.size());
            status = parser->feed(chunk, rest.empty(), parsed);
            if (rest.empty()) break;
        }
        FS_CHECK(status.ok() == status_.ok());
        if (!status.ok()) return;
        FS_CHECK(parsed.records.size() == whole_.records.size());
        for (std::size_t i = 0; i < parsed.records.size(); ++i)
            checkSame(parsed.records[i], whole_.records[i]);
        FS_CHECK(parsed.lines == whole_.lines && parsed.rejected == whole_.rejected);
        FS_CHECK(parsed.invalidUtf8 == whole_.invalidUtf8 && parser->position() == end_);
    }

    // Nor on where it was interrupted.
    void resumed(SplitMix64 random) const
    {
        if (!status_.ok() || whole_.records.empty()) return;
        const std::size_t count = 1 + random.below(whole_.records.size());
        const auto before = make();
        ParsedBatch first;
        FS_CHECK(before->feed(data_, true, first, count).ok());
        FS_CHECK(first.records.size() == count);
        const SourcePosition at = before->position();
        const auto parser = make();
        BytesView header;
        if (parser->needsHeader()) {
            header = data_.substr(0, parser->headerLength(data_));
            if (header.empty()) return;  // it has no end: nothing can be behind it
        }
        const bool midLine = data_[at.byte - 1] != '\n';
        FS_CHECK(parser->resumeAt(at, header, midLine ? Before::kLongLine : Before::kLineEnd).ok());
        ParsedBatch rest;
        FS_CHECK(parser->feed(data_.substr(at.byte), true, rest).ok());
        FS_CHECK(count + rest.records.size() == whole_.records.size());
        for (std::size_t i = 0; i < rest.records.size(); ++i)
            checkSame(rest.records[i], whole_.records[count + i]);
        FS_CHECK(parser->position() == end_);
    }

private:
    std::unique_ptr<RecordParser> make() const
    {
        auto parser = makeParser(schemaOf(format_, recordBytesMax_), format_);
        FS_CHECK(parser.ok());
        return std::move(*parser);
    }

    RecordFormatKind format_;
    std::size_t recordBytesMax_;
    BytesView data_;
    ParsedBatch whole_;
    SourcePosition end_;
    Status status_;
};

// A byte for the limit of a record, a byte for the cuts, then the stream.
template <RecordFormatKind kFormat>
void runStream(BytesView input)
{
    if (input.size() < 2) return;
    const std::size_t limit = 64 + 8U * static_cast<unsigned char>(input[0]);
    const SplitMix64 random(static_cast<unsigned char>(input[1]));
    const Parsing parsing(kFormat, limit, input.substr(2));
    parsing.inPieces(random);
    parsing.resumed(random);
}

std::vector<Bytes> csvSeeds()
{
    return {
        "\x08\x01id,key,value,time,type\n1,\"a, \"\"b\"\"\n c\",2.5,2026-11-22T10:00:00Z,x\r\n",
        "\x08\x02key,value,time,type\nk,oops,1,t\nk,1\n\"open,1,1700000000,t\n\nk,-1e3,,\xFF",
        std::string("\0\3key,value,time,type\n", 22) + std::string(200, 'a') + ",1,1,t\nb,2,2,u"};
}

std::vector<Bytes> jsonlSeeds()
{
    return {
        "\x08\x01{\"key\": \"a\\u00e4\\n\", \"value\": 1.5e2, \"time\": 1700000000000}\n[]\n{\n",
        "\x08\x02{\"key\": 7, \"value\": \"2\", \"type\": null, \"x\": [1, {\"y\": []}]}\r\n\n{}",
        std::string("\0\3{\"key\": \"", 11) + std::string(200, 'a') + "\"}\n{\"key\": \"b\"}"};
}

std::vector<Bytes> lineSeeds()
{
    return {"\x08\x01key 12.5 1700000000 type\nno\n\nkey - x \xFF\n",
            std::string("\0\3", 2) + std::string(300, 'k') + " 1\nkey 2"};
}

void runOptions(BytesView input)
{
    const std::string text(input);
    static_cast<void>(parseSourceUri(text).ok());
    static_cast<void>(parseOperator(text).ok());
    StreamSchema schema = schemaOf(RecordFormatKind::kLines, 1024);
    schema.pattern = text;
    static_cast<void>(makeParser(schema, RecordFormatKind::kLines).ok());
}

std::vector<Bytes> optionSeeds()
{
    return {"csv:/a/b.csv", "-?format=jsonl",           "synth:mixed?rate=5000&seed=1",
            "zmq:tcp://x",  "work?scale=2.5&mode=busy", "aggregate",
            kPattern};
}

// main() catches CLI::Error alone, so anything else that comes out is a finding.
void runConfig(BytesView input)
{
    try {
        std::istringstream stream{std::string(input)};
        static_cast<void>(CLI::ConfigTOML().from_config(stream));
    } catch (const CLI::Error&) {
        return;  // refused with a message
    }
}

std::vector<Bytes> configSeeds()
{
    return {"[run]\nsource = \"csv:a.csv\"\nshards = 8\ndrill = [\"move:100\", 'kill-node:50']\n",
            "# comment\nrun.nodes=3\n[simulate]\nseed = 1..5\n[[a.b]]\nx=\"\"\"\ny\n\"\"\"\n"};
}

void runModelManifest(BytesView input)
{
    const Result<ModelManifest> manifest = parseManifest("model.json", input);
    if (!manifest.ok()) return;
    const std::string json = manifestJson(*manifest);
    const Result<ModelManifest> again = parseManifest("model.json", json);
    FS_CHECK(again.ok() && manifestJson(*again) == json);
}

std::vector<Bytes> modelManifestSeeds()
{
    ModelManifest manifest;
    manifest.name = "model";
    manifest.sha256 = std::string(64, 'a');
    manifest.columns = {"a", "b"};
    manifest.horizons = {1, 5};
    manifest.goldenInput = {0.5F, -1};
    manifest.goldenOutput = {1, 2};
    return {manifestJson(manifest), "{}"};
}

}  // namespace

std::vector<FuzzTarget> textTargets()
{
    return {
        {"csv", runStream<RecordFormatKind::kCsv>, csvSeeds},
        {"jsonl", runStream<RecordFormatKind::kJsonl>, jsonlSeeds},
        {"lines", runStream<RecordFormatKind::kLines>, lineSeeds},
        {"options", runOptions, optionSeeds},
        {"config", runConfig, configSeeds},
        {"model-manifest", runModelManifest, modelManifestSeeds},
    };
}

}  // namespace foreshard::fuzz
