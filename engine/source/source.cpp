#include "engine/source/source.h"

#include "engine/base/mutant.h"
#include "engine/source/pacer.h"
#include "engine/source/pipe_resume.h"
#include "engine/source/record_parser.h"
#include "engine/source/source_uri.h"
#include "engine/source/synth.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kHeaderChunk = std::size_t{64} << 10U;
constexpr std::size_t kOverlapBytes = 512;
constexpr Nanos kLookAgain = 100ms;
constexpr Nanos kMovedFor = 2s;
// Of a long file this many blocks are compared at its start, at its end, and in between.
constexpr std::uint64_t kBlocksAtStart = 1024;
constexpr std::uint64_t kBlocksAtEnd = 2048;
constexpr std::uint64_t kBlocksBetween = 1024;

// Files and standard input: an Input and the parser for it.
class ParsingSource final : public Source {
public:
    struct Parts {
        std::string uri;
        std::unique_ptr<Input> input;
        std::unique_ptr<RecordParser> parser;
        std::optional<PipeResume> pipe;  // standard input, until it has been resumed
        Bytes header;
        Bytes overlap;                // the last bytes taken from a file
        bool insideLongLine = false;  // of the stored stream's end
        double ratePerSecond = 0;
        bool finishAtEnd = false;
    };
    explicit ParsingSource(Parts parts) : parts_(std::move(parts)), pacer_(parts_.ratePerSecond) {}

    Result<Batch> read(std::size_t bytesMax, Instant now) override;
    std::string describe() const override { return parts_.uri; }
    std::uint64_t openRowLine() const override { return parts_.parser->openRowLine(); }
    bool replayable() const override { return parts_.input->seekable(); }
    bool comparable() const override { return true; }
    bool continues() const override { return continues_; }

private:
    struct Found {
        Input::Chunk chunk;
        std::size_t known = 0;  // so many bytes of it lie in front of the position
    };
    Status readMore(std::size_t bytesMax, std::size_t recordsMax, ParsedBatch& out);
    // The bytes from `position` on, once those in front of it are found as they were.
    Result<Found> readBehind(std::uint64_t position, std::size_t bytesMax);
    Status lookForAnother(Instant now);

    Parts parts_;
    Pacer pacer_;
    bool waiting_ = false;  // for a file to grow
    Instant nextLook_;
    std::optional<Instant> movedSince_;
    bool ended_ = false;      // no byte will follow
    bool continues_ = false;  // standard input, behind what is stored
};

Result<Source::Batch> ParsingSource::read(std::size_t bytesMax, Instant now)
{
    FS_CHECK(bytesMax > 0);
    RecordParser& parser = *parts_.parser;
    Batch batch;
    const std::size_t recordsMax = pacer_.allowed(now);
    if (recordsMax > 0) {
        // First what an earlier read had to leave over; it counts, or a batch could be double.
        const std::uint64_t begin = parser.position().byte;
        FS_TRY_STATUS(parser.feed({}, ended_, batch.parsed, recordsMax).during(parts_.uri));
        const std::uint64_t taken = parser.position().byte - begin;
        if (batch.parsed.records.size() < recordsMax && taken < bytesMax && !ended_)
            FS_TRY_STATUS(readMore(bytesMax - taken, recordsMax, batch.parsed).during(parts_.uri));
        pacer_.take(batch.parsed.records.size());
    }
    FS_TRY_STATUS(lookForAnother(now));
    batch.after = parser.position();
    batch.end = ended_ && parser.pendingBytes() == 0;
    return batch;
}

Status ParsingSource::readMore(std::size_t bytesMax, std::size_t recordsMax, ParsedBatch& out)
{
    RecordParser& parser = *parts_.parser;
    const std::uint64_t position = parser.position().byte + parser.pendingBytes();
    FS_TRY(Found found, readBehind(position, bytesMax));
    Input::Chunk& chunk = found.chunk;
    ended_ = chunk.end && (parts_.finishAtEnd || !parts_.input->seekable());
    waiting_ = chunk.end && !ended_;
    if (chunk.data.size() > found.known) movedSince_.reset();
    if (parts_.pipe) {
        FS_TRY_STATUS(parts_.pipe->offer(chunk.data, ended_));
        if (!parts_.pipe->done()) return {};
        const Before before = !parts_.pipe->midLine() ? Before::kLineEnd
                              : parts_.insideLongLine ? Before::kLongLine
                                                      : Before::kFinishedLine;
        FS_TRY_STATUS(parser.resumeAt(parser.position(), parts_.header, before));
        continues_ = parts_.pipe->continues();
        parts_.pipe.reset();
    }
    const BytesView data = BytesView(chunk.data).substr(found.known);
    return parser.feed(data, ended_, out, recordsMax);
}

