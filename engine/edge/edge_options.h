#pragma once
// What an edge is told at its start.
#include "engine/box/box_store.h"
#include "engine/model/operator_spec.h"
#include "engine/model/record.h"

#include <cstdint>
#include <string>

namespace foreshard {

struct EdgeOptions {
    std::string dataDirectory;
    StreamSchema schema;
    double ratePerSecond = 0;               // 0: as fast as the boxes take it
    bool finishAtEnd = false;               // the end of the source is the end of the stream
    OperatorSpec operatorSpec;              // for the declared cost of what arrives
    BoxStore::Options boxes;                // `directory` is set by the edge
    std::uint64_t batchBytes = 1U << 20U;   // of input, about, in one batch over all boxes
    std::uint64_t frameBytes = 64U << 10U;  // of packed records; one frame holds little more
    std::uint64_t backlogBytesMax = 128ULL
                                    << 20U;  // durable but not yet applied; the source waits beyond
    std::uint64_t lowSpaceBytes = 0;         // the source waits while fewer are free on the disk
};

}  // namespace foreshard
