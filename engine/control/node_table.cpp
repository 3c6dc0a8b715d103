#include "engine/control/node_table.h"

#include <algorithm>

namespace foreshard {

NodeTable::NodeTable(std::uint32_t nodes, Nanos patience) : patience_(patience)
{
    for (std::uint32_t i = 0; i < nodes; ++i)
        nodes_[NodeId{i}];
}

void NodeTable::find(NodeId node, std::uint32_t incarnation)
{
    nodes_.at(node).handled = std::max(nodes_.at(node).handled, incarnation);
}

bool NodeTable::heard(const NodeReport& report, Instant now)
{
    Node& node = nodes_.at(report.node);
    if (report.incarnation < node.report.incarnation) return false;
    node.report = report;
    node.lastHeard = now;
    node.silence.end();
    return true;
}

std::optional<NodeTable::Return> NodeTable::takeReturn(const NodeReport& report, Instant now)
{
    Node& node = nodes_.at(report.node);
    if (report.incarnation == node.handled) return std::nullopt;
    node.handled = report.incarnation;
    Return back{report.node, node.downCause, node.downSince};
    if (back.cause.empty()) {  // nobody saw it go
        back.cause = "node silent";
        back.downSince = now;
    }
    node.downCause.clear();
    return back;
}

void NodeTable::noteUp(const NodeReport& report, std::uint32_t newest)
{
    // A report of the life before may come late.
    if (report.incarnation != newest) return;
    Node& node = nodes_.at(report.node);
    node.state = NodeState::kUp;
    node.restarting = false;
}

std::vector<NodeId> NodeTable::tick(Instant now, Nanos ran, const std::vector<NodePulse>& pulses)
{
    std::vector<NodeId> silent;
    for (auto& [id, node] : nodes_) {
        if (node.lastHeard.nanos == 0) node.lastHeard = now;
        node.silence.tick(ran, pulses.at(id.value));
        // A restart that did not come up is tried again.
        if (node.silence.span() < (node.restarting ? 4 : 1) * patience_) continue;
        noteDown(node, "node silent", now - node.silence.span());
        silent.push_back(id);
    }
    return silent;
}

void NodeTable::noteKilled(NodeId node, Instant now)
{
    noteDown(nodes_.at(node), "node killed", now);
}

void NodeTable::noteDown(Node& node, const std::string& cause, Instant since)
{
    node.state = NodeState::kDead;
    node.restarting = true;
    node.downCause = cause;
    node.downSince = since;
    node.silence.end();  // counts anew for the next incarnation
}

const NodeShardReport* NodeTable::reported(const AssignmentState& assignment, ShardId shard) const
{
    const auto owner = assignment.shards.find(shard);
    if (owner == assignment.shards.end()) return nullptr;
    const auto node = nodes_.find(owner->second.node);
    if (node == nodes_.end()) return nullptr;
    for (const NodeShardReport& entry : node->second.report.shards) {
        if (entry.shard == shard && entry.epoch == owner->second.epoch) return &entry;
    }
    return nullptr;
}

}  // namespace foreshard
