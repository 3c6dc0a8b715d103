#pragma once
// What an engine is started with, apart from the doors to the world.
#include "engine/base/ids.h"
#include "engine/base/log.h"
#include "engine/control/history_watch.h"
#include "engine/control/silence.h"
#include "engine/model/assignment.h"
#include "engine/model/dead_letter.h"
#include "engine/model/output.h"
#include "engine/model/snapshot.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace foreshard {

// Starts and kills nodes; in the engine it owns strands of this process, in the simulation virtual
// ones. Called on the control strand; acts later.
class NodeSupervisor {
public:
    virtual ~NodeSupervisor() = default;
    // Ends the node without a farewell, if it runs, and starts it anew as its next incarnation.
    virtual void restart(NodeId node) = 0;
    // The newest incarnation there can be by now; nobody can speak as a later one.
    virtual std::uint32_t newestIncarnation(NodeId node) const = 0;
    // Whether it runs, as far as that can be seen without it.
    virtual NodePulse pulse(NodeId node) const = 0;
};

struct ControlOptions {
    std::string dataDirectory;
    std::string sourceUri;
    std::uint32_t nodes = 4;
    std::uint32_t shards = 16;
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    bool untilEnd = false;  // done when the source is: checkpoint everything, then kDone
    std::uint32_t keepCheckpoints = 0;  // listed per shard beyond the newest two, to go back to
    // See SingleControlLog; small in simulations.
    std::uint64_t logSnapshotBytesMin = 1U << 20U;
    std::uint64_t memoryTotalBytes = 0;
    std::uint64_t reserveBytes = 0;  // see SpaceReserve
    Nanos silence = 1s;              // a node that shows no life for so long is restarted
    Nanos recordPatience{0};         // how long the operator may take for one record
    std::string predictorName = "predictor";
    OnPoison onPoison = OnPoison::kSkip;
    // Records on which the operator ended the process before this one, and what to call once they
    // are counted durably; may be empty.
    std::vector<OperatorMark> marks = {};
    std::function<void()> marksTaken = {};
    // Of the data directory: files that are looked after like the journals.
    std::vector<std::string> keptFiles = {};
    std::string sinkUri = {};  // empty: no sink, no outputs
    SinkMode sinkMode = SinkMode::kCommitted;
    LogSink log;
    // The data directory is new, or the last engine in it ended well: the start recovers nothing.
    bool endedWell = false;
    HistorySink onHistory;  // called on the control strand with everything that happens
    // Called on the control strand whenever the engine's state changes.
    std::function<void(EngineState, const Error*)> onState;
};

}  // namespace foreshard
