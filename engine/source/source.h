#pragma once
// Where records come from: a file, standard input or the synthetic stream. A source numbers its
// records and says, with every batch, from where a later run would go on. It lives on the edge's
// strand; it reads no clock and touches the disk through Disk alone.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/env/env.h"
#include "engine/model/record.h"
#include "engine/source/parsed_batch.h"
#include "engine/source/source_fingerprint.h"

#include <cstddef>
#include <memory>
#include <string>

namespace foreshard {

// First bytes of the stored stream that openSource() wants as `prefix`.
inline constexpr std::size_t kResumePrefixBytes = 4096;

// What is stored of the stream in front of the position where a source is to go on.
struct StoredStream {
    Bytes prefix;     // its first bytes; of standard input and pipes
    Bytes lastBatch;  // its last bytes, as the boxes have them
    // The last of them is a piece of a line over the record limit.
    bool insideLongLine = false;
    // Afterwards it stands at the position and takes what is read from there; of standard input
    // once the stored part has come again, or at once when a continuation comes instead.
    SourceFingerprint fingerprint;
};

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
    // Are they bytes from outside, which a later run compares?
    virtual bool comparable() const = 0;
    // Standard input that begins otherwise than what is stored: it counts as what follows that. Not
    // known before enough was read.
    virtual bool continues() const = 0;
};

// Opens schema.source at `resumeAt` (all 0: from its start).
//
// ratePerSecond: no more than this many records per second since the first read; 0: no such limit.
// A synth source has a rate of its own on top (see synth.h).
//
// finishAtEnd: at the end of a file, true: what has no line end is the last record, and the source
// ends; false: wait, the file may grow. A line that was finished so and grows after all goes on as
// a rejected record in a later run. Standard input always ends when it is closed.
//
// Files: what was taken from the file is compared with what it holds now: all of it up to 256 MiB,
// beyond that the first 64 MiB, the last 128 MiB and a thousand places between. kStale: it is
// another file, or was edited; kGap: it is shorter than the position. Where the file lies and what
// number it has does not matter: a copy with the same bytes is the same stream. While it is read,
// the bytes in front of each read are looked at again, so that a file that was cut, rewritten or
// edited there is kStale before anything is read from it; so is, when it is waited for, one whose
// path has led to another file for two seconds. A csv file's header is read again for its columns
// and is not emitted twice.
//
// Standard input cannot go back, so a later run looks at what it is given. If its first
// min(4096, resumeAt.byte) bytes equal those of `prefix`, it is the same stream sent again:
// resumeAt.byte bytes are skipped, compared with the fingerprint and the last batch (kStale when
// they differ, kGap when it ends before). If only its first line is that of `prefix` (a csv header,
// or 16 bytes at least; with or without byte order mark and carriage return), or all but that line,
// it is that stream edited: kStale, or kGap when it merely ends too early. Anything else is
// taken as the stream's continuation from its first byte; a csv continuation has no header line,
// its columns are those in `prefix`. kStale, too: `prefix` has not that many bytes.
//
// stored: null when nothing is; otherwise it must outlive the source.
//
// kInvalid, kUnsupported: the URI, a field, the pattern, a parameter; kNotFound, kIo: from `disk`.
Result<std::unique_ptr<Source>> openSource(const StreamSchema& schema, Disk& disk,
                                           const SourcePosition& resumeAt, double ratePerSecond,
                                           StoredStream* stored, bool finishAtEnd);

}  // namespace foreshard
