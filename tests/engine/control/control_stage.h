#pragma once
// What the parts of control look at, as plain values that a test sets, and ways to read effects.
#include "engine/control/control_view.h"
#include "engine/control/effects.h"
#include "engine/control/log/assignment_core.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace foreshard::test {

inline constexpr Instant kNow{10'000'000'000};
inline constexpr ShardId kShard{0};
inline constexpr NodeId kNode{0};
inline constexpr NodeId kOther{1};

// Two nodes, shards in turn on them, epoch 1, nothing under way.
struct ControlStage {
    explicit ControlStage(std::uint32_t shards = 2)
    {
        AssignmentEntry entry = makeBootstrap(2, shards, RoutingMode::kKeyed, {});
        entry.index = 1;
        applyEntry(assignment, entry);
    }
    ControlStage(const ControlStage&) = delete;
    ControlStage& operator=(const ControlStage&) = delete;

    Epoch epochOf(ShardId shard) const { return assignment.shards.at(shard).epoch; }
    void setOwner(ShardId shard, NodeId node, Epoch epoch)
    {
        assignment.shards.at(shard).node = node;
        assignment.shards.at(shard).epoch = epoch;
        ++assignment.version;
    }
    CheckpointInfo infoOf(ShardId shard, FrameNo n, std::uint64_t id) const
    {
        CheckpointInfo info;
        info.shard = shard;
        info.id = CheckpointId{id};
        info.epoch = epochOf(shard);
        info.node = assignment.shards.at(shard).node;
        info.n = n;
        info.offset = n * 10;
        info.file = "checkpoint/" + std::to_string(info.node.value) + "/000000000001.seg";
        info.position = id * 100;
        info.bytes = 100;
        info.recordsApplied = n * 10;
        return info;
    }
    CheckpointInfo list(ShardId shard, FrameNo n, std::uint64_t id,
                        CheckpointState state = CheckpointState::kListed)
    {
        CheckpointInfo info = infoOf(shard, n, id);
        info.state = state;
        FS_CHECK(checkpoints.add(info));
        return info;
    }
    // The owner reports the shard as live, with everything up to n applied.
    NodeReport report(NodeId node, FrameNo applied, ShardState state = ShardState::kLive) const
    {
        NodeReport report;
        report.node = node;
        report.incarnation = 1;
        for (const auto& [id, owner] : assignment.shards) {
            if (owner.node != node) continue;
            NodeShardReport entry;
            entry.shard = id;
            entry.epoch = owner.epoch;
            entry.state = state;
            entry.applied = applied;
            report.shards.push_back(entry);
        }
        return report;
    }
    void heardLive(FrameNo applied)
    {
        for (const NodeId node : {kNode, kOther})
            FS_CHECK(nodes.heard(report(node, applied), kNow));
    }
    // The edge has frames up to n of every shard.
    void heardEdge(FrameNo n, bool drained = false)
    {
        EdgeReport report;
        report.tick = edge.report().tick + 1;
        report.drained = drained;
        report.source.end = drained;
        for (const auto& [id, owner] : assignment.shards) {
            EdgeShardReport entry;
            entry.tick.shard = id;
            entry.lastN = n;
            entry.bufferedRecords = 7;
            report.shards.push_back(entry);
        }
        Effects news;
        FS_CHECK(edge.heard(report, news));
    }

    ControlState known;
    AssignmentState& assignment = known.assignment;
    ManifestCore& checkpoints = known.checkpoints;
    DeadLetterCore& letters = known.letters;
    std::map<ShardId, std::uint64_t>& fences = known.fences;
    SuspectCore suspects;
    PendingAppends pending;
    std::set<ShardId> settingBack;
    NodeTable nodes{2, std::chrono::seconds(1)};
    EdgeTable edge;
    ControlView view{known, suspects, pending, settingBack, nodes, edge};
};

// The messages of one kind, in their order; all of them, or those to one peer.
template <class T>
std::vector<T> sent(const Effects& effects, const std::string& to = {})
{
    std::vector<T> messages;
    for (const Effect& effect : effects.list()) {
        const auto* send = std::get_if<Send>(&effect);
        if (send == nullptr || (!to.empty() && send->to != to)) continue;
        if (const auto* message = std::get_if<T>(&send->message)) messages.push_back(*message);
    }
    return messages;
}

template <class T>
std::vector<T> all(const Effects& effects)
{
    std::vector<T> found;
    for (const Effect& effect : effects.list()) {
        if (const auto* one = std::get_if<T>(&effect)) found.push_back(*one);
    }
    return found;
}

inline bool says(const Effects& effects, const std::string& text)
{
    for (const Say& event : all<Say>(effects)) {
        if (event.text.find(text) != std::string::npos) return true;
    }
    return false;
}

inline bool fails(const Effects& effects) { return !all<Fail>(effects).empty(); }

}  // namespace foreshard::test
