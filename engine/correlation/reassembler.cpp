#include "engine/correlation/reassembler.h"

#include "engine/wire/record_codec.h"

#include <algorithm>
#include <string>
#include <utility>

namespace foreshard {

// One frame and its next record. It never moves in memory: the views of the record point into it.
struct Reassembler::Cursor {
    Cursor(Bytes bytes, std::uint64_t order)
        : packed(std::move(bytes)), unpacker(packed), added(order)
    {
    }

    Bytes packed;
    RecordUnpacker unpacker;
    std::uint64_t added;
    RecordView record;
};

struct Reassembler::Later {
    bool operator()(const std::unique_ptr<Cursor>& a, const std::unique_ptr<Cursor>& b) const
    {
        if (a->record.offset != b->record.offset) return a->record.offset > b->record.offset;
        return a->added > b->added;
    }
};

Reassembler::Reassembler(Offset expected) : expected_(expected) {}
Reassembler::~Reassembler() = default;
Reassembler::Reassembler(Reassembler&&) noexcept = default;
Reassembler& Reassembler::operator=(Reassembler&&) noexcept = default;

namespace {

Status checkRecords(const Frame& frame)
{
    const FrameHeader& header = frame.header;
    const auto wrong = [&](const std::string& what) {
        return Error{Errc::kCorrupt, "reassemble shard " + std::to_string(header.shard.value)
                                         + " frame " + std::to_string(header.n) + ": " + what
                                         + ": the frame is damaged: check it with verify"};
    };
    RecordUnpacker unpacker(frame.records);
    RecordView record;
    std::uint64_t count = 0;
    Offset last = 0;
    while (unpacker.next(record)) {
        if (count > 0 && record.offset <= last) return wrong("its records are not in order");
        if (count == 0 && record.offset != header.firstOffset)
            return wrong("its first offset is not the header's");
        last = record.offset;
        ++count;
    }
    if (!unpacker.status().ok()) return wrong(unpacker.status().error().message);
    if (count != header.records) return wrong("the header counts other records");
    if (count > 0 && last != header.lastOffset) return wrong("its last offset is not the header's");
    return {};
}

}  // namespace

Status Reassembler::add(const Frame& frame)
{
    FS_TRY_STATUS(checkRecords(frame));
    settle();
    if (frame.header.records == 0) return {};
    auto cursor = std::make_unique<Cursor>(frame.records, added_++);
    FS_CHECK(cursor->unpacker.next(cursor->record));
    waiting_ += frame.header.records;
    cursors_.push_back(std::move(cursor));
    std::push_heap(cursors_.begin(), cursors_.end(), Later{});
    return {};
}

bool Reassembler::next(RecordView& out)
{
    settle();
    if (cursors_.empty() || cursors_.front()->record.offset != expected_) return false;
    out = cursors_.front()->record;
    ++expected_;
    --waiting_;
    handedOut_ = true;
    return true;
}

std::optional<Offset> Reassembler::firstWaiting()
{
    settle();
    if (cursors_.empty()) return std::nullopt;
    return cursors_.front()->record.offset;
}

// Drops the record that next() handed out last, and every record with an offset that was handed
// out before.
void Reassembler::settle()
{
    if (std::exchange(handedOut_, false)) advanceFirst();
    while (!cursors_.empty() && cursors_.front()->record.offset < expected_) {
        ++duplicates_;
        --waiting_;
        advanceFirst();
    }
}

void Reassembler::advanceFirst()
{
    std::pop_heap(cursors_.begin(), cursors_.end(), Later{});
    Cursor& cursor = *cursors_.back();
    if (cursor.unpacker.next(cursor.record))
        std::push_heap(cursors_.begin(), cursors_.end(), Later{});
    else
        cursors_.pop_back();
}

}  // namespace foreshard
