#pragma once
// Feeds a BoxStore the way an edge does: records with rising offsets, in batches over boxes.
#include "engine/box/box_store.h"
#include "tests/support/frame_builder.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace foreshard::test {

// One part of a batch.
struct Part {
    std::uint32_t box = 0;
    std::uint32_t shard = 0;
    std::uint64_t records = 1;
};

// Where the source is after `next` records.
inline SourcePosition positionAt(Offset next) { return {next * 10, next, next}; }

// Appends one batch that begins at offset `next`, and moves `next` on.
inline Status feed(BoxStore& store, Offset& next, const std::vector<Part>& parts, File::Done done,
                   WallMillis wallMs = 0)
{
    std::vector<BoxStore::BoxFrame> frames;
    for (const Part& part : parts) {
        const ShardId shard{part.shard};
        FrameNo n = store.core().lastAppended(shard) + 1;
        for (const BoxStore::BoxFrame& frame : frames)
            n += frame.frame.header.shard == shard ? 1U : 0U;
        frames.push_back({BoxId{part.box}, makeFrame(shard, n, next, part.records)});
        next += part.records;
    }
    for (BoxStore::BoxFrame& frame : frames) {
        frame.frame.header.sourceAfter = positionAt(next);
        frame.frame.header.wallMs = wallMs;
    }
    return store.append(std::move(frames), std::move(done));
}

}  // namespace foreshard::test
