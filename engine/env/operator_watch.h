#pragma once
// How an operator is seen from outside: its node writes down which record it is about to give to
// it, so that whoever finds the process dead, or the node standing still, knows which record it
// was. In env/real a slot lies in a file that outlives the process; in the simulation in memory.
#include <atomic>
#include <cstdint>
#include <functional>

namespace foreshard {

// One per node. The node's strand writes it; the watch and a signal handler read it and set `mark`.
struct WitnessSlot {
    static constexpr std::uint32_t kHung = 1000;  // a mark; others are signal numbers

    std::atomic<std::uint64_t> begun{0};   // records given to the operator so far: grows
    std::atomic<std::uint32_t> inside{0};  // 1: the operator has the record below
    std::atomic<std::uint32_t> mark{0};    // 0, or how the operator ended the process
    std::atomic<std::uint32_t> shard{0};
    std::atomic<std::uint32_t> index{0};
    std::atomic<std::uint64_t> n{0};
    std::atomic<std::uint64_t> offset{0};
    std::atomic<std::uint64_t> life{0};  // of the process that set the mark
};

// What a node gets. The drills do not come back: they end the process, or stay for ever. In the
// simulation, where one thread runs all, they throw OperatorGone instead.
struct OperatorWatch {
    WitnessSlot* slot = nullptr;  // null: nobody watches
    std::function<void()> crash;  // empty: an operator drill throws instead
    std::function<void()> hang;   // empty: an operator drill throws instead
};

struct OperatorGone {};

}  // namespace foreshard
