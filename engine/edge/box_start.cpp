#include "engine/edge/box_start.h"

#include "engine/control/log/single_control_log.h"

namespace foreshard {
namespace {

// Boxes go back to their last whole batch, but never behind what was applied already.
Status checkNothingIsMissing(const ManifestCore& manifest, const BoxStore& boxes,
                             const std::string& directory)
{
    const Offset end = boxes.sourcePosition().nextOffset;
    for (const CheckpointInfo& info : manifest.all()) {
        if (info.offset <= end) continue;
        return Error{Errc::kCorrupt,
                     "the buffer boxes in " + directory + " end at offset " + std::to_string(end)
                         + ", but a checkpoint of shard " + std::to_string(info.shard.value)
                         + " contains records up to " + std::to_string(info.offset)
                         + ": the end of a box is damaged or lost: run `foreshard verify`, and "
                           "restore the file from a copy"};
    }
    return {};
}

}  // namespace

Result<StartedBoxes> startBoxes(Env& env, const std::string& dataDirectory,
                                const BoxStore::Options& options)
{
    StartedBoxes started;
    FS_TRY(started.boxes, BoxStore::open(env, options));
    FS_TRY(const ControlState known, SingleControlLog::read(env.disk, dataDirectory));
    const ManifestCore& manifest = known.checkpoints;
    BoxStore& boxes = *started.boxes;
    FS_TRY_STATUS(checkNothingIsMissing(manifest, boxes, options.directory));
    for (const CheckpointInfo& info : manifest.all()) {
        if (info.state == CheckpointState::kInvalidated) continue;
        // All its frames are behind a checkpoint and gone: its numbers go on behind that one.
        const bool gone = boxes.core().lastAppended(info.shard) < info.n;
        const CheckpointInfo* newest = manifest.newest(info.shard);
        if (gone && newest != nullptr && newest->id == info.id)
            boxes.startBehind(info.shard, info.n);
        started.backlog.startBehind(info.shard, info.n);
        started.shards.push_back(info.shard);
        boxes.saved(info.shard, info.n);
    }
    started.backlog.start(boxes.core().bufferedBytes());
    return started;
}

}  // namespace foreshard
