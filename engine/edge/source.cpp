#include "engine/edge/source.h"

#include "engine/edge/pacer.h"
#include "engine/edge/record_parser.h"
#include "engine/edge/source_uri.h"
#include "engine/edge/synth.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kHeaderChunk = std::size_t{64} << 10U;

// Decides, while standard input arrives, whether it is the stored stream sent again, and skips the
// part of it that is stored. See openSource().
class PipeResume {
public:
    PipeResume(std::uint64_t byte, BytesView prefix)
        : skip_(byte),
          prefix_(prefix.substr(0, std::min<std::uint64_t>(kResumePrefixBytes, byte))),
          comparing_(!prefix_.empty()
                     && prefix_.size() == std::min<std::uint64_t>(kResumePrefixBytes, byte)),
          done_(!comparing_)
    {
    }

    bool done() const { return done_; }
    // Did the skipped part end inside a line?
    bool midLine() const { return midLine_; }

    // Takes what arrived out of `data` and leaves there what is new. kGap: the same stream, but
    // shorter than what is stored.
    Status offer(Bytes& data, bool end)
    {
        if (done_) return {};
        if (comparing_) {
            held_ += std::exchange(data, {});
            if (held_.size() < prefix_.size() && !end) return {};
            comparing_ = false;
            data = std::exchange(held_, {});
            if (!data.starts_with(prefix_)) {
                done_ = true;
                return {};
            }
        }
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, data.size()));
        if (length > 0) midLine_ = data[length - 1] != '\n';
        data.erase(0, length);
        skip_ -= length;
        done_ = skip_ == 0;
        if (!done_ && end)
            return Error{Errc::kGap, "standard input cannot go on where it stopped: the source was "
                                     "cut, it ends "
                                         + std::to_string(skip_)
                                         + " bytes too early: send the whole stream again, or "
                                           "only what is new"};
        return {};
    }

private:
    std::uint64_t skip_;
    Bytes prefix_;
    Bytes held_;
    bool comparing_;
    bool done_;
    bool midLine_ = false;
};

// Files and standard input: an Input and the parser for it.
class ParsingSource final : public Source {
public:
    struct Parts {
        std::string uri;
        std::unique_ptr<Input> input;
        std::unique_ptr<RecordParser> parser;
        std::optional<PipeResume> pipe;  // standard input, until it has been resumed
        Bytes header;
        double ratePerSecond = 0;
        bool finishAtEnd = false;
    };
    explicit ParsingSource(Parts parts) : parts_(std::move(parts)), pacer_(parts_.ratePerSecond) {}

    Result<Batch> read(std::size_t bytesMax, Instant now) override;
    std::string describe() const override { return parts_.uri; }
    std::uint64_t openRowLine() const override { return parts_.parser->openRowLine(); }
    bool replayable() const override { return parts_.input->seekable(); }

private:
    Status readMore(std::size_t bytesMax, std::size_t recordsMax, ParsedBatch& out);

    Parts parts_;
    Pacer pacer_;
    bool ended_ = false;  // no byte will follow
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
    batch.after = parser.position();
    batch.end = ended_ && parser.pendingBytes() == 0;
    return batch;
}

Status ParsingSource::readMore(std::size_t bytesMax, std::size_t recordsMax, ParsedBatch& out)
{
    RecordParser& parser = *parts_.parser;
    const std::uint64_t position = parser.position().byte + parser.pendingBytes();
    FS_TRY(Input::Chunk chunk, parts_.input->read(position, bytesMax));
    ended_ = chunk.end && (parts_.finishAtEnd || !parts_.input->seekable());
    if (parts_.pipe) {
        FS_TRY_STATUS(parts_.pipe->offer(chunk.data, ended_));
        if (!parts_.pipe->done()) return {};
        FS_TRY_STATUS(parser.resumeAt(parser.position(), parts_.header, parts_.pipe->midLine()));
        parts_.pipe.reset();
    }
    return parser.feed(chunk.data, ended_, out, recordsMax);
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

Status resumeFile(ParsingSource::Parts& parts, const SourcePosition& resumeAt)
{
    FS_TRY(const Input::Chunk before, parts.input->read(resumeAt.byte - 1, 1));
    if (before.data.empty()) return cutError(parts.uri, resumeAt);
    if (parts.parser->needsHeader()) {
        FS_TRY(parts.header, readHeader(*parts.input, *parts.parser, resumeAt.byte));
    }
    return parts.parser->resumeAt(resumeAt, parts.header, before.data.front() != '\n')
        .during(parts.uri);
}

// REQUIRES: resumeAt.byte > 0.
Status resumePipe(ParsingSource::Parts& parts, const SourcePosition& resumeAt, BytesView prefix)
{
    if (parts.parser->needsHeader()) {
        const BytesView stored = prefix.substr(0, resumeAt.byte);
        const std::size_t length = parts.parser->headerLength(stored);
        if (length == 0 && stored.size() < resumeAt.byte)
            return Error{Errc::kUnsupported,
                         "standard input cannot go on where it stopped: its csv header is longer "
                         "than the "
                             + std::to_string(prefix.size())
                             + " bytes known of it: use a file instead"};
        parts.header = stored.substr(0, length > 0 ? length : stored.size());
    }
    parts.pipe.emplace(resumeAt.byte, prefix);
    return parts.parser->resumeAt(resumeAt, parts.header, false).during(parts.uri);
}

}  // namespace

Result<std::unique_ptr<Source>> openSource(const StreamSchema& schema, Disk& disk,
                                           const SourcePosition& resumeAt, double ratePerSecond,
                                           BytesView resumePrefix, bool finishAtEnd)
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
        FS_TRY_STATUS(parts.input->seekable() ? resumeFile(parts, resumeAt)
                                              : resumePipe(parts, resumeAt, resumePrefix));
    } else {
        FS_TRY_STATUS(parts.parser->resumeAt(resumeAt, {}, false));
    }
    source = std::make_unique<ParsingSource>(std::move(parts));
    return source;
}

}  // namespace foreshard
