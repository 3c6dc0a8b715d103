#pragma once
// CheckpointStore writes one node's checkpoints, all shards into one journal with group commit, and
// reads anybody's back. A stored checkpoint counts only once the control log lists it. Lives on the
// node's strand.
#include "engine/env/env.h"
#include "engine/journal/journal.h"
#include "engine/model/checkpoint.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foreshard {

class CheckpointStore {
public:
    static Result<std::unique_ptr<CheckpointStore>> open(Env& env, std::string dataDirectory,
                                                         NodeId node,
                                                         std::uint64_t segmentBytesMax = 16ULL
                                                                                         << 20U);

    // Stores `state` (a packed state, see node/FORMAT.md) under `info`, whose place, size and
    // checksum are filled in; `done` gets the whole info once the state is durable. `outputs` are
    // the packed outputs that the sink has not confirmed.
    void store(CheckpointInfo info, Bytes state, std::function<void(Result<CheckpointInfo>)> done,
               Bytes outputs = {});

    // The packed states of a chain, in its order; kCorrupt or kNotFound names file and offset, and
    // `bad` gets the id of the checkpoint that does not hold.
    static Result<std::vector<Bytes>> load(Disk& disk, const std::string& dataDirectory,
                                           const std::vector<CheckpointInfo>& chain,
                                           CheckpointId* bad = nullptr);
    // The pending outputs that one checkpoint holds.
    static Result<Bytes> loadOutputs(Disk& disk, const std::string& dataDirectory,
                                     const CheckpointInfo& info);

private:
    CheckpointStore(Env& env, NodeId node) : env_(env), node_(node) {}

    Env& env_;
    NodeId node_;
    Lifetime lifetime_;
    std::unique_ptr<Journal> journal_;
};

}  // namespace foreshard
