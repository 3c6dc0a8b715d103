#pragma once
// SourceMemory keeps, in a data directory, what is known of the source in front of the position
// that the boxes have: `source.prefix` of a pipe, `source.fingerprint` of both (FORMAT.md). It
// may know more than became durable in the boxes, or, after a kill, less; it is saved ever more
// rarely as it grows. On the edge's strand.
#include "engine/box/box_store.h"
#include "engine/env/env.h"
#include "engine/source/parsed_batch.h"
#include "engine/source/source.h"

#include <cstdint>
#include <string>

namespace foreshard {

class SourceMemory {
public:
    SourceMemory(Disk& disk, std::string dataDirectory);

    // What an earlier run left, for openSource(). kCorrupt: it is damaged.
    Status load(BoxStore& boxes, std::uint64_t recordBytesMax);
    StoredStream& stored() { return stored_; }
    // `batch` follows what was taken so far, up to byte `from` of the stream; its position gets its
    // hash. To be called before it is written, once: what could not be saved is saved with a later
    // one.
    Status take(Source::Batch& batch, std::uint64_t from, const Source& source);
    // Everything taken so far.
    Status save();

private:
    Status growPrefix(const ParsedBatch& parsed, std::uint64_t from);
    Status loadLastBatch(BoxStore& boxes, std::uint64_t recordBytesMax);

    Disk& disk_;
    std::string prefixPath_;
    std::string fingerprintPath_;
    StoredStream stored_;
    std::uint64_t saved_ = 0;  // bytes that the saved fingerprint knows
    std::uint64_t saveAt_ = 0;
};

}  // namespace foreshard
