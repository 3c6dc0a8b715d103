#pragma once
// The source position in the boxes is exactly as far as their records: it grows with every write
// batch, each batch begins where the one before it ended, and its records fill what lies between.
// Sees every frame once, as it is handed out.
#include "engine/model/frame.h"
#include "engine/simulation/checkers/violations.h"

#include <cstdint>
#include <map>

namespace foreshard::sim {

class SourceChecker {
public:
    explicit SourceChecker(Violations& violations) : violations_(violations) {}

    void onFrame(const FrameHeader& header);

private:
    struct Batch {
        SourcePosition after;
        std::uint32_t partsMissing = 0;
        std::uint64_t records = 0;
        Offset firstOffset = 0;
        Offset lastOffset = 0;
    };
    void checkOrder(const Batch& before, const Batch& behind, const FrameHeader& header);
    void report(const FrameHeader& header, const std::string& text);

    Violations& violations_;
    std::map<std::uint64_t, Batch> batches_;
};

}  // namespace foreshard::sim
