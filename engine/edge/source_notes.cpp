#include "engine/edge/source_notes.h"

#include <utility>

namespace foreshard {
namespace {

constexpr Nanos kOpenRowNamed = 2s;
constexpr std::uint64_t kMebi = 1U << 20U;

}  // namespace

void SourceNotes::begin(const std::string& uri, Offset nextOffset)
{
    report_.uri = uri;
    report_.nextOffset = report_.startOffset = nextOffset;
}

void SourceNotes::continues(const std::string& note)
{
    if (report_.note.empty()) report_.note = note;
}

void SourceNotes::taken(const ParsedBatch& parsed)
{
    report_.recordsRejected += parsed.rejected;
    report_.rejectedLines += parsed.rejectedLines;
    report_.blankLines += parsed.blankLines;
    report_.timesUnreadable += parsed.timesUnreadable;
    report_.bytesInvalidUtf8 += parsed.invalidUtf8;
    if (parsed.rejected == 0) return;
    report_.rejectsByReason.resize(kRejectReasonCount);
    for (std::size_t reason = 0; reason < parsed.byReason.size(); ++reason)
        report_.rejectsByReason[reason] += parsed.byReason[reason];
    for (std::size_t i = 0; i < parsed.records.size(); ++i) {
        const RejectReason reason = parsed.records[i].reason;
        if (reason == RejectReason::kNone || reason == RejectReason::kBlankLine) continue;
        report_.newestReject = {parsed.lines[i], reason};
        if (report_.firstReject.line == 0) report_.firstReject = report_.newestReject;
    }
    report_.lastReject = "line " + std::to_string(report_.newestReject.line) + ": "
                         + rejectReasonText(report_.newestReject.reason);
}

void SourceNotes::durable(std::uint64_t records, const SourcePosition& after)
{
    report_.recordsIn += records;
    report_.nextOffset = after.nextOffset;
    report_.bytesIn = after.byte;
}

void SourceNotes::fullDisk(const std::string& directory)
{
    report_.problem = "reading has stopped: the disk of " + directory
                      + " is full: free some space, and it goes on by itself";
}

void SourceNotes::lowSpace(const std::string& directory, std::uint64_t freeBytes,
                           std::uint64_t lowBytes)
{
    report_.problem = "reading has stopped: the disk of " + directory + " has "
                      + std::to_string(freeBytes / kMebi) + " MiB left, and "
                      + std::to_string(lowBytes / kMebi)
                      + " MiB are kept for checkpoints: free some space, and it goes on by itself; "
                        "--retain-bytes bounds what is kept for rebuild";
}

void SourceNotes::openRow(std::uint64_t line, Instant now)
{
    if (line != openRowLine_) {
        openRowLine_ = line;
        openRowSince_ = now;
    }
    if (line == 0 || now - openRowSince_ < kOpenRowNamed || !report_.problem.empty()) return;
    report_.problem = "the row at line " + std::to_string(line) + " of " + report_.uri
                      + " has been open for "
                      + std::to_string((now - openRowSince_).count() / 1'000'000'000)
                      + " s: a quote without an end holds back the lines behind it: end the row "
                        "in the source; else it is rejected at the source's end, or when it is "
                        "longer than --record-max";
}

}  // namespace foreshard
