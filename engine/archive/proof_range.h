#pragma once
// Proofs of what a data directory holds: made beside a rebuild, and checked against it.
#include "engine/archive/archive.h"
#include "engine/archive/proof.h"

#include <map>
#include <string>

namespace foreshard {

// What each shard has of the offsets [from, to).
Result<std::map<ShardId, ProofShard>> shardsIn(const Archive& archive, Offset from, Offset to);
// The schema the stream was read with.
Result<StreamSchema> schemaOf(Disk& disk, const std::string& dataDirectory);

// kCorrupt with what differs and its offset; kGap when records of the proof are no longer there.
Status checkProof(Disk& disk, const std::string& dataDirectory, const Proof& proof);

}  // namespace foreshard
