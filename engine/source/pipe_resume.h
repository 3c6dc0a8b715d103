#pragma once
// PipeResume decides, while standard input arrives, whether it is the stored stream sent again or
// its continuation, and of the former skips what is stored, comparing it on the way. See
// openSource(). Knows no disk.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/source/source.h"

#include <cstdint>
#include <string>

namespace foreshard {

class PipeResume {
public:
    // `position`: the end of what is stored, its byte > 0. `header`: of a csv stream, its first
    // record; else empty. `stored` outlives it; once the stored part is skipped, its fingerprint
    // stands there. REQUIRES: its prefix has min(kResumePrefixBytes, position.byte) bytes at least.
    PipeResume(std::string uri, const SourcePosition& position, Bytes header, StoredStream& stored);

    bool done() const { return done_; }
    // What came is new from its first byte on.
    bool continues() const { return continues_; }
    // Did the skipped part end inside a line?
    bool midLine() const { return midLine_; }

    // Takes what arrived out of `data` and leaves there what is new. kGap: the same stream, but
    // shorter than what is stored; kStale: it begins like the stored one and goes on otherwise.
    Status offer(Bytes& data, bool end);

private:
    // Its beginning is not the stored one.
    Status continueWith(BytesView data, bool end);
    Status skip(Bytes& data);
    Status compareBlock();
    Error cutError(std::uint64_t missing) const;

    std::string uri_;
    std::uint64_t byte_;
    std::uint64_t hash_;  // 0: unknown
    std::uint64_t skip_;  // still to come of the stored part
    Bytes header_;
    StoredStream& stored_;
    Bytes prefix_;
    Bytes uncompared_;  // not compared with the prefix yet
    bool comparing_ = true;
    bool done_ = false;
    bool continues_ = false;
    bool midLine_ = false;
    Bytes block_;  // skipped, of the block under way
    SourceFingerprint taken_;
};

// What of the stored last batch lies in a block of the stream that begins at `begin`, if the batch
// ends at `end`: is it the same there?
bool fitsLastBatch(BytesView block, std::uint64_t begin, BytesView lastBatch, std::uint64_t end);
// What is said when standard input goes on behind `byte` stored bytes.
std::string continuationNote(const std::string& uri, std::uint64_t byte);
// kStale: what the source holds now, `taken`, is what `known` says as far as that goes; but it has
// not the `hash` that its bytes had (0: not known).
Status checkHash(const std::string& uri, std::uint64_t hash, const SourceFingerprint& taken,
                 const SourceFingerprint& known);
// kStale: between these bytes it is not what was read.
Error changedError(const std::string& uri, std::uint64_t from, std::uint64_t to);

}  // namespace foreshard
