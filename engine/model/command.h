#pragma once
// What an operator may ask of the engine, from the console or the command line alike.
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/assignment.h"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace foreshard {

struct StatusCommand {};  // answer: a snapshot
struct MoveCommand {
    std::vector<ShardId> shards;
    NodeId to;
};
struct IntervalCommand {
    ShardId shard;
    std::uint32_t intervalMs = 0;  // 0: automatic
};
struct CheckpointCommand {
    ShardId shard;
};
// Sets a shard back to a listed checkpoint: its state is that one's, the frames behind it are
// applied again, and the newer checkpoints are no longer listed.
struct RestoreCommand {
    ShardId shard;
    CheckpointId checkpoint;
};
struct PolicyCommand {
    IntervalPolicySetting policy;
};
struct DrillCommand {
    std::string name;  // "kill-node"
    NodeId node;
};
// "Which shard, box, segment, checkpoint holds it?" One of offset or key.
struct LocateCommand {
    bool byKey = false;
    Offset offset = 0;
    std::string key;
};
// Snapshots to this peer from now on; ends when the peer is silent for 5 s.
struct SubscribeCommand {};
struct StopCommand {};  // checkpoint, close

using CommandBody =
    std::variant<StatusCommand, MoveCommand, IntervalCommand, CheckpointCommand, PolicyCommand,
                 DrillCommand, LocateCommand, SubscribeCommand, StopCommand, RestoreCommand>;

struct Command {
    std::uint64_t id = 0;  // of the sender; answers carry it back
    bool dryRun = false;
    LogIndex expectVersion = 0;  // 0: any; else refused with kStale when the log has moved on
    std::string actor = "operator";
    CommandBody body;
};

// Where one record (or the records of one key) may be or is.
struct LocateHit {
    bool verified = false;  // read and compared; false: only the filter says maybe
    ShardId shard;
    BoxId box;
    std::string file;
    std::uint64_t position = 0;  // of the frame in the file
    FrameNo n = 0;
    Offset firstOffset = 0;  // of the matching records in that frame
    Offset lastOffset = 0;
    std::uint64_t records = 0;  // matching records in that frame
    CheckpointId checkpoint;    // the oldest checkpoint that contains the frame; 0: none yet
};

struct CommandReply {
    std::uint64_t id = 0;
    bool ok = true;
    Errc code = Errc::kInvalid;  // when !ok
    std::string message;         // what happened or what failed: likely cause: next step
    LogIndex version = 0;        // of the shard map after it
    std::vector<LocateHit> hits;
    std::uint64_t segmentsAsked = 0;  // for locate: filters asked, and how many said maybe
    std::uint64_t segmentsMaybe = 0;
};

}  // namespace foreshard
