#include "engine/edge/source_fingerprint.h"

#include "engine/base/crc32c.h"
#include "engine/wire/little_endian.h"

#include <algorithm>
#include <utility>
#include <xxhash.h>

namespace foreshard {
namespace {

constexpr std::uint32_t kMagic = 0x50465346;  // "FSFP"
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHeadBytes = 16;
constexpr std::size_t kTailBytes = 12;

}  // namespace

void SourceFingerprint::FreeState::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

SourceFingerprint::SourceFingerprint() : open_(XXH3_createState())
{
    FS_CHECK(open_ != nullptr);
    XXH3_64bits_reset(open_.get());
}

SourceFingerprint::~SourceFingerprint() = default;
SourceFingerprint::SourceFingerprint(SourceFingerprint&& other) noexcept = default;
SourceFingerprint& SourceFingerprint::operator=(SourceFingerprint&& other) noexcept = default;

void SourceFingerprint::add(BytesView bytes)
{
    FS_CHECK(open_ != nullptr);
    while (!bytes.empty()) {
        const std::size_t room = kBlockBytes - bytes_ % kBlockBytes;
        const BytesView part = bytes.substr(0, room);
        XXH3_64bits_update(open_.get(), part.data(), part.size());
        bytes_ += part.size();
        bytes.remove_prefix(part.size());
        if (bytes_ % kBlockBytes != 0) continue;
        blocks_.push_back(XXH3_64bits_digest(open_.get()));
        XXH3_64bits_reset(open_.get());
    }
}

void SourceFingerprint::takeFrom(const SourceFingerprint& known)
{
    FS_CHECK(bytes_ % kBlockBytes == 0 && known.hasWholeBlock(blocks_.size()));
    blocks_.push_back(known.blocks_[blocks_.size()]);
    bytes_ += kBlockBytes;
}

std::uint64_t SourceFingerprint::openHash() const
{
    return open_ ? XXH3_64bits_digest(open_.get()) : decodedHash_;
}

bool SourceFingerprint::allows(std::uint64_t index, BytesView block) const
{
    if (hasWholeBlock(index)) {
        // Of a block that reading had not passed by then, its beginning alone says nothing.
        return block.size() < kBlockBytes
               || XXH3_64bits(block.data(), block.size()) == blocks_[index];
    }
    const std::uint64_t known = index == blocks_.size() ? bytes_ % kBlockBytes : 0;
    if (known == 0 || block.size() < known) return true;
    return XXH3_64bits(block.data(), known) == openHash();
}

Bytes SourceFingerprint::encode() const
{
    Bytes out;
    appendNumber(out, kMagic);
    appendNumber(out, kVersion);
    appendNumber(out, bytes_);
    for (const std::uint64_t hash : blocks_)
        appendNumber(out, hash);
    appendNumber(out, openHash());
    appendNumber(out, crc32c(out));
    return out;
}

Result<SourceFingerprint> SourceFingerprint::decode(BytesView bytes)
{
    const Error damaged{Errc::kCorrupt,
                        "what is known of the source is damaged: a checksum does not hold: restore "
                        "the file from a copy"};
    if (bytes.size() < kHeadBytes + kTailBytes) return damaged;
    const BytesView body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
    if (loadNumber<std::uint32_t>(body.data() + body.size()) != crc32c(body)) return damaged;
    if (loadNumber<std::uint32_t>(body.data()) != kMagic) return damaged;
    if (loadNumber<std::uint32_t>(body.data() + 4) != kVersion)
        return Error{Errc::kUnsupported,
                     "what is known of the source is of another version: use the program that "
                     "wrote it"};
    SourceFingerprint found;
    found.open_.reset();
    found.bytes_ = loadNumber<std::uint64_t>(body.data() + 8);
    const std::uint64_t count = found.bytes_ / kBlockBytes;
    if (count != (body.size() - kHeadBytes) / sizeof(std::uint64_t) - 1) return damaged;
    for (std::uint64_t i = 0; i <= count; ++i) {
        const auto at = kHeadBytes + i * sizeof(std::uint64_t);
        const auto hash = loadNumber<std::uint64_t>(body.data() + at);
        if (i < count) found.blocks_.push_back(hash);
        if (i == count) found.decodedHash_ = hash;
    }
    return found;
}

}  // namespace foreshard
