#pragma once
// A shard's state at frame n: what the control log says of it, and how it is found again.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

enum class CheckpointKind : std::uint8_t {
    kFull = 0,
    kDelta = 1
};

// What is known of a listed checkpoint. Only verified ones count when boxes are cut and older
// checkpoints are forgotten; an invalidated one is never restored from.
enum class CheckpointState : std::uint8_t {
    kListed = 0,
    kVerified = 1,    // it and all it is built on were read back and hold
    kInvalidated = 2  // it, or one it is built on, is damaged or gone
};

// One that is listed. A delta needs `base`, the checkpoint before it, and so on down to a
// full one.
struct CheckpointInfo {
    CheckpointId id;  // grows over the whole data directory
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;      // the last frame the state contains
    Offset offset = 0;  // one past the last stream offset of that frame
    CheckpointKind kind = CheckpointKind::kFull;
    CheckpointId base;  // 0 for a full one
    NodeId node;
    std::string file;  // below the data directory
    std::uint64_t position = 0;
    std::uint64_t bytes = 0;           // of the whole envelope in the file
    std::uint32_t crc = 0;             // of that envelope
    std::uint64_t keys = 0;            // entries in it
    std::uint64_t recordsApplied = 0;  // by the shard, up to n
    WallMillis wallMs = 0;             // when it was triggered
    // Phases, for the timeline.
    std::int64_t snapshotMicros = 0;
    std::int64_t storeMicros = 0;
    std::uint32_t intervalMs = 0;  // in force when it fired
    std::string reason;            // "interval", "move", "command", "close", "restore", "damage"
    // An earlier checkpoint listed once more, because the shard was set back to it: what was listed
    // with a later frame does not count from here on.
    bool setsBack = false;
    CheckpointState state = CheckpointState::kListed;
    // How many verified ones of each shard the log kept listed from this entry on; whoever
    // reads it forgets what its writer forgot, whose files may be gone.
    std::uint32_t keepMin = 2;
};

// What a checkpoint record holds: the packed state (node/FORMAT.md) and what it is of.
struct CheckpointData {
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
    CheckpointKind kind = CheckpointKind::kFull;
    Bytes state;
    Bytes outputs = {};  // made by frames up to n and not confirmed by the sink (node/FORMAT.md)
};

}  // namespace foreshard
