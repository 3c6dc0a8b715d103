#pragma once
// Proof says what a range of the stream consists of, so that anybody can check a rebuilt copy, or
// the data directory, later: a tag of every record, a SHA-256 chain over them, the hash of the
// bytes, counts and frame ranges. A JSON document; PROOF.md gives every member and byte.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/record.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

// What one shard has in the range.
struct ProofShard {
    std::uint64_t records = 0;
    FrameNo firstN = 0;
    FrameNo lastN = 0;

    friend bool operator==(const ProofShard&, const ProofShard&) = default;
};

struct ProofTotals {
    Offset from = 0;
    Offset to = 0;  // one past the last record
    std::uint64_t data = 0;
    std::uint64_t headers = 0;
    std::uint64_t rejected = 0;
    std::uint64_t bytes = 0;
    std::string streamHash;  // SHA-256 of the bytes, in hexadecimal
    std::string chain;       // its last value, in hexadecimal
    std::map<ShardId, ProofShard> shards;
};

// What identifies one record: its length and a piece of its hash.
struct ProofTag {
    std::uint64_t length = 0;
    std::string hash;

    friend bool operator==(const ProofTag&, const ProofTag&) = default;
};

// Takes the records of a range in order and writes the document as it goes. Its memory does not
// grow with the stream.
class ProofWriter {
public:
    using Sink = std::function<Status(BytesView)>;
    static constexpr std::uint64_t kBlockRecords = 1000;

    ProofWriter(const StreamSchema& schema, Offset from, Sink sink);
    ~ProofWriter();
    ProofWriter(const ProofWriter&) = delete;
    ProofWriter& operator=(const ProofWriter&) = delete;

    Status add(const RecordView& record);
    Status finish(std::map<ShardId, ProofShard> shards);

private:
    struct Hashes;
    Status put(const std::string& text);
    Status closeBlock();

    Sink sink_;
    std::unique_ptr<Hashes> hashes_;
    ProofTotals totals_;
    std::string blockTags_;
    Offset blockFrom_ = 0;
    bool firstBlock_ = true;
    std::string head_;  // written with the first block
};

// A proof that was read: it is sound in itself (its own hash holds), which says nothing about any
// stream yet.
class Proof {
public:
    // kCorrupt when the document is damaged, kUnsupported when it is of another version. Borrows
    // nothing.
    static Result<Proof> parse(Bytes text);

    const ProofTotals& totals() const { return totals_; }
    const std::string& schema() const { return schema_; }  // the line with the source
    // The line that a writer would have made of this schema.
    static std::string schemaLine(const StreamSchema& schema);

private:
    friend class ProofChecker;
    Result<std::vector<ProofTag>> tagsOfBlock(std::size_t block) const;

    Bytes text_;
    std::vector<std::pair<std::size_t, std::size_t>> blocks_;  // where each one's line is in text_
    std::string schema_;
    ProofTotals totals_;
};

// Compares a stream with a proof, record by record. Every difference is one sentence with the
// offset; after the first the rest is not looked at.
class ProofChecker {
public:
    explicit ProofChecker(const Proof& proof);
    ~ProofChecker();
    ProofChecker(const ProofChecker&) = delete;
    ProofChecker& operator=(const ProofChecker&) = delete;

    // The next record. False: it differs, and problem() says how.
    bool add(const RecordView& record);
    // A rebuilt file as a whole: its records are where the proof says they end.
    bool addStream(BytesView bytes);
    // Nothing more comes. `shards` and kinds are compared when the records came from a directory.
    bool finish(const std::optional<std::map<ShardId, ProofShard>>& shards);
    const std::string& problem() const { return problem_; }

private:
    struct Hashes;
    bool loadBlockOf(Offset offset);
    const ProofTag* tagAt(Offset offset);
    bool addRaw(BytesView raw);
    bool fail(std::string problem);
    std::string explain(Offset offset, BytesView rest);

    const Proof& proof_;
    std::unique_ptr<Hashes> hashes_;
    Offset next_;
    std::uint64_t data_ = 0, headers_ = 0, rejected_ = 0;
    bool kindsKnown_ = false;
    std::size_t block_ = SIZE_MAX;
    std::vector<ProofTag> tags_;  // of block_
    std::string problem_;
};

}  // namespace foreshard
