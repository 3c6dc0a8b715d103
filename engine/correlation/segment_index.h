#pragma once
// What a sealed segment of a buffer box carries beside it, so that "which frame holds it?" is
// answered without reading the segment: its frames, the exact offsets of each shard, and a filter
// of its keys. Pure; one object belongs to one strand. FORMAT.md gives the bytes.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/correlation/bloom_filter.h"
#include "engine/correlation/offset_set.h"
#include "engine/model/frame.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace foreshard {

// One frame and where its envelope lies in the segment's file.
struct FrameEntry {
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
    std::uint64_t batch = 0;
    std::uint32_t part = 0;
    std::uint32_t parts = 0;
    Offset firstOffset = 0;
    Offset lastOffset = 0;  // inclusive
    std::uint32_t records = 0;
    std::uint64_t position = 0;  // bytes from the start of the file
    std::uint64_t size = 0;      // bytes of the whole envelope

    friend bool operator==(const FrameEntry&, const FrameEntry&) = default;
};

// Movable, not copyable.
class SegmentIndex {
public:
    // False: no record of the segment has this key. True for less than 1.5 % of absent keys.
    bool mayHoldKey(BytesView key) const { return blind_ || keys_.mayContain(key); }
    // The frame that holds the record with this offset; exact, no maybe.
    std::optional<FrameEntry> frameOfOffset(Offset offset) const;
    // In the order of the segment.
    const std::vector<FrameEntry>& frames() const { return frames_; }
    Offset firstOffset() const { return firstOffset_; }  // 0 without frames
    Offset lastOffset() const { return lastOffset_; }    // inclusive; 0 without frames
    // Length of the segment's file when the index was made; 0: not known.
    std::uint64_t segmentBytes() const { return segmentBytes_; }
    // Number of different keys.
    std::uint64_t keyCount() const { return keyCount_; }

    // One sealed envelope of type kSegmentIndex.
    Bytes encode() const;
    // Errors as openEnvelope(); kUnsupported for another type or version.
    static Result<SegmentIndex> decode(BytesView envelope);

private:
    friend class SegmentIndexBuilder;

    std::vector<FrameEntry> frames_;
    std::map<ShardId, OffsetSet> offsets_;  // distances from firstOffset_
    BloomFilter keys_;
    std::uint64_t keyCount_ = 0;
    std::uint64_t segmentBytes_ = 0;
    Offset firstOffset_ = 0;
    Offset lastOffset_ = 0;
    bool blind_ = false;  // a frame's records could not be walked: every key may be there
};

class SegmentIndexBuilder {
public:
    // `packedRecords` as in the frame (wire/record_codec.h). When they do not unpack, the frame is
    // listed, what could be unpacked is indexed, and mayHoldKey() will say maybe to everything.
    // `keyHashes`: keyHash() of each record's key, when they are known; else empty.
    void add(const FrameHeader& header, std::uint64_t position, std::uint64_t size,
             BytesView packedRecords, std::span<const std::uint64_t> keyHashes = {});
    // The index of a segment file of this length. The builder is empty afterwards.
    SegmentIndex build(std::uint64_t segmentBytes = 0);

private:
    void compactKeys();

    std::vector<FrameEntry> frames_;
    std::map<ShardId, std::vector<Offset>> offsets_;
    std::vector<std::uint64_t>
        keyHashes_;  // one per record; repeats go when `compactAt_` is reached
    std::size_t compactAt_ = 1U << 16U;
    bool blind_ = false;
};

}  // namespace foreshard