Result<ParsingSource::Found> ParsingSource::readBehind(std::uint64_t position, std::size_t bytesMax)
{
    if (!parts_.input->seekable()) {
        FS_TRY(Input::Chunk chunk, parts_.input->read(position, bytesMax));
        return Found{std::move(chunk), 0};
    }
    Bytes& overlap = parts_.overlap;
    FS_CHECK(overlap.size() <= position);
    const std::uint64_t begin = position - overlap.size();
    FS_TRY(Input::Chunk chunk, parts_.input->read(begin, overlap.size() + bytesMax));
    while (!chunk.end && chunk.data.size() <= overlap.size()) {
        FS_TRY(const Input::Chunk more, parts_.input->read(begin + chunk.data.size(), bytesMax));
        if (more.data.empty() && !more.end) return Found{};
        chunk.data += more.data;
        chunk.end = more.end;
    }
    const std::size_t known = std::min(overlap.size(), chunk.data.size());
    if (mutant(Mutant::kTrustSourcePosition)) return Found{std::move(chunk), known};
    if (!chunk.data.starts_with(overlap)) return changedError(parts_.uri, begin, position);
    const std::size_t keep = std::min(kOverlapBytes, chunk.data.size());
    overlap = chunk.data.substr(chunk.data.size() - keep);
    return Found{std::move(chunk), known};
}

Status ParsingSource::lookForAnother(Instant now)
{
    if (!waiting_ || now < nextLook_) return {};
    nextLook_ = now + kLookAgain;
    if (!parts_.input->moved()) {
        movedSince_.reset();
        return {};
    }
    if (!movedSince_) movedSince_ = now;
    if (now - *movedSince_ < kMovedFor) return {};
    return Error{Errc::kStale,
                 parts_.uri
                     + " leads to another file than the one that is being read: it was renamed, "
                       "removed or replaced, by a rotation perhaps: all of the old file is taken: "
                       "read the new one into another --data"};
}

// The first record of a file whose first `limit` bytes hold it.
Result<Bytes> readHeader(Input& input, const RecordParser& parser, std::uint64_t limit)
{
    Bytes start;
    while (start.size() < limit) {
        const auto wanted = std::min<std::uint64_t>(limit - start.size(), kHeaderChunk);
        FS_TRY(Input::Chunk chunk, input.read(start.size(), static_cast<std::size_t>(wanted)));
        start += chunk.data;
        const std::size_t length = parser.headerLength(start);
        if (length > 0) return start.substr(0, length);
        if (chunk.data.empty()) break;
    }
    return start;  // a header line without an end
}

Error cutError(const std::string& uri, const SourcePosition& position)
{
    return {Errc::kGap, "cannot go on with " + uri + ": the source was cut, it ends before byte "
                            + std::to_string(position.byte)
                            + " where reading stopped: bring the whole file back, or start with a "
                              "new data directory"};
}

Result<Bytes> readExactly(Input& input, std::uint64_t position, std::uint64_t length)
{
    Bytes bytes;
    while (bytes.size() < length) {
        FS_TRY(
            const Input::Chunk chunk,
            input.read(position + bytes.size(), static_cast<std::size_t>(length) - bytes.size()));
        if (chunk.data.empty()) break;
        bytes += chunk.data;
    }
    return bytes;
}

bool isCompared(std::uint64_t block, std::uint64_t blocks)
{
    return block < kBlocksAtStart || block + kBlocksAtEnd >= blocks
           || block % std::max<std::uint64_t>(1, blocks / kBlocksBetween) == 0;
}

// Compares a file with what was taken from it, and leaves a fingerprint that goes on from there.
Status checkUnchanged(ParsingSource::Parts& parts, const SourcePosition& at, StoredStream& stored)
{
    constexpr std::uint64_t kBlock = SourceFingerprint::kBlockBytes;
    const std::uint64_t blocks = (at.byte + kBlock - 1) / kBlock;
    SourceFingerprint taken;
    for (std::uint64_t i = 0; i < blocks; ++i) {
        const bool whole = (i + 1) * kBlock <= at.byte;
        const bool known = whole && stored.fingerprint.hasWholeBlock(i);
        if (known && !isCompared(i, blocks)) {
            taken.takeFrom(stored.fingerprint);
            continue;
        }
        const std::uint64_t begin = i * kBlock;
        const std::uint64_t length = std::min(kBlock, at.byte - begin);
        FS_TRY(const Bytes block, readExactly(*parts.input, begin, length));
        const bool trusted = mutant(Mutant::kTrustSourcePosition);
        const bool same = stored.fingerprint.allows(i, block)
                          && fitsLastBatch(block, begin, stored.lastBatch, at.byte);
        // One that ends too early may be another one, too: that is the better thing to say.
        if (!same && !trusted) return changedError(parts.uri, begin, begin + length);
        if (block.size() < length) return cutError(parts.uri, at);
        taken.add(block);
    }
    FS_TRY_STATUS(checkHash(parts.uri, at.hash, taken, stored.fingerprint));
    stored.fingerprint = std::move(taken);
    return {};
}

