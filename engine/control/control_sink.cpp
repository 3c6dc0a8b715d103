// The part of ControlDriver that does what SinkMonitor decides.
#include "engine/control/control_driver.h"

namespace foreshard {

void ControlDriver::watchSink(Instant now)
{
    const SinkMonitor::Effects effects = sink_.tick(now);
    if (effects.ask) send("sink", SinkAsk{});
    if (!effects.news) return;
    if (effects.news->empty()) return event(EventSeverity::kInfo, "sink", "it takes rows again");
    event(EventSeverity::kWarning, "sink", *effects.news);
}

bool ControlDriver::leavesOutputsBehind() const { return stopping_ && !sink_.problem().empty(); }

bool ControlDriver::outputsBlock() const
{
    for (const auto& [id, owner] : assignment().shards) {
        const NodeShardReport* entry = reported(id);
        if (entry != nullptr && entry->outputsFull) return true;
    }
    return false;
}

bool ControlDriver::outputsSettled()
{
    if (leavesOutputsBehind()) return true;
    bool pending = false;
    for (const auto& [id, owner] : assignment().shards)
        pending = pending || reported(id)->outputsPending > 0;
    const SinkMonitor::Settled sink = sink_.settle(pending, env_.strand.now());
    if (sink.ask) send("sink", SinkAsk{});
    return sink.settled && !pending;
}

SinkSnapshot ControlDriver::sinkSnapshot() const
{
    SinkSnapshot snapshot;
    if (!sink_.present()) return snapshot;
    snapshot.uri = options_.sinkUri;
    snapshot.mode = options_.sinkMode == SinkMode::kCommitted ? "committed" : "immediate";
    snapshot.rows = sink_.status().rows;
    snapshot.bytes = sink_.status().bytes;
    snapshot.problem = sink_.problem();
    for (const auto& [id, node] : nodes_) {
        for (const NodeShardReport& shard : node.report.shards)
            snapshot.pendingBytes += shard.outputBytes;
    }
    return snapshot;
}

}  // namespace foreshard
