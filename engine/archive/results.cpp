#include "engine/archive/results.h"

#include "engine/archive/archive.h"
#include "engine/checkpoint/checkpoint_store.h"
#include "engine/checkpoint/manifest_store.h"
#include "engine/wire/record_codec.h"

#include <charconv>
#include <cstdio>
#include <map>
#include <memory>

namespace foreshard {
namespace {

struct ShardResult {
    AggregateState state;
    FrameNo n = 0;
};

Status restore(Disk& disk, const std::string& dataDirectory, const ManifestCore& manifest,
               ShardId shard, ShardResult& result)
{
    const std::vector<CheckpointInfo> chain = manifest.chain(shard);
    FS_TRY(const std::vector<Bytes> states, CheckpointStore::load(disk, dataDirectory, chain));
    for (const Bytes& state : states)
        FS_TRY_STATUS(result.state.load(state));
    if (!chain.empty()) result.n = chain.back().n;
    return {};
}

std::string csvField(const Bytes& key)
{
    if (key.find_first_of(",\"\r\n") == Bytes::npos) return key;
    std::string quoted = "\"";
    for (const char c : key) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string jsonString(const Bytes& key)
{
    std::string out = "\"";
    for (const char c : key) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
    return out + '"';
}

}  // namespace

Result<std::vector<AggregateRow>> readResults(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    FS_TRY(const ManifestCore manifest, ManifestStore::read(disk, dataDirectory));
    std::map<ShardId, std::unique_ptr<ShardResult>> shards;
    for (const CheckpointInfo& info : manifest.all()) {
        if (shards.contains(info.shard)) continue;
        shards[info.shard] = std::make_unique<ShardResult>();
        FS_TRY_STATUS(restore(disk, dataDirectory, manifest, info.shard, *shards[info.shard]));
    }
    for (const ArchivedFrame& archived : archive.frames()) {
        auto& shard = shards[archived.entry.shard];
        if (shard == nullptr) shard = std::make_unique<ShardResult>();
        if (archived.entry.n <= shard->n) continue;
        if (archived.entry.n != shard->n + 1) {
            return Error{Errc::kGap, "shard " + std::to_string(archived.entry.shard.value)
                                         + " lacks frame " + std::to_string(shard->n + 1)
                                         + ": its segment is lost: restore the data directory "
                                           "from a copy"};
        }
        FS_TRY(const Frame frame, archive.read(archived));
        RecordUnpacker records(frame.records);
        RecordView record;
        while (records.next(record)) {
            if (record.kind == RecordKind::kData) shard->state.apply(record.key, record.value);
        }
        shard->n = archived.entry.n;
    }
    std::vector<const AggregateState*> states;
    for (const auto& [id, shard] : shards)
        states.push_back(&shard->state);
    return mergeRows(states);
}

std::string plainDecimal(double value)
{
    char text[400];
    const auto [end, error] =
        std::to_chars(text, text + sizeof text, value, std::chars_format::fixed);
    FS_CHECK(error == std::errc{});
    return {text, end};
}

std::string formatCsv(const std::vector<AggregateRow>& rows)
{
    std::string out = "key,count,sum,min,max\n";
    for (const AggregateRow& row : rows) {
        out += csvField(row.key) + ',' + std::to_string(row.value.count) + ','
               + plainDecimal(row.value.sum) + ',' + plainDecimal(row.value.min) + ','
               + plainDecimal(row.value.max) + '\n';
    }
    return out;
}

std::string formatJsonl(const std::vector<AggregateRow>& rows)
{
    std::string out;
    for (const AggregateRow& row : rows) {
        out += "{\"key\":" + jsonString(row.key) + ",\"count\":" + std::to_string(row.value.count)
               + ",\"sum\":" + plainDecimal(row.value.sum) + ",\"min\":"
               + plainDecimal(row.value.min) + ",\"max\":" + plainDecimal(row.value.max) + "}\n";
    }
    return out;
}

}  // namespace foreshard
