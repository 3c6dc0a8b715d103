#pragma once
// Invariant I1: every record is in the results exactly once, in shard order. A frame never changes
// once it is handed out; the frames of a shard come in order, without a gap, with keys of its own
// slots; a node that says "applied up to n" has applied exactly the records up to n, no fewer, no
// more, no others; what the boxes hold is what was applied; and the final state is that of an
// undisturbed run.
#include "engine/archive/archive.h"
#include "engine/env/env.h"
#include "engine/model/frame.h"
#include "engine/model/message.h"
#include "engine/simulation/checkers/frame_ledger.h"
#include "engine/simulation/checkers/violations.h"
#include "engine/simulation/random_stream.h"

#include <optional>
#include <string>
#include <vector>

namespace foreshard::sim {

class RecordChecker {
public:
    RecordChecker(Violations& violations, const FrameLedger& ledger)
        : violations_(violations), ledger_(ledger)
    {
    }

    void onRoutes(const RouteTable& routes);
    // Before the ledger has it: a frame that is handed out for the first time. False when it must
    // not go there.
    bool onFrame(const Frame& frame);
    // A frame that the ledger knows is handed out again.
    void onRepeated(const FrameHeader& header, std::uint32_t crc);
    void onNodeReport(const NodeReport& report);
    // REQUIRES: nothing writes to the data directory.
    void checkBoxes(Disk& disk, const Archive& archive);
    // REQUIRES: the engine has come to its end besides.
    void checkResults(Disk& disk, const std::string& dataDirectory, const RandomStream& stream);

private:
    void report(ShardId shard, const std::string& text);

    Violations& violations_;
    const FrameLedger& ledger_;
    std::vector<std::optional<ShardId>> owners_;  // by slot; empty unless keyed
};

}  // namespace foreshard::sim
