#pragma once
// What one processor and the way between two threads can do at best.
#include "app/bench/meter.h"
#include "engine/base/result.h"

namespace foreshard {

// memcpy of 256 MiB blocks between two places in memory; items: blocks, bytes: copied ones.
Round copyMemory(double seconds);
// XXH3 of whole 100-byte records that are in the cache; items: records.
Round hashRecords(double seconds);
// ZeroMQ inproc PUSH to PULL, 64 KiB each, one copy at the sender; items: messages. kIo when ZeroMQ
// refuses.
Result<Round> sendBatches(double seconds);

}  // namespace foreshard
