#include "engine/source/pipe_resume.h"

#include "engine/base/mutant.h"
#include "engine/source/field_values.h"

#include <algorithm>
#include <utility>

namespace foreshard {
namespace {

// A first line that is shorter may well begin a continuation, too.
constexpr std::size_t kTellingLine = 16;
constexpr std::uint64_t kBlock = SourceFingerprint::kBlockBytes;

// The first line of `text` without what an editor or a transfer may change about it.
BytesView bareFirstLine(BytesView text)
{
    text = withoutByteOrderMark(text);
    return withoutLineEnd(text.substr(0, std::min(text.size(), text.find('\n'))));
}

// Is all that follows the first line the same in both, as where a name in it was corrected?
bool goesOnAlike(BytesView data, BytesView prefix)
{
    const std::size_t ours = data.find('\n');
    const std::size_t theirs = prefix.find('\n');
    if (ours == BytesView::npos || theirs == BytesView::npos) return false;
    const BytesView rest = prefix.substr(theirs + 1);
    return rest.size() >= kTellingLine && data.substr(ours + 1).starts_with(rest);
}

}  // namespace

bool fitsLastBatch(BytesView block, std::uint64_t begin, BytesView lastBatch, std::uint64_t end)
{
    const std::uint64_t batchBegin = end - std::min<std::uint64_t>(end, lastBatch.size());
    const std::uint64_t from = std::max(begin, batchBegin);
    const std::uint64_t to = std::min(begin + block.size(), end);
    if (from >= to) return true;
    return block.substr(from - begin, to - from) == lastBatch.substr(from - batchBegin, to - from);
}

std::string continuationNote(const std::string& uri, std::uint64_t byte)
{
    return uri
           + " does not begin with what was taken of it before: all of it counts as new, behind "
           + "byte " + std::to_string(byte);
}

Error changedError(const std::string& uri, std::uint64_t from, std::uint64_t to)
{
    return {Errc::kStale, uri + " is not what was read any more: between its bytes "
                              + std::to_string(from) + " and " + std::to_string(to)
                              + " it holds something else: it was replaced, cut or edited: put the "
                                "old file back, or read the new one into another --data"};
}

Status checkHash(const std::string& uri, std::uint64_t hash, const SourceFingerprint& taken,
                 const SourceFingerprint& known)
{
    if (hash == 0 || hash == taken.hash() || mutant(Mutant::kTrustSourcePosition)) return {};
    const bool all = known.bytes() >= taken.bytes();
    return changedError(uri, all ? 0 : known.bytes(), taken.bytes());
}

PipeResume::PipeResume(std::string uri, const SourcePosition& position, Bytes header,
                       StoredStream& stored)
    : uri_(std::move(uri)),
      byte_(position.byte),
      hash_(position.hash),
      skip_(byte_),
      header_(std::move(header)),
      stored_(stored),
      prefix_(stored.prefix.substr(0, std::min<std::uint64_t>(kResumePrefixBytes, byte_)))
{
}

Status PipeResume::offer(Bytes& data, bool end)
{
    if (done_) return {};
    if (comparing_) {
        uncompared_ += std::exchange(data, {});
        // The first line is looked at whole, a byte order mark included.
        const bool enough =
            uncompared_.size() >= prefix_.size()
            && (uncompared_.find('\n') != Bytes::npos
                || uncompared_.size() >= prefix_.size() + kByteOrderMark.size() + 1);
        if (!enough && !end) return {};
        comparing_ = false;
        data = std::exchange(uncompared_, {});
        if (!data.starts_with(prefix_)) return continueWith(data, end);
    }
    FS_TRY_STATUS(skip(data));
    if (done_ || !end) return {};
    return cutError(skip_);
}

Status PipeResume::continueWith(BytesView data, bool end)
{
    if (data.empty()) {  // neither this nor that
        done_ = true;
        return {};
    }
    const std::size_t line = prefix_.find('\n');
    const Bytes first = !header_.empty()      ? header_
                        : line == Bytes::npos ? Bytes()
                                              : prefix_.substr(0, line + 1);
    const bool telling = !header_.empty() || first.size() >= kTellingLine;
    const bool alike = data.starts_with(first) || bareFirstLine(data) == bareFirstLine(first)
                       || (end && BytesView(first).starts_with(data));
    if ((telling && alike) || goesOnAlike(data, prefix_)) {
        if (end && BytesView(prefix_).starts_with(data)) return cutError(byte_ - data.size());
        const auto differs = static_cast<std::size_t>(
            std::mismatch(data.begin(), data.end(), prefix_.begin(), prefix_.end()).first
            - data.begin());
        return Error{Errc::kStale,
                     uri_ + " begins like what was read, but is another stream from byte "
                         + std::to_string(differs)
                         + " on: it was edited, or is a second one with the same first line: send "
                           "the whole stream again as it was, or only what is new and no first "
                           "line before it, or read it into another --data"};
    }
    done_ = true;
    continues_ = true;
    return {};
}

Status PipeResume::skip(Bytes& data)
{
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, data.size()));
    if (length > 0) midLine_ = data[length - 1] != '\n';
    BytesView skipped = BytesView(data).substr(0, length);
    while (!skipped.empty()) {
        const BytesView part = skipped.substr(0, kBlock - block_.size());
        block_ += part;
        skip_ -= part.size();
        skipped.remove_prefix(part.size());
        if (block_.size() == kBlock || skip_ == 0) FS_TRY_STATUS(compareBlock());
    }
    data.erase(0, length);
    done_ = skip_ == 0;
    if (done_) FS_TRY_STATUS(checkHash(uri_, hash_, taken_, stored_.fingerprint));
    if (done_) stored_.fingerprint = std::exchange(taken_, SourceFingerprint{});
    return {};
}

Status PipeResume::compareBlock()
{
    const std::uint64_t begin = taken_.bytes();
    const bool same = stored_.fingerprint.allows(begin / kBlock, block_)
                      && fitsLastBatch(block_, begin, stored_.lastBatch, byte_);
    if (!same && !mutant(Mutant::kTrustSourcePosition))
        return changedError(uri_, begin, begin + block_.size());
    taken_.add(block_);
    block_.clear();
    return {};
}

Error PipeResume::cutError(std::uint64_t missing) const
{
    return {Errc::kGap, "standard input cannot go on where it stopped: the source was cut, it ends "
                            + std::to_string(missing)
                            + " bytes too early: send the whole stream again, or only what is new"};
}

}  // namespace foreshard