Status resumeFile(ParsingSource::Parts& parts, const SourcePosition& resumeAt, StoredStream& stored)
{
    FS_TRY_STATUS(checkUnchanged(parts, resumeAt, stored));
    const std::uint64_t overlap = std::min<std::uint64_t>(kOverlapBytes, resumeAt.byte);
    FS_TRY(parts.overlap, readExactly(*parts.input, resumeAt.byte - overlap, overlap));
    if (parts.overlap.size() < overlap) return cutError(parts.uri, resumeAt);
    if (parts.parser->needsHeader()) {
        FS_TRY(parts.header, readHeader(*parts.input, *parts.parser, resumeAt.byte));
    }
    const Before before = parts.overlap.back() == '\n' ? Before::kLineEnd
                          : stored.insideLongLine      ? Before::kLongLine
                                                       : Before::kFinishedLine;
    return parts.parser->resumeAt(resumeAt, parts.header, before).during(parts.uri);
}

// REQUIRES: resumeAt.byte > 0.
Status resumePipe(ParsingSource::Parts& parts, const SourcePosition& resumeAt, StoredStream& stored)
{
    const BytesView prefix = BytesView(stored.prefix).substr(0, resumeAt.byte);
    const bool known = prefix.size() >= std::min<std::uint64_t>(kResumePrefixBytes, resumeAt.byte);
    // Else the stream sent again would pass for its continuation.
    if (!known)
        return Error{Errc::kStale,
                     parts.uri
                         + " cannot go on where it stopped: its beginning is not known: "
                           "source.prefix in the data directory was removed, or the stream came "
                           "from a file before: restore it from a copy, give the file again, or "
                           "read it into another --data"};
    if (parts.parser->needsHeader()) {
        const std::size_t length = parts.parser->headerLength(prefix);
        if (length == 0 && prefix.size() < resumeAt.byte)
            return Error{Errc::kUnsupported,
                         "standard input cannot go on where it stopped: its csv header is longer "
                         "than the "
                             + std::to_string(prefix.size())
                             + " bytes known of it: use a file instead"};
        parts.header = prefix.substr(0, length > 0 ? length : prefix.size());
    }
    parts.pipe.emplace(parts.uri, resumeAt, parts.header, stored);
    return parts.parser->resumeAt(resumeAt, parts.header, Before::kLineEnd).during(parts.uri);
}

}  // namespace

Result<std::unique_ptr<Source>> openSource(const StreamSchema& schema, Disk& disk,
                                           const SourcePosition& resumeAt, double ratePerSecond,
                                           StoredStream* stored, bool finishAtEnd)
{
    if (!std::isfinite(ratePerSecond) || ratePerSecond < 0)
        return Error{Errc::kInvalid,
                     "rate cannot be used: it is not a number of records per "
                     "second: give 0 for no limit, or more"};
    FS_TRY(const SourceUri uri, parseSourceUri(schema.source));
    std::unique_ptr<Source> source;
    if (uri.kind == SourceKind::kSynth) {
        FS_TRY(const SynthOptions options, synthOptions(uri, schema));
        source = std::make_unique<SynthSource>(schema.source, options, resumeAt, ratePerSecond);
        return source;
    }
    ParsingSource::Parts parts;
    parts.uri = schema.source;
    parts.ratePerSecond = ratePerSecond;
    parts.finishAtEnd = finishAtEnd;
    FS_TRY(parts.parser, makeParser(schema, uri.format).during(parts.uri));
    FS_TRY(parts.input, disk.openInput(uri.path));
    if (resumeAt.byte > 0) {
        StoredStream unknown;
        StoredStream& known = stored != nullptr ? *stored : unknown;
        parts.insideLongLine = known.insideLongLine;
        FS_TRY_STATUS(parts.input->seekable() ? resumeFile(parts, resumeAt, known)
                                              : resumePipe(parts, resumeAt, known));
    } else {
        if (stored != nullptr) stored->fingerprint = SourceFingerprint{};
        FS_TRY_STATUS(parts.parser->resumeAt(resumeAt, {}, Before::kLineEnd));
    }
    source = std::make_unique<ParsingSource>(std::move(parts));
    return source;
}

}  // namespace foreshard
