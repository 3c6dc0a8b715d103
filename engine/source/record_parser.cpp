#include "engine/source/record_parser.h"

#include "engine/source/text_check.h"
#include "engine/source/utf8.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace foreshard {
namespace {

constexpr std::size_t kNone = BytesView::npos;
constexpr std::size_t kTypeBytesMax = 255;  // see RecordView

Result<std::unique_ptr<RecordFormat>> makeFormat(const StreamSchema& schema, RecordFormatKind kind)
{
    switch (kind) {
        case RecordFormatKind::kCsv:
            return makeCsvFormat(schema);
        case RecordFormatKind::kJsonl:
            return makeJsonlFormat(schema);
        case RecordFormatKind::kLines:
            break;
    }
    return makeLinesFormat(schema);
}

std::uint64_t lineFeeds(BytesView raw)
{
    std::uint64_t count = 0;
    for (std::size_t at = raw.find('\n'); at != kNone; at = raw.find('\n', at + 1))
        ++count;
    return count;
}

}  // namespace

RecordParser::RecordParser(std::unique_ptr<RecordFormat> format, RecordFormatKind kind,
                           std::size_t recordBytesMax)
    : format_(std::move(format)),
      kind_(kind),
      recordBytesMax_(recordBytesMax),
      headerPending_(format_->hasHeader())
{
    FS_CHECK(recordBytesMax_ > 0);
}

Status RecordParser::feed(BytesView data, bool end, ParsedBatch& out, std::size_t recordsMax)
{
    if (begin_ > pending_.size() / 2) pending_.erase(0, std::exchange(begin_, 0));
    pending_.append(data);
    FS_TRY_STATUS(checkHead(end));
    if (!headChecked_) return {};
    // The header by itself: how rows are cut depends on it.
    if (headerPending_) FS_TRY_STATUS(take(end, out, recordsMax, 1));
    return take(end, out, recordsMax, kNoLimit);
}

// Only the start of a source is looked at: what follows was found fit by an earlier run.
Status RecordParser::checkHead(bool end)
{
    if (headChecked_) return {};
    const BytesView head = BytesView(pending_).substr(begin_);
    if (!end && !headIsEnough(head)) return {};
    headChecked_ = true;
    return checkText(head, kind_);
}

Status RecordParser::take(bool end, ParsedBatch& out, std::size_t recordsMax, std::size_t cutsMax)
{
    // Cut first, so that the bytes of all records move into the batch in one piece.
    cuts_.clear();
    const BytesView pending = BytesView(pending_).substr(begin_);
    std::size_t used = 0;
    while (used < pending.size() && cuts_.size() < cutsMax
           && out.records.size() + cuts_.size() < recordsMax) {
        const Cut cut = nextCut(pending.substr(used), end);
        if (cut.length == 0) break;
        cuts_.push_back(cut);
        used += cut.length;
    }
    if (used == 0) return {};
    BytesView block = out.arena.store(pending.substr(0, used));
    out.pieces.push_back(block);
    out.records.reserve(out.records.size() + cuts_.size());
    out.lines.reserve(out.lines.size() + cuts_.size());
    plain_ = isPlainAscii(block);
    begin_ += used;
    for (const Cut& cut : cuts_) {
        FS_TRY_STATUS(emit(block.substr(0, cut.length), cut, out));
        block.remove_prefix(cut.length);
    }
    return {};
}

RecordParser::Cut RecordParser::nextCut(BytesView pending, bool end)
{
    const BytesView window = pending.substr(0, recordBytesMax_);
    if (behindFinishedLine_) return grownLine(window, end);
    const bool wasLong = insideLongLine_;
    const bool over = pending.size() > recordBytesMax_;
    const Beyond beyond = over ? Beyond::kMore : end ? Beyond::kNothing : Beyond::kUnknown;
    const RowEnd found =
        wasLong ? findLineEnd(window, scan_) : format_->findEnd(window, scan_, beyond);
    const RejectReason unfinished =
        scan_.quoted ? RejectReason::kUnclosedQuote : RejectReason::kNone;
    Cut cut{0, wasLong ? RejectReason::kTooLong : found.reason, !wasLong, false};
    if (found.length != kNone) {
        cut.length = found.length;
        insideLongLine_ = false;
    } else if (wasLong ? window.size() == recordBytesMax_ : over) {
        cut.length = recordBytesMax_;
        if (!wasLong) cut.reason = scan_.quoted ? unfinished : RejectReason::kTooLong;
        insideLongLine_ = window.back() != '\n';
    } else if (end) {
        cut.length = window.size();
        if (!wasLong) cut.reason = unfinished;
    }
    cut.oneLine = found.length != kNone && cut.reason == RejectReason::kNone && !scan_.lines;
    if (cut.length > 0) scan_ = {};
    return cut;
}

