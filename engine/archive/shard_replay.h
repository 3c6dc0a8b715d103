#pragma once
// ShardReplay makes the state of one shard at any offset of the stream from what a data directory
// holds of it: the checkpoints the manifest tells of and the frames of the buffer boxes.
#include "engine/archive/archive.h"
#include "engine/checkpoint/manifest_core.h"
#include "engine/env/env.h"
#include "engine/operator/aggregate_state.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class ShardReplay {
public:
    // Borrows all three; `frames` are the shard's in the archive, n rising.
    ShardReplay(const Archive& archive, const ManifestCore& manifest, ShardId shard,
                std::vector<const ArchivedFrame*> frames)
        : archive_(archive), manifest_(manifest), shard_(shard), frames_(std::move(frames))
    {
    }

    // The state after exactly the shard's records with an offset below `to`. kGap names the first
    // frame that is missing; kCorrupt names file and offset.
    Result<std::unique_ptr<AggregateState>> at(Disk& disk, const std::string& dataDirectory,
                                               Offset to) const;
    // The lowest offset from which on at() succeeds for every offset; empty when there is none.
    std::optional<Offset> first(Disk& disk, const std::string& dataDirectory) const;

private:
    // Where a replay can start: a checkpoint, or nothing at all.
    struct Start {
        CheckpointId id;  // 0: from the first frame
        FrameNo n = 0;
        Offset offset = 0;
    };
    std::vector<Start> starts(Offset to) const;  // newest first
    std::size_t indexBehind(FrameNo n) const;
    FrameNo lastKnown() const;
    // The first frame behind `start` that is needed for `to` and not here; 0: all are.
    FrameNo missing(const Start& start, Offset to) const;
    Result<std::unique_ptr<AggregateState>> load(Disk& disk, const std::string& dataDirectory,
                                                 const Start& start) const;
    Status apply(AggregateState& state, const Start& start, Offset to) const;

    const Archive& archive_;
    const ManifestCore& manifest_;
    ShardId shard_;
    std::vector<const ArchivedFrame*> frames_;
};

}  // namespace foreshard
