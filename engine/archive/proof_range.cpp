#include "engine/archive/proof_range.h"

#include "engine/wire/codec.h"
#include "engine/wire/record_codec.h"

#include <algorithm>

namespace foreshard {

Result<std::map<ShardId, ProofShard>> shardsIn(const Archive& archive, Offset from, Offset to)
{
    std::map<ShardId, ProofShard> shards;
    for (const ArchivedFrame& archived : archive.frames()) {
        const FrameEntry& entry = archived.entry;
        if (entry.lastOffset < from || entry.firstOffset >= to) continue;
        std::uint64_t records = entry.records;
        if (entry.firstOffset < from || entry.lastOffset >= to) {
            FS_TRY(const Frame frame, archive.read(archived));
            RecordUnpacker unpacker(frame.records);
            RecordView record;
            records = 0;
            while (unpacker.next(record))
                records += record.offset >= from && record.offset < to ? 1U : 0U;
        }
        if (records == 0) continue;
        ProofShard& shard = shards[entry.shard];
        if (shard.records == 0) shard.firstN = entry.n;
        shard.lastN = std::max(shard.lastN, entry.n);
        shard.records += records;
    }
    return shards;
}

Result<StreamSchema> schemaOf(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY(const Bytes bytes, disk.readWhole(dataDirectory + "/stream.schema"));
    return decodeSchema(bytes);
}

Status checkProof(Disk& disk, const std::string& dataDirectory, const Proof& proof)
{
    const ProofTotals& totals = proof.totals();
    const auto differs = [&](const std::string& what) {
        return Error{Errc::kCorrupt, dataDirectory + " is not what the proof says: " + what
                                         + ": restore it from a copy, or take the proof of this "
                                           "stream"};
    };
    FS_TRY(const StreamSchema schema, schemaOf(disk, dataDirectory));
    if (Proof::schemaLine(schema) != proof.schema())
        return differs("it was made from another source, or with other fields");
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    if (archive.promisedEnd() < totals.to) {
        return Error{Errc::kGap, "the proof goes up to offset " + std::to_string(totals.to)
                                     + ", but the stream in " + dataDirectory + " ends at "
                                     + std::to_string(archive.promisedEnd())
                                     + ": its end is lost, or it is another copy: use that one"};
    }
    ProofChecker checker(proof);
    const Status rebuilt =
        archive.rebuild(totals.from, totals.to, [&](const RecordView& record) -> Status {
            if (checker.add(record)) return {};
            return differs(checker.problem());
        });
    FS_TRY_STATUS(rebuilt);
    FS_TRY(const auto shards, shardsIn(archive, totals.from, totals.to));
    return checker.finish(shards) ? Status{} : Status{differs(checker.problem())};
}

}  // namespace foreshard
