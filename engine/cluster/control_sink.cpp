// The part of ControlDriver that watches the sink.
#include "engine/cluster/control_driver.h"

namespace foreshard {
namespace {

constexpr Nanos kAskEvery = 500ms;
constexpr Nanos kSilence = 2s;
constexpr const char* kNothingLost =
    "; nothing is lost, but shards stop when their outputs have filled the room for them";

}  // namespace

void ControlDriver::onSinkStatus(const SinkStatus& status)
{
    sink_ = status;
    sinkHeard_ = env_.strand.now();
}

void ControlDriver::watchSink(Instant now)
{
    if (options_.sinkUri.empty()) return;
    if (sinkHeard_.nanos == 0) sinkHeard_ = now;
    if (now - sinkAsked_ >= kAskEvery) {
        sinkAsked_ = now;
        send("sink", SinkAsk{});
    }
    std::string problem;
    if (now - sinkHeard_ > kSilence) {
        problem = options_.sinkUri
                  + " does not answer: it is not running or cannot be reached: start it"
                  + kNothingLost;
    } else if (!sink_.problem.empty()) {
        problem = options_.sinkUri + " takes nothing: " + sink_.problem + kNothingLost;
    }
    if (problem == sinkProblem_) return;
    sinkProblem_ = problem;
    if (problem.empty()) return event(EventSeverity::kInfo, "sink", "it takes rows again");
    event(EventSeverity::kWarning, "sink", problem);
}

bool ControlDriver::leavesOutputsBehind() const { return stopping_ && !sinkProblem_.empty(); }

bool ControlDriver::outputsBlock() const
{
    for (const auto& [id, owner] : assignment().shards) {
        const NodeShardReport* entry = reported(id);
        if (entry != nullptr && entry->outputsFull) return true;
    }
    return false;
}

bool ControlDriver::sinkSettled(Instant now)
{
    if (options_.sinkUri.empty() || leavesOutputsBehind()) return true;
    if (sinkComplete_.nanos == 0) sinkComplete_ = now;
    if (sinkHeard_ > sinkComplete_) return true;
    send("sink", SinkAsk{});
    return false;
}

SinkSnapshot ControlDriver::sinkSnapshot() const
{
    SinkSnapshot snapshot;
    if (options_.sinkUri.empty()) return snapshot;
    snapshot.uri = options_.sinkUri;
    snapshot.mode = options_.sinkMode == SinkMode::kCommitted ? "committed" : "immediate";
    snapshot.rows = sink_.rows;
    snapshot.bytes = sink_.bytes;
    snapshot.problem = sinkProblem_;
    for (const auto& [id, node] : nodes_) {
        for (const NodeShardReport& shard : node.report.shards)
            snapshot.pendingBytes += shard.outputBytes;
    }
    return snapshot;
}

}  // namespace foreshard
