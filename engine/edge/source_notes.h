#pragma once
// SourceNotes keeps what the edge reports of its source: how far it is, what was rejected, and why
// reading has stopped, when it has. Pure: time arrives with the call.
#include "engine/base/time.h"
#include "engine/model/record.h"
#include "engine/model/snapshot.h"
#include "engine/source/parsed_batch.h"

#include <cstdint>
#include <string>

namespace foreshard {

class SourceNotes {
public:
    // Reading of `uri` begins at this offset.
    void begin(const std::string& uri, Offset nextOffset);
    // The source has said whether it ends here.
    void ended(bool end) { report_.end = end; }
    // The source's beginning is not the stored one; only the first note stays.
    void continues(const std::string& note);
    // Counts the batch's rejected rows.
    void taken(const ParsedBatch& parsed);
    // A batch with so many data records is durable.
    void durable(std::uint64_t records, const SourcePosition& after);

    void problem(std::string text) { report_.problem = std::move(text); }
    // No batch can be written: the disk has no room at all.
    void fullDisk(const std::string& directory);
    // Little room is left, and it is kept for checkpoints.
    void lowSpace(const std::string& directory, std::uint64_t freeBytes, std::uint64_t lowBytes);
    // `line`: of the row that has no end yet; 0: none. After two seconds that is a problem, unless
    // there is one already.
    void openRow(std::uint64_t line, Instant now);

    bool hasEnded() const { return report_.end; }
    const SourceSnapshot& report() const { return report_; }

private:
    SourceSnapshot report_;
    std::uint64_t openRowLine_ = 0;
    Instant openRowSince_;
};

}  // namespace foreshard
