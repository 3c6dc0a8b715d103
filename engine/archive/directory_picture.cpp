#include "engine/archive/directory_picture.h"

#include "engine/archive/archive.h"
#include "engine/control/log/single_control_log.h"
#include "engine/journal/clean_seal.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kEntriesMax = 5000;  // changes of the shard map

std::string stateOfMember(EngineSight sight)
{
    return sight == EngineSight::kElsewhere ? "not asked" : "not running";
}

std::string gateText(EngineSight sight)
{
    return sight == EngineSight::kElsewhere ? "not asked: this is what the files hold"
                                            : "no engine runs on this data directory";
}

// What the history tells beside the files; a data directory may have none.
void addHistory(HistoryPicture& told, ClusterSnapshot& snapshot)
{
    std::map<CheckpointId, CheckpointInfo> checkpoints;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        checkpoints[info.id] = info;
    for (const CheckpointInfo& info : told.checkpoints)
        checkpoints[info.id] = info;
    snapshot.checkpoints.clear();
    for (const auto& [id, info] : checkpoints)
        snapshot.checkpoints.push_back(info);
    snapshot.recoveries = std::move(told.recoveries);
    for (const RecoverySnapshot& recovery : snapshot.recoveries)
        snapshot.recoveriesDone += recovery.cause == "move" ? 0U : 1U;
    snapshot.moves = std::move(told.moves);
    for (const MoveSnapshot& move : snapshot.moves)
        snapshot.movesDone += move.phase == "done" ? 1U : 0U;
    snapshot.events = std::move(told.events);
}

// The newest moment that is told of.
WallMillis lastTrace(const ClusterSnapshot& snapshot, WallMillis samplesUntilMs)
{
    WallMillis last = samplesUntilMs;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        last = std::max(last, info.wallMs);
    for (const EventSnapshot& event : snapshot.events)
        last = std::max(last, event.wallMs);
    for (const AssignmentEntry& entry : snapshot.raft.recent)
        last = std::max(last, entry.wallMs);
    return last;
}

// Each sample knows the control log as it was then.
void addPast(std::vector<ClusterSnapshot> samples, DirectoryPicture& out)
{
    const std::vector<AssignmentEntry>& entries = out.snapshot.raft.recent;
    auto next = entries.begin();
    RaftSnapshot then;
    for (ClusterSnapshot& sample : samples) {
        for (; next != entries.end() && next->wallMs <= sample.wallMs; ++next) {
            then.term = next->term;
            then.commit = then.applied = next->index;
        }
        sample.raft = then;
        out.past.push_back(std::make_shared<const ClusterSnapshot>(std::move(sample)));
    }
}

ShardSnapshot shardOf(const ShardId id, const ShardAssignment& owner, const CheckpointInfo* newest,
                      WallMillis wallMs)
{
    ShardSnapshot shard;
    shard.id = id;
    shard.slots = owner.slots;
    shard.node = owner.node;
    shard.box = owner.box;
    shard.epoch = owner.epoch;
    shard.state = ShardState::kLive;
    shard.intervalMs = 0;
    shard.intervalReason = "not known: no checkpoint yet";
    if (newest == nullptr) return shard;
    shard.hasCheckpoint = true;
    shard.lastCheckpoint = *newest;
    shard.checkpointAgeMs = wallMs - newest->wallMs;
    shard.recordsApplied = newest->recordsApplied;
    shard.applied = newest->n;
    shard.appliedOffset = newest->offset;
    shard.intervalMs = newest->intervalMs;
    shard.intervalReason = "as of its newest checkpoint";
    return shard;
}

void addShards(const Archive& archive, const ManifestCore& manifest,
               const AssignmentState& assignment, ClusterSnapshot& snapshot)
{
    std::map<ShardId, ShardSnapshot> shards;
    for (const auto& [id, owner] : assignment.shards)
        shards[id] = shardOf(id, owner, manifest.newest(id), snapshot.wallMs);
    for (const ArchivedFrame& frame : archive.frames()) {
        const auto found = shards.find(frame.entry.shard);
        if (found == shards.end()) continue;
        ShardSnapshot& shard = found->second;
        shard.recordsIn += frame.entry.records;
        if (frame.entry.n <= shard.applied) continue;
        shard.bufferedBytes += frame.entry.size;
        shard.bufferedRecords += frame.entry.records;
    }
    for (auto& [id, shard] : shards) {
        snapshot.recordsApplied += shard.recordsApplied;
        if (shard.node.value < assignment.nodes) ++snapshot.nodes[shard.node.value].shards;
        snapshot.shards.push_back(std::move(shard));
    }
}

void addFromFiles(Disk& disk, const Archive& archive, const AssignmentState& assignment,
                  ClusterSnapshot& snapshot)
{
    snapshot.routing = assignment.routing;
    snapshot.policy = assignment.policy;
    snapshot.source.nextOffset = archive.end();
    if (const auto schema = disk.readWhole(snapshot.dataDirectory + "/stream.schema");
        schema.ok()) {
        if (const Result<StreamSchema> known = decodeSchema(*schema); known.ok())
            snapshot.source.uri = known->source;
    }
    for (const ArchivedSegment& segment : archive.segments()) {
        for (const FrameEntry& frame : segment.index.frames())
            snapshot.boxBytes += frame.size;
    }
    snapshot.nodes.resize(assignment.nodes);
    for (std::uint32_t i = 0; i < assignment.nodes; ++i)
        snapshot.nodes[i].id = NodeId{i};
}

}  // namespace

DirectorySight sightOf(Disk& disk, const std::string& dataDirectory,
                       const std::optional<std::string>& holder)
{
    if (holder) return {EngineSight::kElsewhere, *holder};
    return {isSealed(disk, dataDirectory) ? EngineSight::kEnded : EngineSight::kKilled, {}};
}

Result<DirectoryPicture> readPicture(Disk& disk, const std::string& dataDirectory,
                                     EngineSight sight, HistoryPicture told)
{
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    std::deque<AssignmentEntry> entries;
    FS_TRY(const ControlState known,
           SingleControlLog::read(disk, dataDirectory, [&entries](const AssignmentEntry& one) {
               entries.push_back(one);
               if (entries.size() > kEntriesMax) entries.pop_front();
           }));
    const AssignmentState& assignment = known.assignment;
    const ManifestCore& manifest = known.checkpoints;
    DirectoryPicture picture;
    ClusterSnapshot& snapshot = picture.snapshot;
    snapshot.state = EngineState::kDone;
    snapshot.dataDirectory = dataDirectory;
    addFromFiles(disk, archive, assignment, snapshot);
    snapshot.predictor.model = "none";
    snapshot.predictor.gate = gateText(sight);
    snapshot.raft.term = entries.empty() ? 0 : entries.back().term;
    snapshot.raft.commit = snapshot.raft.applied = assignment.version;
    snapshot.raft.members = {{0, stateOfMember(sight), assignment.version, 0}};
    snapshot.raft.recent = {entries.begin(), entries.end()};
    snapshot.checkpoints = manifest.all();
    snapshot.checkpointCount = static_cast<std::uint64_t>(std::count_if(
        snapshot.checkpoints.begin(), snapshot.checkpoints.end(),
        [](const CheckpointInfo& info) { return info.state != CheckpointState::kInvalidated; }));
    addHistory(told, snapshot);
    snapshot.wallMs = lastTrace(snapshot, told.samplesUntilMs);
    addPast(std::move(told.samples), picture);
    addShards(archive, manifest, assignment, snapshot);
    return picture;
}

}  // namespace foreshard
