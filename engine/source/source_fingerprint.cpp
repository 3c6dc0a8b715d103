#include "engine/source/source_fingerprint.h"

#include "engine/source/source_file.h"
#include "engine/wire/little_endian.h"

#include <algorithm>
#include <utility>
#include <xxhash.h>

namespace foreshard {
namespace {

constexpr std::uint32_t kMagic = 0x50465346;  // "FSFP"
constexpr const char* kWhat = "what is known of the source";

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
    Bytes body;
    appendNumber(body, bytes());
    for (const std::uint64_t hash : blocks_)
        appendNumber(body, hash);
    body += open_;
    return sealSourceFile(kMagic, body);
}

Result<SourceFingerprint> SourceFingerprint::decode(BytesView bytes)
{
    FS_TRY(const BytesView body, openSourceFile(kMagic, bytes, kWhat));
    constexpr std::size_t kHash = sizeof(std::uint64_t);
    if (body.size() < kHash) return damagedSourceFile(kWhat);
    const auto known = loadNumber<std::uint64_t>(body.data());
    const BytesView rest = body.substr(kHash);
    const std::uint64_t count = known / kBlockBytes;
    const std::uint64_t open = known % kBlockBytes;
    if (count > rest.size() / kHash || count * kHash + open != rest.size())
        return damagedSourceFile(kWhat);
    SourceFingerprint found;
    for (std::uint64_t i = 0; i < count; ++i)
        found.addBlock(loadNumber<std::uint64_t>(rest.data() + i * kHash));
    found.open_ = rest.substr(count * kHash);
    return found;
}

}  // namespace foreshard
