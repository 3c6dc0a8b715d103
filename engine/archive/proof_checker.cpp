#include "engine/archive/proof.h"
#include "engine/archive/proof_hash.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace foreshard {
namespace {

using Json = nlohmann::json;

Error damaged(const std::string& why)
{
    return {Errc::kCorrupt, "the proof is damaged: " + why + ": take a copy of it"};
}

std::string at(Offset offset) { return "the record at offset " + std::to_string(offset); }

// Of a document whose own hash has held: what it lacks, its writer left out.
void readTotals(const Json& json, ProofTotals& totals)
{
    totals.from = json.at("from").get<Offset>();
    totals.to = json.at("to").get<Offset>();
    totals.data = json.at("data").get<std::uint64_t>();
    totals.headers = json.at("headers").get<std::uint64_t>();
    totals.rejected = json.at("rejected").get<std::uint64_t>();
    totals.bytes = json.at("bytes").get<std::uint64_t>();
    totals.streamHash = json.at("stream_sha256").get<std::string>();
    totals.chain = json.at("chain_end").get<std::string>();
    for (const Json& shard : json.at("shards")) {
        totals.shards[ShardId{shard.at("id").get<std::uint32_t>()}] = {
            shard.at("records").get<std::uint64_t>(), shard.at("first_n").get<FrameNo>(),
            shard.at("last_n").get<FrameNo>()};
    }
}

}  // namespace

struct ProofChecker::Hashes {
    Sha256 stream;
    Bytes chain = chainStart();
};

Result<Proof> Proof::parse(Bytes text)
{
    constexpr BytesView kMark = "\"proof_sha256\":\"";
    Proof proof;
    const std::size_t mark = text.rfind(kMark);
    if (mark == Bytes::npos) return damaged("it has no end");
    const std::string own = hexOf(Sha256().add(BytesView(text).substr(0, mark)).digest());
    if (BytesView(text).substr(mark) != "\"proof_sha256\":\"" + own + "\"\n}\n")
        return damaged("its own checksum does not hold");
    // One line a block (PROOF.md), so that only what is small goes through the JSON parser.
    Bytes rest;
    std::size_t position = 0;
    while (position < text.size()) {
        const std::size_t end = std::min(text.find('\n', position), text.size() - 1);
        const BytesView line = BytesView(text).substr(position, end - position);
        if (line.starts_with("{\"offset\":")) {
            proof.blocks_.emplace_back(position, line.size());
        } else {
            rest.append(line);
        }
        position = end + 1;
    }
    try {
        const Json json = Json::parse(rest);
        if (json.at("format") != "foreshard-proof" || json.at("version") != 1) {
            return Error{Errc::kUnsupported,
                         "the proof is of another version: check it with the program that made it"};
        }
        readTotals(json, proof.totals_);
        const Json& schema = json.at("schema");
        StreamSchema stream{schema.at("source"),
                            schema.at("pattern"),
                            schema.at("key"),
                            schema.at("time"),
                            schema.at("type"),
                            schema.at("value"),
                            schema.at("record_max").get<std::uint64_t>()};
        proof.schema_ = schemaLine(stream);
    } catch (const Json::exception& error) {
        return damaged(error.what());
    }
    proof.text_ = std::move(text);
    return proof;
}

Result<std::vector<ProofTag>> Proof::tagsOfBlock(std::size_t block) const
{
    const auto [position, size] = blocks_.at(block);
    BytesView line = BytesView(text_).substr(position, size);
    if (line.ends_with(',')) line.remove_suffix(1);
    std::vector<ProofTag> tags;
    try {
        const std::string records = Json::parse(line).at("records").get<std::string>();
        std::size_t start = 0;
        while (start < records.size()) {
            const std::size_t end = std::min(records.find(' ', start), records.size());
            const std::string one = records.substr(start, end - start);
            ProofTag tag;
            const std::size_t colon = std::min(one.find(':'), one.size());
            std::from_chars(one.data(), one.data() + colon, tag.length);
            tag.hash = one.substr(std::min(colon + 1, one.size()));
            tags.push_back(std::move(tag));
            start = end + 1;
        }
    } catch (const Json::exception& error) {
        return damaged(error.what());
    }
    return tags;
}

ProofChecker::ProofChecker(const Proof& proof)
    : proof_(proof), hashes_(std::make_unique<Hashes>()), next_(proof.totals_.from)
{
}

ProofChecker::~ProofChecker() = default;

bool ProofChecker::fail(std::string problem)
{
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
}

