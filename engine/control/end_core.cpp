#include "engine/control/end_core.h"

#include "engine/model/addresses.h"

#include <algorithm>

namespace foreshard {

EndCore::Step EndCore::check(Instant now, bool stopping, Effects& effects)
{
    const EdgeReport& edge = view_.edge.report();
    const bool ending = stopping || (untilEnd_ && edge.source.end);
    const bool blocked = leavesOutputsBehind(stopping) && outputsBlock();
    if (!ending || (!edge.drained && !blocked)) return Step::kGoOn;
    const bool moving = parts_.ownership.moving() || parts_.restores.any();
    if (moving || !applied(blocked)) return Step::kDrains;
    if (!saved()) {
        for (const auto& [id, owner] : view_.assignment.shards)
            effects.send(nodeAddress(owner.node), CheckpointNow{id, owner.epoch, "close"});
        return Step::kDrains;
    }
    return outputsSettled(now, stopping, effects) ? Step::kSettled : Step::kDrains;
}

bool EndCore::applied(bool blocked) const
{
    const auto& shards = view_.assignment.shards;
    return std::all_of(shards.begin(), shards.end(), [this, blocked](const auto& one) {
        const NodeShardReport* entry = view_.reported(one.first);
        return entry != nullptr && (blocked || entry->applied == view_.edge.of(one.first).lastN);
    });
}

bool EndCore::saved() const
{
    const auto& shards = view_.assignment.shards;
    return std::all_of(shards.begin(), shards.end(), [this](const auto& one) {
        const CheckpointInfo* newest = view_.checkpoints.newest(one.first);
        const FrameNo n = newest == nullptr ? 0 : newest->n;
        return n == view_.reported(one.first)->applied && !view_.pending.any(one.first);
    });
}

bool EndCore::leavesOutputsBehind(bool stopping) const
{
    return stopping && !parts_.sink.problem().empty();
}

bool EndCore::outputsBlock() const
{
    const auto& shards = view_.assignment.shards;
    return std::any_of(shards.begin(), shards.end(), [this](const auto& one) {
        const NodeShardReport* entry = view_.reported(one.first);
        return entry != nullptr && entry->outputsFull;
    });
}

bool EndCore::outputsSettled(Instant now, bool stopping, Effects& effects)
{
    if (leavesOutputsBehind(stopping)) return true;
    bool pending = false;
    for (const auto& [id, owner] : view_.assignment.shards)
        pending = pending || view_.reported(id)->outputsPending > 0;
    const SinkMonitor::Settled sink = parts_.sink.settle(pending, now);
    if (sink.ask) effects.send("sink", SinkAsk{});
    return sink.settled && !pending;
}

void EndCore::watch(Nanos ran, const std::vector<NodePulse>& pulses, Effects& effects)
{
    DrainWatch::Sight sight;
    for (const auto& [id, owner] : view_.assignment.shards) {
        const NodeShardReport* entry = view_.reported(id);
        const CheckpointInfo* newest = view_.checkpoints.newest(id);
        sight.epochs += owner.epoch.value;
        if (newest != nullptr) sight.done += newest->n;
        const bool unapplied = entry == nullptr || entry->applied < view_.edge.of(id).lastN;
        sight.busy = sight.busy || (unapplied && pulses.at(owner.node.value).behind);
        if (entry == nullptr) continue;
        sight.done += entry->applied;
        sight.outputsPending += entry->outputsPending;
    }
    if (!drain_.isStuck(sight, ran)) return;
    effects.fail(
        {Errc::kTimeout, "stop: nothing got any further for "
                             + std::to_string(drain_.still() / Nanos{1s}) + " s: " + notSaved()
                             + ": nothing is lost: remove the cause and start again with the same "
                               "arguments, then the rest is replayed"});
}

std::string EndCore::notSaved() const
{
    std::size_t behind = 0;
    std::size_t unsaved = 0;
    std::uint64_t outputs = 0;
    for (const auto& [id, owner] : view_.assignment.shards) {
        const NodeShardReport* entry = view_.reported(id);
        const CheckpointInfo* newest = view_.checkpoints.newest(id);
        const FrameNo wanted = view_.edge.of(id).lastN;
        if (entry == nullptr || entry->applied < wanted) ++behind;
        if (wanted > 0 && (newest == nullptr || newest->n < wanted)) ++unsaved;
        outputs += entry == nullptr ? 0 : entry->outputsPending;
    }
    std::string text = std::to_string(behind) + " shards are not applied to their end, "
                       + std::to_string(unsaved) + " have no checkpoint of it";
    if (outputs > 0) text += ", " + std::to_string(outputs) + " outputs are not confirmed";
    for (const std::string& problem : {view_.edge.report().source.problem,
                                       parts_.checkpoints.problem(), parts_.sink.problem()}) {
        if (!problem.empty()) text += ", because " + problem;
    }
    return text;
}

}  // namespace foreshard
