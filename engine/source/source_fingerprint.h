#pragma once
// SourceFingerprint is what a run remembers of the bytes it has taken from a source, so that a
// later one notices when it is another: a hash of every 64 KiB, what lies behind the last whole
// block as it is, and one hash of everything. XXH3-64 (https://github.com/Cyan4973/xxHash): against
// mistakes, not against forgers. Pure.
#include "engine/base/bytes.h"
#include "engine/base/result.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace foreshard {

class SourceFingerprint {
public:
    static constexpr std::size_t kBlockBytes = std::size_t{64} << 10U;

    // Takes the bytes that follow those taken so far.
    void add(BytesView bytes);
    // Takes the next block as `known` has it, unread. REQUIRES: bytes() is a multiple of
    // kBlockBytes, and `known` has that block whole.
    void takeFrom(const SourceFingerprint& known);
    // Forgets what lies behind the first `bytes`, and of a block that ends there only by its hash,
    // all of it.
    void cutTo(std::uint64_t bytes);
    std::uint64_t bytes() const { return blocks_.size() * kBlockBytes + open_.size(); }
    // Of all these bytes; never 0. The same bytes give the same hash, whatever the calls.
    std::uint64_t hash() const;
    bool hasWholeBlock(std::uint64_t index) const { return index < blocks_.size(); }

    // Could `block`, the bytes of a file from index * kBlockBytes on (a whole block, or up to where
    // reading stopped), be what was taken from there? True also where nothing is known.
    bool allows(std::uint64_t index, BytesView block) const;

    // Format: FORMAT.md. kCorrupt, kUnsupported.
    Bytes encode() const;
    static Result<SourceFingerprint> decode(BytesView bytes);

private:
    void addBlock(std::uint64_t hash);

    std::vector<std::uint64_t> blocks_;
    std::uint64_t chain_ = 0;  // a hash of blocks_
    Bytes open_;               // of the block under way
};

}  // namespace foreshard
