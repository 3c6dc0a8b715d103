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
constexpr std::size_t kCrcBytes = 4;

}  // namespace

void SourceFingerprint::add(BytesView bytes)
{
    while (!bytes.empty()) {
        if (open_.empty() && bytes.size() >= kBlockBytes) {
            addBlock(XXH3_64bits(bytes.data(), kBlockBytes));
            bytes.remove_prefix(kBlockBytes);
            continue;
        }
        const BytesView part = bytes.substr(0, kBlockBytes - open_.size());
        open_ += part;
        bytes.remove_prefix(part.size());
        if (open_.size() < kBlockBytes) continue;
        addBlock(XXH3_64bits(open_.data(), open_.size()));
        open_.clear();
    }
}

void SourceFingerprint::cutTo(std::uint64_t bytes)
{
    const std::uint64_t whole = bytes / kBlockBytes;
    if (whole < blocks_.size()) {
        open_.clear();
        chain_ = 0;
        const std::vector<std::uint64_t> known = std::exchange(blocks_, {});
        for (std::uint64_t i = 0; i < whole; ++i)
            addBlock(known[i]);
    } else if (bytes < this->bytes()) {
        open_.resize(bytes % kBlockBytes);
    }
}

void SourceFingerprint::addBlock(std::uint64_t hash)
{
    blocks_.push_back(hash);
    chain_ = XXH3_64bits_withSeed(&hash, sizeof hash, chain_);
}

std::uint64_t SourceFingerprint::hash() const
{
    return std::max<std::uint64_t>(1, XXH3_64bits_withSeed(open_.data(), open_.size(), chain_));
}

void SourceFingerprint::takeFrom(const SourceFingerprint& known)
{
    FS_CHECK(open_.empty() && known.hasWholeBlock(blocks_.size()));
    addBlock(known.blocks_[blocks_.size()]);
}

bool SourceFingerprint::allows(std::uint64_t index, BytesView block) const
{
    if (hasWholeBlock(index)) {
        // Of a block that reading had not passed by then, its beginning alone says nothing.
        return block.size() < kBlockBytes
               || XXH3_64bits(block.data(), block.size()) == blocks_[index];
    }
    if (index != blocks_.size()) return true;
    const std::size_t known = std::min(open_.size(), block.size());
    return block.substr(0, known) == BytesView(open_).substr(0, known);
}

Bytes SourceFingerprint::encode() const
{
    Bytes out;
    appendNumber(out, kMagic);
    appendNumber(out, kVersion);
    appendNumber(out, bytes());
    for (const std::uint64_t hash : blocks_)
        appendNumber(out, hash);
    out += open_;
    appendNumber(out, crc32c(out));
    return out;
}

Result<SourceFingerprint> SourceFingerprint::decode(BytesView bytes)
{
    const Error damaged{Errc::kCorrupt,
                        "what is known of the source is damaged: a checksum does not hold: restore "
                        "the file from a copy"};
    if (bytes.size() < kHeadBytes + kCrcBytes) return damaged;
    const BytesView body = bytes.substr(0, bytes.size() - sizeof(std::uint32_t));
    if (loadNumber<std::uint32_t>(body.data() + body.size()) != crc32c(body)) return damaged;
    if (loadNumber<std::uint32_t>(body.data()) != kMagic) return damaged;
    if (loadNumber<std::uint32_t>(body.data() + 4) != kVersion)
        return Error{Errc::kUnsupported,
                     "what is known of the source is of another version: use the program that "
                     "wrote it"};
    SourceFingerprint found;
    const auto known = loadNumber<std::uint64_t>(body.data() + 8);
    const std::uint64_t count = known / kBlockBytes;
    const std::uint64_t hashes = body.size() - kHeadBytes;
    const std::uint64_t open = known % kBlockBytes;
    if (count > hashes / sizeof(std::uint64_t) || count * sizeof(std::uint64_t) + open != hashes)
        return damaged;
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto at = kHeadBytes + i * sizeof(std::uint64_t);
        found.addBlock(loadNumber<std::uint64_t>(body.data() + at));
    }
    found.open_ = body.substr(body.size() - open);
    return found;
}

}  // namespace foreshard