RecordParser::Cut RecordParser::grownLine(BytesView window, bool end)
{
    const std::size_t lineFeed = window.find('\n');
    const bool over = window.size() == recordBytesMax_;
    if (lineFeed == kNone && !over && !end) return {};
    Cut cut{lineFeed == kNone ? window.size() : lineFeed + 1, RejectReason::kGrownLine, true,
            false};
    const BytesView line = window.substr(0, cut.length);
    // Nothing but the end of that line came.
    if (line == "\n" || line == "\r\n") cut.reason = RejectReason::kBlankLine;
    behindFinishedLine_ = false;
    insideLongLine_ = over && line.back() != '\n';
    return cut;
}

Status RecordParser::emit(BytesView raw, const Cut& cut, ParsedBatch& out)
{
    RecordView record;
    record.offset = position_.nextOffset;
    record.raw = raw;
    record.reason = cut.reason;
    if (headerPending_) {
        if (cut.reason == RejectReason::kTooLong)
            return Error{Errc::kInvalid,
                         "csv header cannot be read: the first line is longer than the record "
                         "limit: check that the source is csv, or raise the limit"};
        // One with bad quotes is explained there.
        FS_TRY_STATUS(format_->readHeader(raw));
        record.kind = RecordKind::kHeader;
        headerPending_ = false;
    } else if (cut.reason == RejectReason::kNone) {
        parseFields(record, out);
    }
    if (record.reason != RejectReason::kNone) {
        const RejectReason reason = record.reason;
        record = {};
        record.offset = position_.nextOffset;
        record.kind = RecordKind::kRejected;
        record.reason = reason;
        record.raw = raw;
        count(record, cut.rowStart, out);
    }
    out.records.push_back(record);
    out.lines.push_back(position_.line + 1);
    position_.byte += raw.size();
    position_.line += cut.oneLine ? (raw.back() == '\n' ? 1 : 0) : lineFeeds(raw);
    ++position_.nextOffset;
    return {};
}

void RecordParser::count(const RecordView& record, bool rowStart, ParsedBatch& out)
{
    if (record.reason == RejectReason::kBlankLine) ++out.blankLines;
    if (record.reason == RejectReason::kBlankLine || !rowStart) return;
    ++out.rejected;
    ++out.byReason[static_cast<std::size_t>(record.reason)];
    out.rejectedLines += lineFeeds(record.raw) + (record.raw.back() == '\n' ? 0 : 1);
}

void RecordParser::parseFields(RecordView& record, ParsedBatch& out)
{
    const std::uint64_t timesBefore = out.timesUnreadable;
    const bool holdsNul =
        !plain_ && std::memchr(record.raw.data(), 0, record.raw.size()) != nullptr;
    record.reason = holdsNul ? RejectReason::kNulByte : format_->parse(record.raw, record, out);
    if (record.reason != RejectReason::kNone) {
        out.timesUnreadable = timesBefore;
        return;
    }
    record.type = record.type.substr(0, kTypeBytesMax);
    // The key is looked at by itself: a pattern's group may cut a character in two.
    if (!isUtf8(record.key)) {
        record.reason = RejectReason::kKeyNotUtf8;
        out.timesUnreadable = timesBefore;
    } else if (!plain_ && !isUtf8(record.raw)) {
        ++out.invalidUtf8;
    }
}

Status RecordParser::resumeAt(const SourcePosition& position, BytesView headerLine, Before before)
{
    FS_CHECK(pending_.empty());
    position_ = position;
    insideLongLine_ = before == Before::kLongLine;
    behindFinishedLine_ = before == Before::kFinishedLine;
    headChecked_ = position.byte > 0;
    headerPending_ = format_->hasHeader() && position.byte == 0;
    if (format_->hasHeader() && position.byte > 0) return format_->readHeader(headerLine);
    return {};
}

std::size_t RecordParser::headerLength(BytesView start) const
{
    ScanState state;
    const RowEnd end = format_->findEnd(start.substr(0, recordBytesMax_), state, Beyond::kUnknown);
    return end.length == kNone ? 0 : end.length;
}

std::uint64_t RecordParser::openRowLine() const
{
    if (!scan_.quoted || insideLongLine_) return 0;
    const BytesView pending = BytesView(pending_).substr(begin_);
    return pending.find('\n', scan_.opened) == kNone ? 0 : position_.line + 1;
}

Result<std::unique_ptr<RecordParser>> makeParser(const StreamSchema& schema,
                                                 RecordFormatKind format)
{
    if (schema.recordBytesMax == 0)
        return Error{Errc::kInvalid, "record limit is 0: no record fits: give at least 1 byte"};
    FS_TRY(auto made, makeFormat(schema, format));
    return std::make_unique<RecordParser>(std::move(made), format,
                                          static_cast<std::size_t>(schema.recordBytesMax));
}

}  // namespace foreshard