const ProofTag* ProofChecker::tagAt(Offset offset)
{
    const ProofTotals& totals = proof_.totals_;
    if (offset < totals.from || offset >= totals.to) return nullptr;
    const auto block =
        static_cast<std::size_t>((offset - totals.from) / ProofWriter::kBlockRecords);
    const auto index =
        static_cast<std::size_t>((offset - totals.from) % ProofWriter::kBlockRecords);
    if (block != block_) {
        if (block >= proof_.blocks_.size()) return nullptr;
        Result<std::vector<ProofTag>> tags = proof_.tagsOfBlock(block);
        if (!tags.ok()) return nullptr;
        tags_ = std::move(*tags);
        block_ = block;
    }
    return index < tags_.size() ? &tags_[index] : nullptr;
}

// What stands where the record at `offset` should: the next one, the one before, or a changed one.
std::string ProofChecker::explain(Offset offset, BytesView rest)
{
    const auto holds = [&](Offset wanted, BytesView bytes) {
        const ProofTag* tag = tagAt(wanted);
        return tag != nullptr && tag->length <= bytes.size()
               && tagOf(recordHash(wanted, bytes.substr(0, tag->length))) == tag->hash;
    };
    if (rest.empty()) return at(offset) + " is missing, and everything behind it";
    if (holds(offset + 1, rest)) {
        const std::size_t length = tagAt(offset + 1)->length;
        if (holds(offset, rest.substr(length))) {
            return at(offset) + " and the one at " + std::to_string(offset + 1) + " are swapped";
        }
        return at(offset) + " is missing";
    }
    if (offset > proof_.totals_.from && holds(offset - 1, rest))
        return at(offset - 1) + " is doubled";
    return at(offset) + " is changed";
}

bool ProofChecker::addRaw(BytesView raw)
{
    const Bytes hash = recordHash(next_, raw);
    hashes_->chain = chainNext(hashes_->chain, hash);
    hashes_->stream.add(raw);
    ++next_;
    return true;
}

bool ProofChecker::add(const RecordView& record)
{
    if (!problem_.empty()) return false;
    const ProofTag* tag = tagAt(record.offset);
    if (tag == nullptr || record.offset != next_)
        return fail(at(record.offset) + " is not in the proof");
    const ProofTag own{record.raw.size(), tagOf(recordHash(record.offset, record.raw))};
    if (own != *tag) return fail(at(record.offset) + " is changed");
    kindsKnown_ = true;
    data_ += record.kind == RecordKind::kData ? 1U : 0U;
    headers_ += record.kind == RecordKind::kHeader ? 1U : 0U;
    rejected_ += record.kind == RecordKind::kRejected ? 1U : 0U;
    return addRaw(record.raw);
}

bool ProofChecker::addStream(BytesView bytes)
{
    while (next_ < proof_.totals_.to) {
        const ProofTag* tag = tagAt(next_);
        if (tag == nullptr) return fail("the proof does not say what " + at(next_) + " is");
        const auto length = static_cast<std::size_t>(tag->length);
        const bool same = length <= bytes.size()
                          && tagOf(recordHash(next_, bytes.substr(0, length))) == tag->hash;
        if (!same) return fail(explain(next_, bytes));
        addRaw(bytes.substr(0, length));
        bytes.remove_prefix(length);
    }
    if (bytes.empty()) return true;
    if (next_ > proof_.totals_.from && explain(next_, bytes).ends_with("doubled"))
        return fail(explain(next_, bytes));
    return fail(std::to_string(bytes.size()) + " bytes follow the last record, at offset "
                + std::to_string(next_ == 0 ? 0 : next_ - 1));
}

bool ProofChecker::finish(const std::optional<std::map<ShardId, ProofShard>>& shards)
{
    if (!problem_.empty()) return false;
    const ProofTotals& totals = proof_.totals_;
    if (next_ != totals.to) return fail(at(next_) + " is missing, and everything behind it");
    // Tags are short; the chain and the stream's hash leave no room for chance.
    if (hexOf(hashes_->chain) != totals.chain) return fail("the chain ends with another value");
    if (hexOf(hashes_->stream.digest()) != totals.streamHash)
        return fail("the bytes have another hash");
    const bool kinds =
        data_ == totals.data && headers_ == totals.headers && rejected_ == totals.rejected;
    if (kindsKnown_ && !kinds) return fail("other records are rejected than the proof says");
    if (!shards || *shards == totals.shards) return true;
    for (const auto& [id, shard] : totals.shards) {
        const auto own = shards->find(id);
        if (own != shards->end() && own->second == shard) continue;
        return fail(nameOf(id) + " has other frames than the proof says");
    }
    return fail("a shard has records that the proof does not know");
}

}  // namespace foreshard
