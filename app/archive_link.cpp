#include "app/archive_link.h"

#include "engine/archive/archive.h"
#include "engine/archive/locate.h"
#include "engine/checkpoint/manifest_store.h"
#include "engine/consensus/single_assignment_log.h"
#include "engine/history/history_reader.h"
#include "engine/history/history_store.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <map>
#include <optional>

namespace foreshard {
namespace {

constexpr std::size_t kPastMax = 4096;  // of each kind

// What the history tells beside the files; a data directory may have none.
void addHistory(const std::string& data, ClusterSnapshot& snapshot)
{
    const auto reader = HistoryReader::open(historyPath(data));
    if (!reader.ok()) return;
    std::map<CheckpointId, CheckpointInfo> checkpoints;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        checkpoints[info.id] = info;
    const auto rows = [&reader](const std::string& kind) {
        Result<std::vector<HistoryRow>> found = (*reader)->read({kind, 0, kPastMax});
        return found.ok() ? std::move(*found) : std::vector<HistoryRow>{};
    };
    for (const HistoryRow& row : rows("checkpoint")) {
        if (const auto info = checkpointOf(row); info.ok()) checkpoints[info->id] = *info;
    }
    snapshot.checkpoints.clear();
    for (const auto& [id, info] : checkpoints)
        snapshot.checkpoints.push_back(info);
    for (const HistoryRow& row : rows("recovery")) {
        if (const auto recovery = recoveryOf(row); recovery.ok())
            snapshot.recoveries.push_back(*recovery);
    }
    std::map<std::pair<PlanId, WallMillis>, MoveSnapshot> moves;  // the newest phase of each
    for (const HistoryRow& row : rows("move")) {
        const auto move = moveOf(row);
        if (move.ok()) moves[{move->plan, move->startedWallMs}] = *move;
    }
    for (const auto& [key, move] : moves) {
        snapshot.moves.push_back(move);
        snapshot.movesDone += move.phase == "done" ? 1U : 0U;
    }
    for (const HistoryRow& row : rows("")) {
        const HistoryEvent& event = row.event;
        if (event.kind == "checkpoint") continue;
        const std::string by = event.actor.empty() ? "" : ", by " + event.actor;
        snapshot.events.push_back({static_cast<std::uint64_t>(row.id), event.wallMs, event.severity,
                                   event.kind, event.text + by});
    }
}

std::optional<WallMillis> lastTrace(const ClusterSnapshot& snapshot)
{
    std::optional<WallMillis> last;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        last = std::max(last.value_or(info.wallMs), info.wallMs);
    for (const EventSnapshot& event : snapshot.events)
        last = std::max(last.value_or(event.wallMs), event.wallMs);
    return last;
}

Result<ClusterSnapshot> snapshotOf(PosixDisk& disk, const std::string& data, WallMillis wallMs)
{
    FS_TRY(const Archive archive, Archive::open(disk, data));
    FS_TRY(const ManifestCore manifest, ManifestStore::read(disk, data));
    FS_TRY(const AssignmentState assignment, SingleAssignmentLog::read(disk, data));
    ClusterSnapshot snapshot;
    snapshot.seq = 1;
    snapshot.wallMs = wallMs;
    snapshot.state = EngineState::kDone;
    snapshot.dataDirectory = data;
    snapshot.routing = assignment.routing;
    snapshot.policy = assignment.policy;
    snapshot.source.nextOffset = archive.end();
    snapshot.source.end = true;
    if (const Result<Bytes> schema = disk.readWhole(data + "/stream.schema"); schema.ok()) {
        if (const Result<StreamSchema> known = decodeSchema(*schema); known.ok()) {
            snapshot.source.uri = known->source;
        }
    }
    snapshot.predictor.model = "none";
    snapshot.predictor.gate = "no engine runs on this data directory";
    snapshot.raft.term = 1;
    snapshot.raft.commit = snapshot.raft.applied = assignment.version;
    snapshot.raft.members = {{0, "leader", assignment.version, 0}};
    snapshot.checkpoints = manifest.all();
    for (const ArchivedSegment& segment : archive.segments()) {
        for (const FrameEntry& frame : segment.index.frames())
            snapshot.boxBytes += frame.size;
    }
    addHistory(data, snapshot);
    snapshot.checkpointCount = snapshot.checkpoints.size();
    // The moment it shows is the last one that left a trace; later ones would be an empty timeline.
    wallMs = std::min(wallMs, lastTrace(snapshot).value_or(wallMs));
    snapshot.wallMs = wallMs;
    snapshot.nodes.resize(assignment.nodes);
    for (std::uint32_t i = 0; i < assignment.nodes; ++i) {
        snapshot.nodes[i].id = NodeId{i};
        snapshot.nodes[i].state = NodeState::kDead;
    }
    for (const auto& [id, owner] : assignment.shards) {
        ShardSnapshot shard;
        shard.id = id;
        shard.slots = owner.slots;
        shard.node = owner.node;
        shard.box = owner.box;
        shard.epoch = owner.epoch;
        shard.intervalReason = "no engine runs on this data directory";
        if (const CheckpointInfo* newest = manifest.newest(id)) {
            shard.hasCheckpoint = true;
            shard.lastCheckpoint = *newest;
            shard.checkpointAgeMs = wallMs - newest->wallMs;
            shard.recordsApplied = newest->recordsApplied;
            shard.applied = newest->n;
            shard.appliedOffset = newest->offset;
            shard.intervalMs = newest->intervalMs;
        }
        for (const ArchivedFrame& frame : archive.frames()) {
            if (frame.entry.shard != id) continue;
            shard.recordsIn += frame.entry.records;
            if (frame.entry.n <= shard.applied) continue;
            shard.bufferedBytes += frame.entry.size;
            shard.bufferedRecords += frame.entry.records;
        }
        snapshot.recordsApplied += shard.recordsApplied;
        if (owner.node.value < assignment.nodes) ++snapshot.nodes[owner.node.value].shards;
        snapshot.shards.push_back(std::move(shard));
    }
    return snapshot;
}

}  // namespace

Result<std::unique_ptr<ArchiveLink>> ArchiveLink::open(const std::string& dataDirectory)
{
    std::unique_ptr<ArchiveLink> link(new ArchiveLink(dataDirectory));
    FS_TRY(ClusterSnapshot snapshot,
           snapshotOf(link->disk_, dataDirectory, link->strand_.wallNow()));
    link->snapshot_ = std::make_shared<const ClusterSnapshot>(std::move(snapshot));
    return link;
}

void ArchiveLink::setListener(std::function<void()> wake)
{
    const std::lock_guard<std::mutex> lock(mutex_);
    wake_ = std::move(wake);
    if (wake_) wake_();
}

std::uint64_t ArchiveLink::send(Command command)
{
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        command.id = nextId_++;
    }
    strand_.post([this, command] { answer(command); });
    return command.id;
}

void ArchiveLink::answer(const Command& command)
{
    CommandReply reply;
    if (const auto* what = std::get_if<LocateCommand>(&command.body)) {
        const Result<CommandReply> found = locate(disk_, dataDirectory_, *what);
        if (found.ok()) {
            reply = *found;
        } else {
            reply.ok = false;
            reply.code = found.error().code;
            reply.message = found.error().message;
        }
    } else {
        reply.ok = false;
        reply.code = Errc::kReadOnly;
        reply.message =
            "no engine runs on this data directory: nothing can be changed: start one "
            "with `foreshard run`";
    }
    reply.id = command.id;
    const std::lock_guard<std::mutex> lock(mutex_);
    replies_.push_back(std::move(reply));
    if (wake_) wake_();
}

std::vector<CommandReply> ArchiveLink::takeReplies()
{
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(replies_, {});
}

}  // namespace foreshard
