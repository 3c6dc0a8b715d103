#pragma once
// Ids are types, so that a node can never be passed where a shard is wanted.
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace foreshard {

template <class Tag, class Rep>
struct Id {
    Rep value = 0;
    friend constexpr auto operator<=>(Id, Id) = default;
    friend constexpr bool operator==(Id, Id) = default;
};

using ShardId = Id<struct ShardTag, std::uint32_t>;
using NodeId = Id<struct NodeTag, std::uint32_t>;
using BoxId = Id<struct BoxTag, std::uint32_t>;
using PlanId = Id<struct PlanTag, std::uint64_t>;
using CheckpointId = Id<struct CheckpointTag, std::uint64_t>;
// Number of a shard's ownership; grows with every change of owner and fences the old one.
using Epoch = Id<struct EpochTag, std::uint64_t>;

// As people read them: "shard 17".
inline std::string nameOf(ShardId id) { return "shard " + std::to_string(id.value); }
inline std::string nameOf(NodeId id) { return "node " + std::to_string(id.value); }
inline std::string nameOf(BoxId id) { return "box " + std::to_string(id.value); }

// Position of a record in the stream: 0, 1, 2... without gaps.
using Offset = std::uint64_t;
// Position of a frame in its shard: 1, 2, 3... without gaps; 0 means "none yet".
using FrameNo = std::uint64_t;
// Position of a commit in the assignment log: 1, 2, 3...; 0 means "empty".
using LogIndex = std::uint64_t;

inline constexpr std::uint32_t kSlotCount = 4096;

}  // namespace foreshard

template <class Tag, class Rep>
struct std::hash<foreshard::Id<Tag, Rep>> {
    std::size_t operator()(foreshard::Id<Tag, Rep> id) const noexcept
    {
        return std::hash<Rep>{}(id.value);
    }
};
