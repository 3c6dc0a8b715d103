#pragma once
// Gives back the original order: takes frames of any shards in any order and hands their records
// out by offset, each once. Reports a gap by standing still; it never skips one. Pure, for one
// strand; its memory is that of the frames it waits on, so the caller feeds it batch by batch.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/model/frame.h"
#include "engine/model/record.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace foreshard {

class Reassembler {
public:
    explicit Reassembler(Offset expected = 0);
    ~Reassembler();
    Reassembler(Reassembler&&) noexcept;
    Reassembler& operator=(Reassembler&&) noexcept;

    // Keeps a copy of the bytes. kCorrupt, and nothing is kept, when the records do not unpack,
    // are not in order, or are not what the header says.
    Status add(const Frame& frame);
    // Hands out the record at expected() when it has been added; then expected() grows by one. The
    // views live until the next call of next(), add() or firstWaiting(). Of several records with
    // one offset the first that was added is handed out; the others are dropped and counted.
    bool next(RecordView& out);

    Offset expected() const { return expected_; }
    // Records not handed out or dropped yet.
    std::size_t waiting() const { return waiting_; }
    // The lowest offset that waits. When it is above expected(), the records between are missing.
    std::optional<Offset> firstWaiting();
    std::uint64_t duplicates() const { return duplicates_; }

private:
    struct Cursor;
    struct Later;

    void settle();
    void advanceFirst();

    std::vector<std::unique_ptr<Cursor>> cursors_;  // a heap, lowest offset first
    Offset expected_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t duplicates_ = 0;
    std::uint64_t added_ = 0;
    bool handedOut_ = false;  // the first cursor's record is in the caller's hands
};

}  // namespace foreshard
