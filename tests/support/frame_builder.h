#pragma once
// The frames of every test. The bytes of a record tell its offset unless a test gives others.
#include "engine/base/check.h"
#include "engine/model/frame.h"
#include "engine/wire/record_codec.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace foreshard::test {

inline Bytes rawOf(Offset offset) { return "record " + std::to_string(offset) + "\n"; }
// One of so many keys.
inline Bytes keyOf(Offset offset, std::uint64_t keys = 10)
{
    return "key " + std::to_string(offset % keys);
}

class FrameBuilder {
public:
    // The only part of a batch, of epoch 1, unless header() is told otherwise.
    FrameBuilder(ShardId shard, FrameNo n)
    {
        frame_.header.shard = shard;
        frame_.header.epoch = Epoch{1};
        frame_.header.n = n;
        frame_.header.parts = 1;
    }
    FrameHeader& header() { return frame_.header; }
    // REQUIRES: offsets rise.
    FrameBuilder& add(Offset offset, BytesView key, double value, BytesView raw)
    {
        if (packer_.count() == 0) frame_.header.firstOffset = offset;
        frame_.header.lastOffset = offset;
        RecordView record;
        record.offset = offset;
        record.key = key;
        record.value = value;
        record.raw = raw;
        packer_.add(record);
        return *this;
    }
    FrameBuilder& add(Offset offset, std::uint64_t keys = 10)
    {
        return add(offset, keyOf(offset, keys), static_cast<double>(offset), rawOf(offset));
    }
    // REQUIRES: it has a record. The builder is used up.
    Frame take()
    {
        FS_CHECK(packer_.count() > 0);
        frame_.header.records = packer_.count();
        frame_.records = packer_.take();
        return std::move(frame_);
    }

private:
    Frame frame_;
    RecordPacker packer_;
};

inline Frame makeFrame(ShardId shard, FrameNo n, const std::vector<Offset>& offsets,
                       std::uint64_t keys = 10)
{
    FrameBuilder frame(shard, n);
    for (const Offset offset : offsets)
        frame.add(offset, keys);
    return frame.take();
}

// Records [first, first + count).
inline Frame makeFrame(ShardId shard, FrameNo n, Offset first, std::uint64_t count)
{
    FrameBuilder frame(shard, n);
    for (Offset offset = first; offset < first + count; ++offset)
        frame.add(offset);
    return frame.take();
}

}  // namespace foreshard::test
