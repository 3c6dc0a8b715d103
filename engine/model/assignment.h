#pragma once
// Which node owns which slots: the state that the control log keeps.
#include "engine/base/ids.h"
#include "engine/base/time.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace foreshard {

enum class RoutingMode : std::uint8_t {
    kKeyed = 0,
    kClass = 1
};

// Half-open range [first, last) of slots.
struct SlotRange {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    friend bool operator==(const SlotRange&, const SlotRange&) = default;
};

struct ShardAssignment {
    ShardId shard;
    std::vector<SlotRange> slots;
    NodeId node;
    BoxId box;
    Epoch epoch;
    std::uint32_t intervalOverrideMs = 0;  // 0: the policy decides
    friend bool operator==(const ShardAssignment&, const ShardAssignment&) = default;
};

enum class PolicyKind : std::uint8_t {
    kClasses = 0,
    kPromise = 1,
    kFixed = 2
};
// What an operator may ask for.
inline constexpr std::uint32_t kIntervalMsMin = 10;
inline constexpr std::uint32_t kIntervalMsMax = 600'000;
constexpr bool isInterval(std::uint32_t ms) { return ms >= kIntervalMsMin && ms <= kIntervalMsMax; }

struct IntervalPolicySetting {
    PolicyKind kind = PolicyKind::kClasses;
    std::uint32_t fixedMs = 500;  // for kFixed
    friend bool operator==(const IntervalPolicySetting&, const IntervalPolicySetting&) = default;
};

struct AssignmentState {
    LogIndex version = 0;  // index of the last applied entry
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    std::uint32_t nodes = 0;
    std::map<ShardId, ShardAssignment> shards;
};

// One change of the shard map, an entry of the control log. `kind` says which members count.
enum class AssignmentEntryKind : std::uint8_t {
    kBootstrap = 0,    // the whole first state: routing, policy, nodes, shards
    kAssign = 1,       // shards: new owner, box and epoch of each one listed (same slots)
    kInterval = 2,     // shards: new intervalOverrideMs of each one listed
    kPolicy = 3,       // policy
    kMoveStarted = 4,  // audit of a plan: shard(s) and target; changes no owner
    kMoveFinished = 5,
};

struct AssignmentEntry {
    LogIndex index = 0;
    std::uint64_t term = 1;
    AssignmentEntryKind kind = AssignmentEntryKind::kAssign;
    RoutingMode routing = RoutingMode::kKeyed;
    IntervalPolicySetting policy;
    std::uint32_t nodes = 0;
    std::vector<ShardAssignment> shards;
    PlanId plan;
    std::string actor;   // who asked: "operator", "recovery", "start"
    std::string reason;  // one sentence
    WallMillis wallMs = 0;
};

}  // namespace foreshard
