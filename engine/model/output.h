#pragma once
// What an operator puts out, and the words with which nodes hand it to a sink. An output is
// (shard, n, i): the i-th row of the shard's frame n. Rows are a deterministic function of the
// frames, so whoever makes them again makes the same bytes, and a sink can drop repeats by number.
#include "engine/base/bytes.h"
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace foreshard {

enum class SinkMode : std::uint8_t {
    kCommitted = 0,  // an output leaves when a checkpoint that contains its frame is listed
    kImmediate = 1   // as soon as its frame is applied
};
enum class SinkFormat : std::uint8_t {
    kJsonl = 0,
    kCsv = 1
};

// The row of a key after one record was applied.
struct OutputRow {
    Offset offset = 0;  // of the record
    BytesView key;
    std::uint64_t count = 0;
    double sum = 0;
    double min = 0;
    double max = 0;
};

// node -> sink: the rows of one frame. Frames without rows are never sent; `previous` is the last
// one before `n` that had some (0: none), so a sink knows whether it has all before this.
struct OutputBatch {
    NodeId node;
    std::uint64_t stream = 0;  // of the data directory; a sink takes one stream only
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
    FrameNo previous = 0;
    FrameNo floor = 0;  // nothing up to here can be sent again: the sink has confirmed it
    std::uint32_t rows = 0;
    Bytes packed;  // wire/output_codec.h
};
// sink -> node: everything of the shard up to n is durable. A failure is final for the sender.
struct OutputTaken {
    NodeId node;
    ShardId shard;
    Epoch epoch;
    FrameNo n = 0;
    std::string failure;
    Errc failureCode = Errc::kIo;
};
// control -> sink, now and then: how are you?
struct SinkAsk {};
struct SinkStatus {
    std::uint64_t stream = 0;  // 0: it has none yet
    std::uint64_t rows = 0;    // durable, since the sink was started
    std::uint64_t bytes = 0;   // in its file
    std::string problem;       // not empty: it takes nothing for now, and why
};

// How far a sink file has come, as its progress file says: FORMAT.md of engine/sink.
struct SinkShard {
    ShardId shard;
    Epoch epoch;  // newest heard of
    FrameNo n = 0;
    friend bool operator==(const SinkShard&, const SinkShard&) = default;
};
struct SinkProgress {
    std::uint64_t stream = 0;
    SinkFormat format = SinkFormat::kJsonl;
    std::uint64_t bytes = 0;    // durable bytes of the file that this speaks of
    std::uint32_t tailCrc = 0;  // of the last bytes before that position
    bool cut = false;           // what lies behind was not made durable: cut it off unread
    Bytes tail = {};            // not empty: this belongs behind, whatever lies there
    std::vector<SinkShard> shards;
};

// Which sink a data directory belongs to.
struct SinkBinding {
    std::string uri;  // as given, without the mode
    SinkMode mode = SinkMode::kCommitted;
    std::uint64_t stream = 0;
};

}  // namespace foreshard
