#include "engine/simulation/checkers/source_checker.h"

#include <algorithm>
#include <iterator>
#include <string>

namespace foreshard::sim {

void SourceChecker::report(const FrameHeader& header, const std::string& text)
{
    violations_.report("source",
                       "batch " + std::to_string(header.batch) + " " + text + " (frame "
                           + std::to_string(header.n) + " of " + nameOf(header.shard) + ")",
                       header.shard);
}

void SourceChecker::onFrame(const FrameHeader& header)
{
    const auto [it, first] = batches_.try_emplace(
        header.batch,
        Batch{header.sourceAfter, header.parts, 0, header.firstOffset, header.lastOffset});
    Batch& batch = it->second;
    if (!(batch.after == header.sourceAfter)) return report(header, "has two source positions");
    if (batch.partsMissing == 0) return report(header, "has more frames than it says");
    --batch.partsMissing;
    batch.records += header.records;
    batch.firstOffset = std::min(batch.firstOffset, header.firstOffset);
    batch.lastOffset = std::max(batch.lastOffset, header.lastOffset);
    if (batch.lastOffset >= batch.after.nextOffset)
        return report(header, "holds records behind its source position");
    if (it != batches_.begin()) checkOrder(std::prev(it)->second, batch, header);
    if (const auto next = std::next(it); next != batches_.end())
        checkOrder(batch, next->second, header);
    const auto before = batches_.find(header.batch - 1);
    if (batch.partsMissing > 0 || before == batches_.end()) return;
    const Offset begin = before->second.after.nextOffset;
    if (batch.firstOffset != begin || batch.records != batch.after.nextOffset - begin)
        report(header, "does not hold exactly the offsets from " + std::to_string(begin) + " to "
                           + std::to_string(batch.after.nextOffset));
}

void SourceChecker::checkOrder(const Batch& before, const Batch& behind, const FrameHeader& header)
{
    if (before.after.nextOffset > behind.firstOffset)
        return report(header, "overlaps its neighbour: offset " + std::to_string(behind.firstOffset)
                                  + " comes twice");
    if (before.after.byte >= behind.after.byte)
        report(header, "has its source at byte " + std::to_string(behind.after.byte)
                           + ", not behind " + std::to_string(before.after.byte));
}

}  // namespace foreshard::sim
