#include "app/archive_picture.h"

#include "engine/archive/archive.h"
#include "engine/checkpoint/manifest_store.h"
#include "engine/control/log/single_assignment_log.h"
#include "engine/env/real/lock_probe.h"
#include "engine/history/history_reader.h"
#include "engine/history/history_store.h"
#include "engine/journal/clean_seal.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <filesystem>
#include <map>

namespace foreshard {
namespace {

constexpr std::size_t kPastMax = 4096;            // of each kind
constexpr std::int64_t kSamplesSpanMs = 600'000;  // what the charts show
constexpr std::size_t kEntriesMax = 5000;         // of the assignment log

std::string stateOfMember(ui::EngineSight sight)
{
    return sight == ui::EngineSight::kElsewhere ? "not asked" : "not running";
}

std::string gateText(ui::EngineSight sight)
{
    return sight == ui::EngineSight::kElsewhere ? "not asked: this is what the files hold"
                                                : "no engine runs on this data directory";
}

void addEvents(HistoryReader& reader, ClusterSnapshot& snapshot)
{
    const auto rows = reader.read({"", 0, kPastMax});
    if (!rows.ok()) return;
    for (const HistoryRow& row : *rows) {
        const HistoryEvent& event = row.event;
        if (event.kind == "checkpoint") continue;
        const std::string by = event.actor.empty() ? "" : ", by " + event.actor;
        snapshot.events.push_back({static_cast<std::uint64_t>(row.id), event.wallMs, event.severity,
                                   event.kind, event.text + by});
    }
}

// What the history tells beside the files; a data directory may have none.
void addHistory(HistoryReader& reader, ClusterSnapshot& snapshot)
{
    std::map<CheckpointId, CheckpointInfo> checkpoints;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        checkpoints[info.id] = info;
    const auto rows = [&reader](const std::string& kind) {
        Result<std::vector<HistoryRow>> found = reader.read({kind, 0, kPastMax});
        return found.ok() ? std::move(*found) : std::vector<HistoryRow>{};
    };
    for (const HistoryRow& row : rows("checkpoint")) {
        if (const auto info = checkpointOf(row); info.ok()) checkpoints[info->id] = *info;
    }
    snapshot.checkpoints.clear();
    for (const auto& [id, info] : checkpoints)
        snapshot.checkpoints.push_back(info);
    for (const HistoryRow& row : rows("recovery")) {
        const auto recovery = recoveryOf(row);
        if (!recovery.ok()) continue;
        snapshot.recoveries.push_back(*recovery);
        snapshot.recoveriesDone += recovery->cause == "move" ? 0U : 1U;
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
    addEvents(reader, snapshot);
}

// When a file of the directory was last written; 0 when none can be asked.
WallMillis newestFileMs(const std::string& dataDirectory)
{
    namespace fs = std::filesystem;
    WallMillis newest = 0;
    std::error_code error;
    for (fs::recursive_directory_iterator at(dataDirectory, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code ignored;
        const auto written = fs::last_write_time(at->path(), ignored);
        if (ignored) continue;
        const auto wall = std::chrono::file_clock::to_sys(written).time_since_epoch();
        newest = std::max<WallMillis>(
            newest, std::chrono::duration_cast<std::chrono::milliseconds>(wall).count());
    }
    return newest;
}

// The newest moment that is told of. Files' times come last: a copy has those of its making.
WallMillis lastTrace(const ClusterSnapshot& snapshot, WallMillis newestSampleMs)
{
    WallMillis last = newestSampleMs;
    for (const CheckpointInfo& info : snapshot.checkpoints)
        last = std::max(last, info.wallMs);
    for (const EventSnapshot& event : snapshot.events)
        last = std::max(last, event.wallMs);
    for (const AssignmentEntry& entry : snapshot.raft.recent)
        last = std::max(last, entry.wallMs);
    return last > 0 ? last : newestFileMs(snapshot.dataDirectory);
}

// Each sample knows the assignment log as it was then.
void addPast(std::vector<ClusterSnapshot> samples, const RaftSnapshot& raft, ArchivePicture& out)
{
    auto next = raft.recent.begin();
    RaftSnapshot then;
    for (ClusterSnapshot& sample : samples) {
        for (; next != raft.recent.end() && next->wallMs <= sample.wallMs; ++next) {
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

Result<ArchiveSight> readSight(Disk& disk, const std::string& dataDirectory)
{
    FS_TRY(const std::optional<std::string> holder, lockHolder(dataDirectory + "/LOCK"));
    if (holder) return ArchiveSight{ui::EngineSight::kElsewhere, *holder};
    const bool well = isSealed(disk, dataDirectory);
    return ArchiveSight{well ? ui::EngineSight::kEnded : ui::EngineSight::kKilled, {}};
}

Result<ArchivePicture> readPicture(Disk& disk, const std::string& dataDirectory,
                                   const ArchiveSight& sight, WallMillis samplesAfter)
{
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    FS_TRY(const ManifestCore manifest, ManifestStore::read(disk, dataDirectory));
    std::deque<AssignmentEntry> entries;
    FS_TRY(const AssignmentState assignment,
           SingleAssignmentLog::read(disk, dataDirectory, [&entries](const AssignmentEntry& one) {
               entries.push_back(one);
               if (entries.size() > kEntriesMax) entries.pop_front();
           }));
    ArchivePicture picture;
    ClusterSnapshot& snapshot = picture.snapshot;
    snapshot.state = EngineState::kDone;
    snapshot.dataDirectory = dataDirectory;
    addFromFiles(disk, archive, assignment, snapshot);
    snapshot.predictor.model = "none";
    snapshot.predictor.gate = gateText(sight.sight);
    snapshot.raft.term = entries.empty() ? 0 : entries.back().term;
    snapshot.raft.commit = snapshot.raft.applied = assignment.version;
    snapshot.raft.members = {{0, stateOfMember(sight.sight), assignment.version, 0}};
    snapshot.raft.recent = {entries.begin(), entries.end()};
    snapshot.checkpoints = manifest.all();
    snapshot.checkpointCount = static_cast<std::uint64_t>(std::count_if(
        snapshot.checkpoints.begin(), snapshot.checkpoints.end(),
        [](const CheckpointInfo& info) { return info.state != CheckpointState::kInvalidated; }));
    std::vector<ClusterSnapshot> samples;
    if (const auto reader = HistoryReader::open(historyPath(dataDirectory)); reader.ok()) {
        addHistory(**reader, snapshot);
        if (auto found = (*reader)->samples(samplesAfter, kSamplesSpanMs); found.ok())
            samples = std::move(*found);
    }
    const WallMillis newestSampleMs = samples.empty() ? samplesAfter : samples.back().wallMs;
    snapshot.wallMs = lastTrace(snapshot, newestSampleMs);
    addPast(std::move(samples), snapshot.raft, picture);
    addShards(archive, manifest, assignment, snapshot);
    return picture;
}

}  // namespace foreshard
