#pragma once
// Everything in memory has a bound (ARCHITECTURE.md, "Limits"). Looks at what the edge, where
// the input piles up, holds now and then.
#include "engine/edge/edge_driver.h"
#include "engine/simulation/checkers/violations.h"
#include "engine/simulation/cluster_shape.h"
#include "engine/simulation/random_stream.h"
#include "engine/wire/codec.h"

#include <algorithm>
#include <cstdint>
#include <string>

namespace foreshard::sim {

class MemoryChecker {
public:
    MemoryChecker(Violations& violations, const ClusterShape& shape, const RandomStream& stream)
        : violations_(violations),
          shape_(shape),
          stream_(stream),
          // The records lie in words.
          frameHead_(encodeFrame(Frame{}).size() + 7)
    {
    }

    // Over each limit the piece may lie that made it full: a batch, a frame.
    void check(const EdgeDriver::MemoryUse& use)
    {
        // Frames that were applied and are in no checkpoint are to be applied again after a start,
        // so it may begin with more; then nothing is read before it is less.
        within("not applied", use.backlogBytes,
               std::max(shape_.backlogBytesMax + batchMost(), use.backlogAtStart));
        within("cached", use.cacheBytes, std::max(shape_.cacheBytesMax, frameMost()));
        within("sent and not confirmed", use.inFlightBytes, shape_.windowBytes + frameMost());
    }

private:
    static constexpr std::uint64_t kRecordHead = 36;  // packed (engine/wire/FORMAT.md)
    static constexpr std::uint64_t kRowLeast = 3;     // of a simulated stream, with its line end

    // Key and type are cut out of the text, which is kept as well.
    static std::uint64_t packed(std::uint64_t records, std::uint64_t text)
    {
        return records * kRecordHead + 2 * text;
    }
    // Cut as soon as it is full, so the record that made it so may lie over.
    std::uint64_t frameMost() const
    {
        return shape_.frameBytes + packed(1, stream_.schema.recordBytesMax) + frameHead_;
    }
    // As many bytes of input as were asked for, and the record whose begin had come before. Of
    // every shard, full frames and one that is not.
    std::uint64_t batchMost() const
    {
        const std::uint64_t asked = shape_.batchBytes + stream_.schema.recordBytesMax;
        const std::uint64_t text = std::min<std::uint64_t>(asked, stream_.input.size());
        const std::uint64_t records = packed(text / kRowLeast + 1, text);
        return records + (records / shape_.frameBytes + shape_.shards) * frameHead_;
    }

    void within(const char* what, std::uint64_t bytes, std::uint64_t most)
    {
        if (bytes <= most) return;
        violations_.report("memory", "the edge holds " + std::to_string(bytes) + " bytes " + what
                                         + ", where " + std::to_string(most) + " are the limit");
    }

    Violations& violations_;
    const ClusterShape& shape_;
    const RandomStream& stream_;
    std::uint64_t frameHead_;
};

}  // namespace foreshard::sim
