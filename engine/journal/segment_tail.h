#pragma once
// How far the open file of a journal is written, durable and proven: the numbers that each mark
// (segment_format.h) tells the next reader. Knows no disk. Pure.
#include "engine/journal/segment_format.h"

#include <cstdint>

namespace foreshard {

class SegmentTail {
public:
    // A file of this many bytes was opened or created; all of them are durable.
    void adopt(std::uint64_t salt, std::uint64_t bytes)
    {
        salt_ = salt;
        end_ = durable_ = dataEnd_ = proven_ = bytes;
    }
    // The mark in front of an append that is written at end().
    SegmentMark mark(std::uint64_t durableBatch) const
    {
        return {end_, durable_, salt_, durableBatch};
    }
    // A mark and the envelopes behind it are on their way to the file.
    void sent(std::uint64_t bytes, bool hasEnvelopes)
    {
        proven_ = durable_;
        end_ += bytes;
        if (hasEnvelopes) dataEnd_ = end_;
    }
    void becameDurable(std::uint64_t bytes) { durable_ += bytes; }
    // The disk was full, and the file was cut back to its durable bytes.
    void cutBack() { end_ = dataEnd_ = durable_; }

    std::uint64_t salt() const { return salt_; }
    std::uint64_t end() const { return end_; }
    std::uint64_t durable() const { return durable_; }
    // A mark in the file says of every envelope before it that it is durable.
    bool isProven() const { return proven_ >= dataEnd_; }

private:
    std::uint64_t salt_ = 0;
    std::uint64_t durable_ = 0;  // bytes of the file that no failure can take back
    std::uint64_t end_ = 0;      // of the file with the appends that are under way
    std::uint64_t dataEnd_ = 0;  // behind the last envelope; a mark alone may follow
    std::uint64_t proven_ = 0;   // `durable` of the newest mark
};

}  // namespace foreshard
