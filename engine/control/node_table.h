#pragma once
// NodeTable is what control knows of every node: its newest report, whether it lives, and why the
// life before ended. It decides when a node has said nothing for too long. Pure: time and pulses
// arrive with each call.
#include "engine/base/time.h"
#include "engine/control/silence.h"
#include "engine/model/assignment.h"
#include "engine/model/message.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foreshard {

class NodeTable {
public:
    struct Node {
        NodeState state = NodeState::kStarting;
        NodeReport report;
        Instant lastHeard;
        Silence silence;
        // The incarnation whose shards have their epochs already. The first one's are in the entry
        // of the start; when a later one is heard first, the first may have run all the same.
        std::uint32_t handled = 1;
        std::string downCause;  // why the next incarnation will start
        Instant downSince;
        bool restarting = false;
    };
    // A node lives again: why its life before ended, and when.
    struct Return {
        NodeId node;
        std::string cause;
        Instant downSince;
    };

    NodeTable(std::uint32_t nodes, Nanos patience);

    // A later control than the first of an engine finds nodes in this incarnation; the epochs of
    // its start are theirs already.
    void find(NodeId node, std::uint32_t incarnation);
    // False for a report that comes late, from a dead incarnation: nothing of it is taken.
    bool heard(const NodeReport& report, Instant now);
    // Once per incarnation: it lives in the place of another one, whose shards it must get anew.
    // REQUIRES: heard(report) was true.
    std::optional<Return> takeReturn(const NodeReport& report, Instant now);
    // `newest`: the incarnation that was started last.
    void noteUp(const NodeReport& report, std::uint32_t newest);
    // Those that have been silent for too long by now; each is down from here on and is to be
    // started again. `ran`: for how long of the time since the last call control itself ran.
    std::vector<NodeId> tick(Instant now, Nanos ran, const std::vector<NodePulse>& pulses);
    void noteKilled(NodeId node, Instant now);

    const Node& of(NodeId node) const { return nodes_.at(node); }
    const std::map<NodeId, Node>& all() const { return nodes_; }
    bool has(NodeId node) const { return nodes_.contains(node); }
    // What the shard's owner last said of it in the epoch in force; null when it said nothing yet.
    const NodeShardReport* reported(const AssignmentState& assignment, ShardId shard) const;

private:
    void noteDown(Node& node, const std::string& cause, Instant since);

    Nanos patience_;
    std::map<NodeId, Node> nodes_;  // every node, from the start on
};

}  // namespace foreshard
