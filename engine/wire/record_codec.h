#pragma once
// The packed form of the records inside a frame; FORMAT.md gives the bytes. Flat and without a
// schema, because a record is touched millions of times a second and never changes shape.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/record.h"

#include <cstddef>
#include <cstdint>

namespace foreshard {

class RecordPacker {
public:
    // Copies what the views show. REQUIRES: type of at most 255 bytes, key and raw below 4 GiB.
    void add(const RecordView& record);
    std::size_t bytes() const { return packed_.size(); }
    std::uint32_t count() const { return count_; }
    // Hands the packed records out and starts again with none.
    Bytes take();

private:
    Bytes packed_;
    std::uint32_t count_ = 0;
};

// Walks over packed records; the views it gives live as long as `packed` does.
class RecordUnpacker {
public:
    explicit RecordUnpacker(BytesView packed) : packed_(packed) {}

    // False at the end or at the first damage; status() tells which.
    bool next(RecordView& out);
    // kCorrupt, with the position of the record that does not hold; it stays so.
    Status status() const { return status_; }

private:
    bool damaged(const char* what);

    BytesView packed_;
    std::size_t position_ = 0;
    Status status_;
};

}  // namespace foreshard
