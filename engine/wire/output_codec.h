#pragma once
// The packed rows inside an OutputBatch and inside the pending outputs of a checkpoint; FORMAT.md
// gives the bytes. Flat for the same reason as the records of a frame.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/output.h"

#include <cstdint>

namespace foreshard {

class OutputPacker {
public:
    // Copies what the row shows. REQUIRES: key below 4 GiB.
    void add(const OutputRow& row);
    std::uint32_t count() const { return count_; }
    // Hands the packed rows out and starts again with none.
    Bytes take();
    void clear();

private:
    Bytes packed_;
    std::uint32_t count_ = 0;
};

// Walks over packed rows; keys live as long as `packed` does.
class OutputUnpacker {
public:
    explicit OutputUnpacker(BytesView packed) : packed_(packed) {}

    // False at the end or at the first damage; status() tells which.
    bool next(OutputRow& out);
    // kCorrupt when the bytes end inside a row.
    Status status() const { return status_; }

private:
    BytesView packed_;
    std::size_t position_ = 0;
    Status status_;
};

}  // namespace foreshard
