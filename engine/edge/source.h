#pragma once
// Where records come from: a file, standard input or the synthetic stream. A source numbers its
// records and says, with every batch, from where a later run would go on. It lives on the edge's
// strand; it reads no clock and touches the disk through Disk alone.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/edge/parsed_batch.h"
#include "engine/env/env.h"
#include "engine/model/record.h"

#include <cstddef>
#include <memory>
#include <string>

namespace foreshard {

// First bytes of the stored stream that openSource() wants as `resumePrefix`.
inline constexpr std::size_t kResumePrefixBytes = 4096;

class Source {
public:
    struct Batch {
        ParsedBatch parsed;
        SourcePosition after;  // counts whole records only: a source opened there goes on exactly
        bool end = false;      // nothing will ever follow
    };

    virtual ~Source() = default;
    // What has arrived, from about `bytesMax` bytes of input; empty: nothing yet. Blocks no longer
    // than one disk read. After an error the source is of no more use. REQUIRES: bytesMax > 0,
    // `now` never goes backwards.
    virtual Result<Batch> read(std::size_t bytesMax, Instant now) = 0;
    // For people: "csv:orders.csv".
    virtual std::string describe() const = 0;
    // Line of the row whose quoted field has not ended with its line: everything behind waits for
    // its end. 0: there is none.
    virtual std::uint64_t openRowLine() const = 0;
    // Can the same records be had again from an older position?
    virtual bool replayable() const = 0;
};

// Opens schema.source at `resumeAt` (all 0: from its start).
//
// ratePerSecond: no more than this many records per second since the first read; 0: no such limit.
// A synth source has a rate of its own on top (see synth.h).
//
// finishAtEnd: at the end of a file, true: what has no line end is the last record, and the source
// ends; false: wait, the file may grow. A line that was finished so and grows after all goes on as
// a rejected piece in a later run. Standard input always ends when it is closed.
//
// Files: a file that has become shorter than the position is kGap ("the source was cut"). A csv
// file's header is read again for its columns and is not emitted twice.
//
// Standard input cannot go back, so a later run looks at what it is given. If its first
// min(4096, resumeAt.byte) bytes equal those of `resumePrefix` (the first bytes of the stored
// stream), it is the same stream sent again: resumeAt.byte bytes are skipped (kGap when it ends
// before). Anything else, or an empty prefix, is taken as the stream's continuation from its first
// byte; a csv continuation has no header line, its columns are those in `resumePrefix`.
//
// kInvalid, kUnsupported: the URI, a field, the pattern, a parameter; kNotFound, kIo: from `disk`.
Result<std::unique_ptr<Source>> openSource(const StreamSchema& schema, Disk& disk,
                                           const SourcePosition& resumeAt, double ratePerSecond,
                                           BytesView resumePrefix, bool finishAtEnd);

}  // namespace foreshard
