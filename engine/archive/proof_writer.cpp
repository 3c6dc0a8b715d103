#include "engine/archive/proof.h"
#include "engine/archive/proof_hash.h"

#include <nlohmann/json.hpp>

namespace foreshard {

struct ProofWriter::Hashes {
    Sha256 document;
    Sha256 stream;
    Bytes chain = chainStart();
};

std::string Proof::schemaLine(const StreamSchema& schema)
{
    const nlohmann::ordered_json json = {{"source", schema.source},
                                         {"pattern", schema.pattern},
                                         {"key", schema.keyField},
                                         {"time", schema.timeField},
                                         {"type", schema.typeField},
                                         {"value", schema.valueField},
                                         {"record_max", schema.recordBytesMax}};
    return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
}

ProofWriter::ProofWriter(const StreamSchema& schema, Offset from, Sink sink)
    : sink_(std::move(sink)), hashes_(std::make_unique<Hashes>()), blockFrom_(from)
{
    totals_.from = totals_.to = from;
    head_ = "{\n\"format\":\"foreshard-proof\",\n\"version\":1,\n\"schema\":"
            + Proof::schemaLine(schema) + ",\n\"from\":" + std::to_string(from)
            + ",\n\"chain_start\":\"" + hexOf(hashes_->chain) + "\",\n\"blocks\":[";
}

ProofWriter::~ProofWriter() = default;

Status ProofWriter::put(const std::string& text)
{
    hashes_->document.add(text);
    return sink_(text);
}

Status ProofWriter::add(const RecordView& record)
{
    const Bytes hash = recordHash(record.offset, record.raw);
    hashes_->chain = chainNext(hashes_->chain, hash);
    hashes_->stream.add(record.raw);
    if (!blockTags_.empty()) blockTags_ += ' ';
    blockTags_ += std::to_string(record.raw.size()) + ':' + tagOf(hash);
    totals_.to = record.offset + 1;
    totals_.bytes += record.raw.size();
    totals_.data += record.kind == RecordKind::kData ? 1U : 0U;
    totals_.headers += record.kind == RecordKind::kHeader ? 1U : 0U;
    totals_.rejected += record.kind == RecordKind::kRejected ? 1U : 0U;
    return totals_.to - blockFrom_ == kBlockRecords ? closeBlock() : Status{};
}

Status ProofWriter::closeBlock()
{
    if (blockTags_.empty()) return {};
    std::string line = std::exchange(head_, {}) + (firstBlock_ ? "\n" : ",\n") + "{\"offset\":"
                       + std::to_string(blockFrom_) + ",\"chain\":\"" + hexOf(hashes_->chain)
                       + "\",\"records\":\"" + std::exchange(blockTags_, {}) + "\"}";
    firstBlock_ = false;
    blockFrom_ = totals_.to;
    return put(line);
}

Status ProofWriter::finish(std::map<ShardId, ProofShard> shards)
{
    FS_TRY_STATUS(closeBlock());
    std::string text = std::exchange(head_, {}) + "\n],\n\"to\":" + std::to_string(totals_.to)
                       + ",\n\"data\":" + std::to_string(totals_.data)
                       + ",\n\"headers\":" + std::to_string(totals_.headers)
                       + ",\n\"rejected\":" + std::to_string(totals_.rejected)
                       + ",\n\"bytes\":" + std::to_string(totals_.bytes) + ",\n\"stream_sha256\":\""
                       + hexOf(hashes_->stream.digest()) + "\",\n\"chain_end\":\""
                       + hexOf(hashes_->chain) + "\",\n\"shards\":[";
    const char* comma = "\n";
    for (const auto& [id, shard] : shards) {
        text += std::exchange(comma, ",\n") + ("{\"id\":" + std::to_string(id.value))
                + ",\"records\":" + std::to_string(shard.records) + ",\"first_n\":"
                + std::to_string(shard.firstN) + ",\"last_n\":" + std::to_string(shard.lastN) + '}';
    }
    FS_TRY_STATUS(put(text + "\n],\n"));
    return sink_("\"proof_sha256\":\"" + hexOf(hashes_->document.digest()) + "\"\n}\n");
}

}  // namespace foreshard
