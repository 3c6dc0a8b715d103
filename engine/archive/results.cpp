#include "engine/archive/results.h"

#include "engine/archive/archive.h"
#include "engine/archive/shard_replay.h"
#include "engine/control/log/single_control_log.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>

namespace foreshard {
namespace {

// Every shard that the boxes or the manifest know, with its frames.
std::map<ShardId, ShardReplay> replays(const Archive& archive, const ManifestCore& manifest)
{
    std::map<ShardId, std::vector<const ArchivedFrame*>> frames;
    for (const CheckpointInfo& info : manifest.all())
        frames[info.shard];
    for (const ArchivedFrame& frame : archive.frames())
        frames[frame.entry.shard].push_back(&frame);
    std::map<ShardId, ShardReplay> replays;
    for (auto& [shard, list] : frames)
        replays.try_emplace(shard, archive, manifest, shard, std::move(list));
    return replays;
}

// "the first offset that can be had is 4000", over all shards.
std::string firstThatCanBeHad(Disk& disk, const std::string& dataDirectory,
                              const std::map<ShardId, ShardReplay>& shards, Offset end)
{
    Offset first = 0;
    for (const auto& [id, shard] : shards) {
        const std::optional<Offset> own = shard.first(disk, dataDirectory);
        if (!own || *own > end) return "none can be had: restore the data directory from a copy";
        first = std::max(first, *own);
    }
    return "the first offset that can be had is " + std::to_string(first)
           + ": use --as-of with that or more";
}

}  // namespace

Result<std::vector<AggregateRow>> readResults(Disk& disk, const std::string& dataDirectory,
                                              std::optional<Offset> asOf)
{
    // The control log last: what a running engine checkpoints meanwhile, the frames lead to as
    // well.
    FS_TRY(const Archive archive, Archive::open(disk, dataDirectory));
    FS_TRY(const ControlState known, SingleControlLog::readHistory(disk, dataDirectory));
    if (asOf && *asOf > archive.end()) {
        return Error{Errc::kGap, "state as of offset " + std::to_string(*asOf) + ": the stream in "
                                     + dataDirectory + " ends at " + std::to_string(archive.end())
                                     + ": use --as-of with that or less"};
    }
    if (!asOf) FS_TRY_STATUS(archive.endHolds());
    const std::map<ShardId, ShardReplay> shards = replays(archive, known.checkpoints);
    std::vector<std::unique_ptr<AggregateState>> held;
    std::vector<const AggregateState*> states;
    for (const auto& [id, shard] : shards) {
        Result<std::unique_ptr<AggregateState>> state =
            shard.at(disk, dataDirectory, asOf.value_or(std::numeric_limits<Offset>::max()));
        if (!state.ok() && state.error().code == Errc::kGap) {
            return Error{Errc::kGap,
                         state.error().message + ": "
                             + firstThatCanBeHad(disk, dataDirectory, shards, archive.end())};
        }
        if (!state.ok()) return state.error();
        states.push_back(state->get());
        held.push_back(std::move(*state));
    }
    return mergeRows(states);
}

std::string formatCsv(const std::vector<AggregateRow>& rows)
{
    std::string out = "key,count,sum,min,max\n";
    for (const AggregateRow& row : rows) {
        out += csvField(row.key) + ',' + std::to_string(row.value.count) + ','
               + plainDecimal(row.value.sum) + ',' + plainDecimal(row.value.min) + ','
               + plainDecimal(row.value.max) + '\n';
    }
    return out;
}

std::string formatJsonl(const std::vector<AggregateRow>& rows)
{
    std::string out;
    for (const AggregateRow& row : rows) {
        out += "{\"key\":" + jsonString(row.key) + ",\"count\":" + std::to_string(row.value.count)
               + ",\"sum\":" + jsonNumber(row.value.sum) + ",\"min\":" + jsonNumber(row.value.min)
               + ",\"max\":" + jsonNumber(row.value.max) + "}\n";
    }
    return out;
}

}  // namespace foreshard
