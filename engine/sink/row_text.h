#pragma once
// The rows of a sink file as text: written from packed outputs, and read back to find out what a
// file holds. Every row ends with the CRC-32C of what is before it, so that a torn write or a hole
// in it is seen; FORMAT.md shows both forms. Pure.
#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/model/output.h"

#include <cstddef>
#include <cstdint>

namespace foreshard {

// "shard,n,i,of,..." for csv, nothing for jsonl.
BytesView sinkHeader(SinkFormat format);

// All rows of a batch. kCorrupt when its packed rows do not hold, or are not as many as it says.
Result<Bytes> rowsText(SinkFormat format, const OutputBatch& batch);

// One row read back.
struct SinkRow {
    ShardId shard;
    FrameNo n = 0;
    std::uint32_t i = 0;    // 1, 2 ... `of`
    std::uint32_t of = 0;   // rows of this frame
    std::size_t bytes = 0;  // of the row, line end included
};

// The row at the front of `text`. kGap: the text ends before the row does. kCorrupt: it is no row.
Result<SinkRow> readRow(SinkFormat format, BytesView text);

}  // namespace foreshard
