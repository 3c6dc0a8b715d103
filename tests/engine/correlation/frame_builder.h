#pragma once
// Frames with given offsets; the raw bytes of each record tell its offset.
#include "engine/base/check.h"
#include "engine/model/frame.h"
#include "engine/wire/record_codec.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard::test {

inline Bytes rawOf(Offset offset) { return "record " + std::to_string(offset) + "\n"; }
inline Bytes keyOf(Offset offset) { return "key " + std::to_string(offset % 1000); }

// REQUIRES: rising offsets, at least one.
inline Frame makeFrame(std::uint32_t shard, FrameNo n, const std::vector<Offset>& offsets)
{
    FS_CHECK(!offsets.empty());
    RecordPacker packer;
    for (const Offset offset : offsets) {
        const Bytes raw = rawOf(offset);
        const Bytes key = keyOf(offset);
        RecordView record;
        record.offset = offset;
        record.key = key;
        record.raw = raw;
        packer.add(record);
    }
    Frame frame;
    frame.header.shard = ShardId{shard};
    frame.header.epoch = Epoch{2};
    frame.header.n = n;
    frame.header.batch = 9;
    frame.header.part = 1;
    frame.header.parts = 3;
    frame.header.firstOffset = offsets.front();
    frame.header.lastOffset = offsets.back();
    frame.header.records = packer.count();
    frame.records = packer.take();
    return frame;
}

}  // namespace foreshard::test
