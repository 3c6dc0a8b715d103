#include "engine/correlation/segment_index.h"

#include "engine/wire/codec.h"
#include "engine/wire/envelope.h"
#include "engine/wire/little_endian.h"
#include "engine/wire/record_codec.h"

#include <algorithm>
#include <string>
#include <utility>

namespace foreshard {

namespace {

constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kFrameEntryBytes = 72;

void encodeFrameEntry(const FrameEntry& entry, Bytes& out)
{
    appendNumber(out, entry.shard.value);
    appendNumber(out, entry.records);
    appendNumber(out, entry.epoch.value);
    appendNumber(out, entry.n);
    appendNumber(out, entry.batch);
    appendNumber(out, entry.part);
    appendNumber(out, entry.parts);
    appendNumber(out, entry.firstOffset);
    appendNumber(out, entry.lastOffset);
    appendNumber(out, entry.position);
    appendNumber(out, entry.size);
}

FrameEntry decodeFrameEntry(NumberReader& reader)
{
    FrameEntry entry;
    entry.shard.value = reader.take<std::uint32_t>();
    entry.records = reader.take<std::uint32_t>();
    entry.epoch.value = reader.take<std::uint64_t>();
    entry.n = reader.take<std::uint64_t>();
    entry.batch = reader.take<std::uint64_t>();
    entry.part = reader.take<std::uint32_t>();
    entry.parts = reader.take<std::uint32_t>();
    entry.firstOffset = reader.take<std::uint64_t>();
    entry.lastOffset = reader.take<std::uint64_t>();
    entry.position = reader.take<std::uint64_t>();
    entry.size = reader.take<std::uint64_t>();
    return entry;
}

Error damaged(const char* what)
{
    return {Errc::kCorrupt, std::string("read segment index: ") + what
                                + ": the index is damaged: rebuild it from its segment"};
}

}  // namespace

std::optional<FrameEntry> SegmentIndex::frameOfOffset(Offset offset) const
{
    if (offset < firstOffset_ || offset > lastOffset_) return std::nullopt;
    for (const auto& entry : frames_) {
        if (offset < entry.firstOffset || offset > entry.lastOffset) continue;
        const auto set = offsets_.find(entry.shard);
        if (set != offsets_.end() && set->second.contains(offset - firstOffset_)) return entry;
    }
    return std::nullopt;
}

Bytes SegmentIndex::encode() const
{
    Bytes envelope(kEnvelopeHeadBytes, '\0');
    appendNumber(envelope, kVersion);
    appendNumber(envelope, std::uint32_t{blind_ ? 1U : 0U});
    appendNumber(envelope, firstOffset_);
    appendNumber(envelope, lastOffset_);
    appendNumber(envelope, keyCount_);
    appendNumber(envelope, segmentBytes_);
    appendNumber(envelope, static_cast<std::uint32_t>(frames_.size()));
    appendNumber(envelope, static_cast<std::uint32_t>(offsets_.size()));
    for (const auto& entry : frames_)
        encodeFrameEntry(entry, envelope);
    for (const auto& [shard, set] : offsets_) {
        appendNumber(envelope, shard.value);
        set.encodeTo(envelope);
    }
    const Bytes bits = keys_.encode();
    appendNumber(envelope, static_cast<std::uint32_t>(bits.size()));
    envelope.append(bits);
    return sealInPlace(static_cast<std::uint16_t>(WireType::kSegmentIndex), std::move(envelope));
}

Result<SegmentIndex> SegmentIndex::decode(BytesView envelope)
{
    FS_TRY(const EnvelopeView opened, openEnvelope(envelope));
    if (opened.type != static_cast<std::uint16_t>(WireType::kSegmentIndex))
        return Error{Errc::kUnsupported, "read segment index: type " + std::to_string(opened.type)
                                             + " is something else: rebuild the index"};
    NumberReader reader(opened.payload);
    if (const auto version = reader.take<std::uint32_t>(); reader.ok() && version != kVersion)
        return Error{Errc::kUnsupported, "read segment index: version " + std::to_string(version)
                                             + " is not known: rebuild the index"};
    SegmentIndex index;
    index.blind_ = reader.take<std::uint32_t>() != 0;
    index.firstOffset_ = reader.take<std::uint64_t>();
    index.lastOffset_ = reader.take<std::uint64_t>();
    index.keyCount_ = reader.take<std::uint64_t>();
    index.segmentBytes_ = reader.take<std::uint64_t>();
    const auto frames = reader.take<std::uint32_t>();
    const auto shards = reader.take<std::uint32_t>();
    if (!reader.ok() || frames > reader.rest().size() / kFrameEntryBytes)
        return damaged("more frames than bytes");
    index.frames_.reserve(frames);
    for (std::uint32_t i = 0; i < frames; ++i)
        index.frames_.push_back(decodeFrameEntry(reader));
    for (std::uint32_t i = 0; i < shards; ++i) {
        const ShardId shard{reader.take<std::uint32_t>()};
        FS_TRY(OffsetSet set, OffsetSet::decodeFrom(reader));
        if (!index.offsets_.emplace(shard, std::move(set)).second)
            return damaged("a shard is there twice");
    }
    const auto length = reader.take<std::uint32_t>();
    const BytesView bits = reader.takeBytes(length);
    if (!reader.ok() || reader.rest().size() >= 8) return damaged("its parts do not fit its size");
    FS_TRY(index.keys_, BloomFilter::decode(bits));
    return index;
}

void SegmentIndexBuilder::add(const FrameHeader& header, std::uint64_t position, std::uint64_t size,
                              BytesView packedRecords, std::span<const std::uint64_t> keyHashes)
{
    FS_CHECK(keyHashes.empty() || keyHashes.size() == header.records);
    frames_.push_back({.shard = header.shard,
                       .epoch = header.epoch,
                       .n = header.n,
                       .batch = header.batch,
                       .part = header.part,
                       .parts = header.parts,
                       .firstOffset = header.firstOffset,
                       .lastOffset = header.lastOffset,
                       .records = header.records,
                       .position = position,
                       .size = size});
    auto& offsets = offsets_[header.shard];
    RecordUnpacker unpacker(packedRecords);
    RecordView record;
    for (std::size_t i = 0; unpacker.next(record); ++i) {
        // A record outside the offsets of its frame's header could not be found by frameOfOffset().
        if (record.offset < header.firstOffset || record.offset > header.lastOffset) {
            blind_ = true;
            continue;
        }
        offsets.push_back(record.offset);
        if (record.kind == RecordKind::kData || !record.key.empty())
            keyHashes_.push_back(i < keyHashes.size() ? keyHashes[i] : keyHash(record.key));
    }
    if (!unpacker.status().ok()) blind_ = true;
    if (keyHashes_.size() >= compactAt_) {
        compactKeys();
        compactAt_ = std::max<std::size_t>(compactAt_, keyHashes_.size() * 2);
    }
}

void SegmentIndexBuilder::compactKeys()
{
    std::sort(keyHashes_.begin(), keyHashes_.end());
    keyHashes_.erase(std::unique(keyHashes_.begin(), keyHashes_.end()), keyHashes_.end());
}

SegmentIndex SegmentIndexBuilder::build(std::uint64_t segmentBytes)
{
    compactKeys();
    SegmentIndex index;
    index.frames_ = std::move(frames_);
    index.blind_ = blind_;
    index.segmentBytes_ = segmentBytes;
    for (const auto& entry : index.frames_) {
        const bool first = &entry == index.frames_.data();
        index.firstOffset_ =
            first ? entry.firstOffset : std::min(index.firstOffset_, entry.firstOffset);
        index.lastOffset_ = std::max(index.lastOffset_, entry.lastOffset);
    }
    for (const auto& [shard, offsets] : offsets_)
        index.offsets_.emplace(shard, OffsetSet::of(offsets, index.firstOffset_));
    index.keyCount_ = keyHashes_.size();
    index.keys_ = BloomFilter(index.keyCount_);
    for (const std::uint64_t hash : keyHashes_)
        index.keys_.addHash(hash);
    *this = SegmentIndexBuilder{};
    return index;
}

}  // namespace foreshard
